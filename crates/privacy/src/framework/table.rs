//! The table of legal frameworks.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

use super::{Term, defaults};

/// The id of a legal framework: lower-case letters, digits and `_`, at most 40.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FrameworkId(String);

impl FrameworkId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn known(id: &'static str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for FrameworkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for FrameworkId {
    type Err = FrameworksError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if text.is_empty() || text.len() > 40 || !text.chars().all(allowed) {
            return Err(FrameworksError::BadId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for FrameworkId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A law, as far as it sets deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its id on the wire.
    pub id: FrameworkId,
    /// Other ids that mean the same, for instance `ccpa` for `cpra`.
    #[serde(default)]
    pub aliases: Vec<FrameworkId>,
    /// Its name, for people.
    pub name: String,
    /// The countries (ISO 3166-1) and states (ISO 3166-2) whose people it protects, for instance `DE`, `US-CA`.
    #[serde(default)]
    pub places: Vec<String>,
    /// How long it gives from the receipt of a request.
    pub term: Term,
    /// How much longer it gives once, if the subject is told why.
    #[serde(default)]
    pub extension: Option<Term>,
}

/// The legal frameworks a company works under. `Frameworks::default()` is where the table starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Framework>", into = "Vec<Framework>")]
pub struct Frameworks(Vec<Framework>);

/// A table that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameworksError {
    /// The id is written wrongly.
    #[error("the id of a legal framework must consist of lower-case letters, digits and _")]
    BadId,
    /// Two frameworks would answer to one id.
    #[error("the legal framework {0} occurs twice")]
    Twice(FrameworkId),
    /// A term of no time.
    #[error("the legal framework {0} has an empty term")]
    EmptyTerm(FrameworkId),
    /// A name of no letters.
    #[error("the legal framework {0} has no name")]
    NoName(FrameworkId),
    /// Not one framework.
    #[error("there must be at least one legal framework")]
    Empty,
}

impl Default for Frameworks {
    fn default() -> Self {
        Self(defaults::frameworks())
    }
}

impl Frameworks {
    /// A table of one's own, checked.
    pub fn new(frameworks: Vec<Framework>) -> Result<Self, FrameworksError> {
        if frameworks.is_empty() {
            return Err(FrameworksError::Empty);
        }
        let mut seen = std::collections::BTreeSet::new();
        for framework in &frameworks {
            for id in std::iter::once(&framework.id).chain(&framework.aliases) {
                if !seen.insert(id) {
                    return Err(FrameworksError::Twice(id.clone()));
                }
            }
            if framework.term.is_zero() || framework.extension.is_some_and(Term::is_zero) {
                return Err(FrameworksError::EmptyTerm(framework.id.clone()));
            }
            if framework.name.trim().is_empty() {
                return Err(FrameworksError::NoName(framework.id.clone()));
            }
        }
        Ok(Self(frameworks))
    }

    /// The framework of that id or alias.
    pub fn get(&self, id: &str) -> Option<&Framework> {
        self.0
            .iter()
            .find(|framework| framework.id.as_str() == id || framework.aliases.iter().any(|alias| alias.as_str() == id))
    }

    /// The framework that protects people of a place: of a state (`US-CA`) where there is one for it, else of its
    /// country. The first in the table wins.
    pub fn of_place(&self, place: &str) -> Option<&Framework> {
        let covering = |place: &str| {
            self.0.iter().find(|framework| {
                framework
                    .places
                    .iter()
                    .any(|covered| covered.eq_ignore_ascii_case(place))
            })
        };
        covering(place).or_else(|| covering(place.split_once('-')?.0))
    }

    /// All of them, in the order of the table.
    pub fn iter(&self) -> std::slice::Iter<'_, Framework> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Frameworks {
    type Item = &'a Framework;
    type IntoIter = std::slice::Iter<'a, Framework>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<Framework>> for Frameworks {
    type Error = FrameworksError;

    fn try_from(frameworks: Vec<Framework>) -> Result<Self, Self::Error> {
        Self::new(frameworks)
    }
}

impl From<Frameworks> for Vec<Framework> {
    fn from(frameworks: Frameworks) -> Self {
        frameworks.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_table_is_a_good_one() {
        let frameworks = Frameworks::default();
        assert_eq!(Frameworks::new(frameworks.clone().into()), Ok(frameworks.clone()));
        for framework in &frameworks {
            assert_eq!(framework.id.as_str().parse(), Ok(framework.id.clone()));
        }
        let json = serde_json::to_string(&frameworks).unwrap();
        assert_eq!(serde_json::from_str::<Frameworks>(&json).unwrap(), frameworks);
    }

    #[test]
    fn frameworks_are_found_by_id_alias_and_place() {
        let frameworks = Frameworks::default();
        let id = |framework: Option<&Framework>| framework.map(|framework| framework.id.to_string());
        assert_eq!(id(frameworks.get("ccpa")).as_deref(), Some("cpra"));
        assert_eq!(frameworks.get("GDPR"), None);
        for (place, expected) in [
            ("DE", Some("gdpr")),
            ("de", Some("gdpr")),
            ("DE-BY", Some("gdpr")),
            ("GB", Some("uk_gdpr")),
            ("US-CA", Some("cpra")),
            ("US-TX", Some("tdpsa")),
            ("US-WY", None),
            ("BR", Some("lgpd")),
            ("CA", Some("pipeda")),
            ("CA-QC", Some("law_25")),
            ("", None),
        ] {
            assert_eq!(id(frameworks.of_place(place)).as_deref(), expected, "{place}");
        }
    }

    #[test]
    fn a_table_that_can_not_be_used_is_refused() {
        let one = |id: &'static str, term| Framework {
            id: FrameworkId::known(id),
            aliases: Vec::new(),
            name: "A law".into(),
            places: Vec::new(),
            term,
            extension: None,
        };
        let id = FrameworkId::known;
        assert_eq!(Frameworks::new(Vec::new()), Err(FrameworksError::Empty));
        assert_eq!(
            Frameworks::new(vec![
                one("a", Term::Days(1)),
                Framework {
                    aliases: vec![id("a")],
                    ..one("b", Term::Days(1))
                }
            ]),
            Err(FrameworksError::Twice(id("a")))
        );
        assert_eq!(
            Frameworks::new(vec![one("a", Term::Months(0))]),
            Err(FrameworksError::EmptyTerm(id("a")))
        );
        assert_eq!(
            Frameworks::new(vec![Framework {
                name: " ".into(),
                ..one("a", Term::Days(1))
            }]),
            Err(FrameworksError::NoName(id("a")))
        );
        assert!(serde_json::from_str::<Frameworks>(r#"[{"id":"A B","name":"x","term":"1 day"}]"#).is_err());
    }
}
