//! What each section says.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use privacy::{
    Actor, Right,
    framework::{Framework, FrameworkId, Frameworks},
};
use rightful_http::{pages::Accent, settings::HumanDuration};
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, Settings};

/// The laws, with their deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalFrameworks {
    /// The law of a request that names none.
    pub usual: FrameworkId,
    /// All of them.
    pub frameworks: Frameworks,
}

/// What is done without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Automation {
    /// Requests that start without triage, unless they may be duplicates.
    pub start: Vec<Right>,
    /// Requests that are approved without review, unless approvals ask for more than one person.
    pub approve: Vec<Right>,
    /// How long after an earlier request of the same subject another one may be a duplicate, also when the earlier one
    /// is closed.
    pub duplicate_window: HumanDuration,
    /// How long a deletion waits after its approval, so that it can be cancelled.
    pub grace: HumanDuration,
}

/// How long what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// How long a closed request keeps its personal data.
    pub requests: HumanDuration,
    /// How long after its end a request keeps what was found.
    pub dossiers: HumanDuration,
}

/// How we look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// The name that pages and letters show.
    pub name: String,
    /// The colour of links and buttons, written `#rrggbb`; none: ours.
    pub colour: Option<String>,
}

/// Who must approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// How many people must approve an access request.
    pub access: u8,
    /// How many people must approve a deletion.
    pub deletion: u8,
    /// Whoever made a request may not approve it.
    pub separate_approver: bool,
    /// Of requests in which a connection takes part, one of these must be among those who approve: `person:ID`.
    pub connections: BTreeMap<ConnectionId, Vec<Actor>>,
}

impl Default for LegalFrameworks {
    fn default() -> Self {
        let frameworks = Frameworks::default();
        let usual = frameworks.get("gdpr").or_else(|| frameworks.iter().next());
        Self {
            usual: usual.map_or_else(none, |framework| framework.id.clone()),
            frameworks,
        }
    }
}

/// Never: the table that we begin with has laws in it.
#[expect(clippy::expect_used, reason = "a constant")]
fn none() -> FrameworkId {
    "none".parse().expect("an id")
}

impl LegalFrameworks {
    /// The law that is meant: the usual one if none is named.
    pub fn get(&self, id: Option<&str>) -> Option<&Framework> {
        self.frameworks.get(id.unwrap_or(self.usual.as_str()))
    }

    /// What people call a law; its id where it is not in the table any more.
    pub fn name(&self, id: &str) -> String {
        let known = self.frameworks.get(id);
        known.map_or_else(|| id.to_owned(), |framework| framework.name.clone())
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let usual = self.frameworks.get(self.usual.as_str());
        usual.map(|_| ()).ok_or_else(|| "usual: is not in the table".to_owned())
    }
}

impl Automation {
    pub(super) fn defaults(settings: &Settings) -> Self {
        Self {
            start: Vec::new(),
            approve: Vec::new(),
            duplicate_window: Duration::from_hours(24 * 30).into(),
            grace: settings.grace,
        }
    }

    /// Whether requests of this kind start without triage.
    pub fn starts(&self, right: Right) -> bool {
        self.start.contains(&right)
    }

    /// Whether requests of this kind are approved without review.
    pub fn approves(&self, right: Right) -> bool {
        self.approve.contains(&right)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        not_forever("duplicate_window", self.duplicate_window)?;
        not_forever("grace", self.grace)
    }
}

impl Retention {
    pub(super) fn defaults(settings: &Settings) -> Self {
        Self {
            requests: settings.retention,
            dossiers: settings.download_ttl,
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        not_forever("requests", self.requests)?;
        not_forever("dossiers", self.dossiers)?;
        if self.dossiers > self.requests {
            return Err("dossiers: must not be kept longer than their requests".to_owned());
        }
        Ok(())
    }
}

impl Brand {
    pub(super) fn defaults(settings: &Settings) -> Self {
        Self {
            name: settings.brand.clone(),
            colour: None,
        }
    }

    /// The colour, where there is one.
    pub fn accent(&self) -> Option<Accent> {
        self.colour.as_deref()?.parse().ok()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let name = self.name.trim();
        if name.is_empty() || name != self.name || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err("name: must have 1 to 60 printable characters".to_owned());
        }
        match self.colour.as_deref().map(str::parse::<Accent>) {
            Some(Err(error)) => Err(format!("colour: {error}")),
            _ => Ok(()),
        }
    }
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            access: 1,
            deletion: 1,
            separate_approver: false,
            connections: BTreeMap::new(),
        }
    }
}

impl Approvals {
    /// How many people must approve a request of this kind.
    pub const fn of(&self, right: Right) -> u8 {
        match right {
            Right::Access => self.access,
            Right::Deletion => self.deletion,
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        for (field, people) in [("access", self.access), ("deletion", self.deletion)] {
            if !(1..=5).contains(&people) {
                return Err(format!("{field}: must be 1 to 5"));
            }
        }
        let people = |actor: &Actor| matches!(actor, Actor::Person(_));
        for approvers in self.connections.values() {
            if approvers.is_empty() || !approvers.iter().all(people) {
                return Err("connections: each needs at least one person, written person:ID".to_owned());
            }
        }
        Ok(())
    }
}

/// A length of time must lead to a time that can be written.
fn not_forever(field: &str, wait: HumanDuration) -> Result<(), String> {
    let from = Timestamp::UNIX_EPOCH;
    let most = Duration::from_hours(24 * 366 * 100);
    if wait.duration() > most || from.checked_add(wait.signed()).is_err() {
        return Err(format!("{field}: must be 100 years at most"));
    }
    Ok(())
}
