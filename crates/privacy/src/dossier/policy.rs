//! What is handed over as a rule, saved with a connection.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::FieldPattern;

words! {
    /// What a policy does with a field.
    pub enum PolicyAction("policy action") {
        /// Hand it over.
        Include = "include",
        /// Leave it out.
        Exclude = "exclude",
        /// Show that there is something, not what.
        Redact = "redact",
    }
}

/// What is handed over as a rule: a saved choice, which the people who review a request may overrule for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldPolicy {
    /// The rules; of those that fit a field, the last one counts.
    #[serde(default)]
    pub rules: Vec<PolicyRule>,
    /// What happens to fields that no rule fits.
    #[serde(default = "include")]
    pub otherwise: PolicyAction,
}

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// In objects of which name.
    #[serde(default)]
    pub object: ObjectPattern,
    /// Which fields; the whole object, with its files, if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldPattern>,
    /// What happens to them.
    pub action: PolicyAction,
}

const fn include() -> PolicyAction {
    PolicyAction::Include
}

impl Default for FieldPolicy {
    /// Everything is handed over.
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            otherwise: PolicyAction::Include,
        }
    }
}

/// Names of objects, in which `*` stands for any text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectPattern(String);

impl ObjectPattern {
    /// The pattern as it is written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is an object of that name meant?
    pub fn matches(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        // Taking each middle part at its first place leaves the most for the parts behind it.
        let rest = parts.try_fold(rest, |rest, part| rest.split_once(part).map(|(_, behind)| behind));
        rest.is_some_and(|rest| rest.ends_with(last))
    }
}

impl Default for ObjectPattern {
    /// Every object.
    fn default() -> Self {
        Self("*".to_owned())
    }
}

impl fmt::Debug for ObjectPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObjectPattern(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_objects_are_matched() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*", "profile", true),
            ("profile", "profile", true),
            ("profile", "profiles", false),
            ("prof*", "profile", true),
            ("*_events", "page_events", true),
            ("*_events", "page_events_2", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*a", "a", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(ObjectPattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_policy_is_read_as_it_is_saved() {
        let json = r#"{"rules":[{"object":"profile","field":"**.email","action":"redact"},{"object":"*","action":"exclude"}],"otherwise":"include"}"#;
        let policy: FieldPolicy = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&policy).unwrap(), json);
        assert_eq!(
            serde_json::from_str::<FieldPolicy>("{}").unwrap(),
            FieldPolicy::default()
        );
    }
}
