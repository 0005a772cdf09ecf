//! Whose approval a request needs, who has given it and who has not.

use jiff::Timestamp;
use privacy::request::{Hearing, StageName, Standing};
use rightful_http::pages::parts::{Badge, Tone};

use super::super::{Operator, connections::approvers::cannot};
use crate::{
    By, Permission,
    app::requests::{ApprovalsView, ConnectionApproval, GivenApproval, RequestView},
};

/// What the pages of a request say about it.
pub(super) struct Approvals {
    /// How many people it takes, where one is not enough.
    pub(super) people: Option<String>,
    pub(super) given: Vec<Given>,
    pub(super) asked: Vec<Asked>,
}

/// An approval.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) at: Timestamp,
}

/// A connection that names somebody.
pub(super) struct Asked {
    pub(super) connection: String,
    pub(super) state: Badge<'static>,
    pub(super) text: String,
    /// Where others are named, for whoever may and where it is needed.
    pub(super) replace: Option<String>,
}

impl Approvals {
    /// None where one person is enough and nobody has approved.
    pub(super) fn of(view: &RequestView, operator: &Operator) -> Option<Self> {
        let approvals = view.approvals.as_ref()?;
        let needed = usize::from(approvals.needed);
        let plain = needed < 2 && approvals.connections.is_empty() && approvals.given.is_empty();
        (!plain).then(|| Self {
            people: (needed > 1).then(|| format!("{} of {needed} people", approvals.given.len())),
            given: approvals.given.iter().map(given).collect(),
            asked: approvals
                .connections
                .iter()
                .map(|connection| asked(connection, approvals, operator))
                .collect(),
        })
    }
}

fn given(approval: &GivenApproval) -> Given {
    Given {
        name: approval.name.clone(),
        at: approval.at,
    }
}

fn asked(one: &ConnectionApproval, approvals: &ApprovalsView, operator: &Operator) -> Asked {
    let (tone, word, text) = match one.state {
        Hearing::Given => (Tone::Ok, "Approved", format!("by {}", heard(one, approvals))),
        Hearing::Awaited => (Tone::Info, "Waiting", format!("for {}", awaited(one, operator))),
        Hearing::NobodyCan => (Tone::Bad, "Nobody can", format!("{}.", unable(one))),
    };
    let may_replace = one.state == Hearing::NobodyCan && operator.may(Permission::ManageSettings);
    Asked {
        connection: name(one),
        state: Badge::new(tone, word),
        text: if one.state == Hearing::NobodyCan && !may_replace {
            format!("{text} A super admin has to name others.")
        } else {
            text
        },
        replace: may_replace.then(|| format!("/connections/{}/approvers", one.connection_id)),
    }
}

fn name(one: &ConnectionApproval) -> String {
    one.connection
        .clone()
        .unwrap_or_else(|| "A removed connection".to_owned())
}

/// Those who are named and have approved.
fn heard(one: &ConnectionApproval, approvals: &ApprovalsView) -> String {
    let has = |id| {
        let actor = By::operator(id, None).actor.to_string();
        approvals.given.iter().any(|given| given.by == actor)
    };
    let names = one.approvers.iter().filter(|approver| has(approver.id));
    names
        .map(|approver| approver.name.as_str())
        .collect::<Vec<_>>()
        .join(" and ")
}

/// Those who are named and could approve; whoever looks is called "you".
fn awaited(one: &ConnectionApproval, operator: &Operator) -> String {
    let names = one.approvers.iter().filter_map(|approver| match approver.standing {
        Standing::MayApprove if approver.id == operator.id => Some("you".to_owned()),
        Standing::MayApprove => Some(approver.name.clone()),
        Standing::Invited => Some(format!("{} (invited, not there yet)", approver.name)),
        Standing::MadeTheRequest | Standing::OtherRole | Standing::Deactivated => None,
    });
    names.collect::<Vec<_>>().join(" or ")
}

fn unable(one: &ConnectionApproval) -> String {
    let reason = |standing| cannot(standing).unwrap_or_default();
    let names = one.approvers.iter();
    let names = names.map(|approver| format!("{} {}", approver.name, reason(approver.standing)));
    names.collect::<Vec<_>>().join(", ")
}

/// Whose approval a request in review waits for, in a few words; none where it is anybody's.
pub(super) fn waits_for(view: &RequestView) -> Option<String> {
    let approvals = view
        .approvals
        .as_ref()
        .filter(|_| view.state == StageName::PendingReview)?;
    let unheard: Vec<String> = approvals.unheard().map(name).collect();
    (!unheard.is_empty()).then(|| format!("the approval for {}", unheard.join(" and ")))
}

/// What whoever has just approved is told, where more is needed.
pub(super) fn still_missing(view: &RequestView) -> Option<String> {
    let approvals = view
        .approvals
        .as_ref()
        .filter(|_| view.state == StageName::PendingReview)?;
    let unheard: Vec<String> = approvals.unheard().map(name).collect();
    let people = match (approvals.missing, unheard.is_empty()) {
        (0, _) | (1, false) => None,
        (1, true) => Some("one more person".to_owned()),
        (more, _) => Some(format!("{more} more people")),
    };
    let connections = (!unheard.is_empty()).then(|| format!("whoever must approve for {}", unheard.join(" and ")));
    let missing: Vec<String> = people.into_iter().chain(connections).collect();
    Some(format!(
        "Your approval is recorded. Still missing: {}.",
        missing.join(", and ")
    ))
}
