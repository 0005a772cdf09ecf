//! How what is handed over differs from what was found.

use super::DossierView;

/// The most lines that are shown.
const MOST: usize = 40;

/// One thing that differs.
pub(super) struct Difference {
    pub(super) object: String,
    /// The field; none: the object as a whole.
    pub(super) field: Option<String>,
    pub(super) what: &'static str,
    /// A rule of the connection did it, not somebody in this review.
    pub(super) by_policy: bool,
}

/// All of it.
#[derive(Default)]
pub(super) struct Differences {
    pub(super) lines: Vec<Difference>,
    pub(super) more: usize,
    /// Choices that were made and count: also those about single records, which have no line.
    pub(super) choices: usize,
}

impl Differences {
    pub(super) fn of(dossier: &DossierView) -> Self {
        let mut lines = Vec::new();
        for object in &dossier.objects {
            if !object.included {
                lines.push(Difference {
                    object: object.name.clone(),
                    field: None,
                    what: "left out as a whole",
                    by_policy: object.by_policy,
                });
                continue;
            }
            for field in &object.fields {
                let what = match (field.included, field.redacted, field.edited) {
                    (false, ..) => "left out",
                    (true, true, _) => "value hidden",
                    (true, false, true) => "other value",
                    (true, false, false) => continue,
                };
                lines.push(Difference {
                    object: object.name.clone(),
                    field: Some(field.path.clone()),
                    what,
                    by_policy: field.by_policy,
                });
            }
        }
        let more = lines.len().saturating_sub(MOST);
        lines.truncate(MOST);
        Self {
            lines,
            more,
            choices: dossier.changes,
        }
    }

    /// Whether there is anything to tell.
    pub(super) fn is_some(&self) -> bool {
        !self.lines.is_empty() || self.choices > 0
    }
}
