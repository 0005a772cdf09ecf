//! On whose behalf something is done.

use privacy::{
    Actor,
    audit::{Detail, Entry, Event, Fact},
};
use store::NewEvent;

use crate::{ApiKeyId, OperatorId};

/// Who does something, and from which address: what every audit event says.
#[derive(Debug, Clone)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From which address, where there is one.
    pub origin: Option<String>,
}

impl By {
    /// Somebody with a shell on the machine.
    pub const fn command_line() -> Self {
        Self {
            actor: Actor::CommandLine,
            origin: None,
        }
    }

    /// A rule, a timer, the program itself.
    pub const fn automation() -> Self {
        Self {
            actor: Actor::Automation,
            origin: None,
        }
    }

    /// The data subject.
    pub const fn subject(origin: Option<String>) -> Self {
        Self {
            actor: Actor::Subject,
            origin,
        }
    }

    /// Somebody who answers for a system.
    pub const fn processor(origin: Option<String>) -> Self {
        Self {
            actor: Actor::Processor,
            origin,
        }
    }

    /// An operator.
    pub fn operator(id: OperatorId, origin: Option<String>) -> Self {
        Self {
            actor: id.to_string().parse().map_or(Actor::Automation, Actor::Person),
            origin,
        }
    }

    /// A program.
    pub fn api_key(id: ApiKeyId, origin: Option<String>) -> Self {
        Self {
            actor: id.to_string().parse().map_or(Actor::Automation, Actor::ApiKey),
            origin,
        }
    }

    /// The audit event of what was done to `object`. A fact that this kind of event does not carry is left out.
    pub(crate) fn event(
        &self,
        event: Event,
        object: String,
        facts: impl IntoIterator<Item = (Detail, Fact)>,
    ) -> NewEvent {
        let carried = facts.into_iter().filter(|(detail, _)| event.carries(*detail));
        let detail = Entry::new(event, carried).map_or_else(|_| "{}".to_owned(), |entry| entry.details_json());
        NewEvent {
            actor: self.actor.to_string(),
            origin: self.origin.clone(),
            action: event.name().to_owned(),
            object,
            detail: serde_json::from_str(&detail).unwrap_or_default(),
        }
    }
}
