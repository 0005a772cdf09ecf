//! What was found.

use serde_json::json;

use crate::{Failure, output::Output};

/// All findings, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    name: &'static str,
    grade: Grade,
    detail: String,
    hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Fine,
    Note,
    Failed,
}

impl Grade {
    const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Note => "note",
            Self::Failed => "failed",
        }
    }
}

impl Findings {
    pub(super) fn ok(&mut self, name: &'static str, detail: &str) {
        self.push(name, Grade::Fine, detail.to_owned(), None);
    }

    /// Not wrong, but worth knowing.
    pub(super) fn note(&mut self, name: &'static str, detail: &str, hint: &str) {
        self.push(name, Grade::Note, detail.to_owned(), Some(hint.to_owned()));
    }

    /// Wrong, and how to mend it.
    pub(super) fn bad(&mut self, name: &'static str, detail: &str, hint: &str) {
        self.push(name, Grade::Failed, detail.to_owned(), Some(hint.to_owned()));
    }

    /// Wrong, in the words of an error.
    pub(super) fn failed(&mut self, name: &'static str, error: &anyhow::Error) {
        let (detail, hint) = super::words(error);
        self.push(name, Grade::Failed, detail, hint);
    }

    fn push(&mut self, name: &'static str, grade: Grade, detail: String, hint: Option<String>) {
        self.0.push(Finding {
            name,
            grade,
            detail,
            hint,
        });
    }

    /// Says everything; fails where one of them is a failure.
    pub(crate) fn report(&self, output: Output) -> anyhow::Result<()> {
        let failed = self.0.iter().filter(|finding| finding.grade == Grade::Failed).count();
        let checks: Vec<_> = self
            .0
            .iter()
            .map(|finding| {
                json!({
                    "name": finding.name,
                    "status": finding.grade.word(),
                    "detail": finding.detail,
                    "hint": finding.hint,
                })
            })
            .collect();
        output.answer(&json!({"ok": failed == 0, "checks": checks}), || self.text())?;
        match failed {
            0 => Ok(()),
            1 => Err(Failure::new("one check failed").into()),
            _ => Err(Failure::new(format!("{failed} checks failed")).into()),
        }
    }

    fn text(&self) -> String {
        let lines = self.0.iter().map(|finding| {
            let mut line = format!("{:6}  {}: {}", finding.grade.word(), finding.name, finding.detail);
            if let Some(hint) = &finding.hint {
                line += "\n        hint: ";
                line += hint;
            }
            line
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
