//! Who does something, for the audit log.

use std::net::IpAddr;

use oauth::ClientId;
use store::NewEvent;

use crate::UserId;

/// Who does something, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    who: Who,
    origin: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    CommandLine,
    System,
    Nobody,
    User(UserId),
    Client(ClientId),
}

impl Actor {
    /// Somebody at the command line, who has the database anyway.
    pub const COMMAND_LINE: Self = Self {
        who: Who::CommandLine,
        origin: None,
    };
    /// The service itself.
    pub const SYSTEM: Self = Self {
        who: Who::System,
        origin: None,
    };

    /// A user who has logged in, or whose credential acts.
    pub const fn user(user: UserId, origin: Option<IpAddr>) -> Self {
        Self {
            who: Who::User(user),
            origin,
        }
    }

    /// An application that has authenticated.
    pub const fn client(client: ClientId, origin: Option<IpAddr>) -> Self {
        Self {
            who: Who::Client(client),
            origin,
        }
    }

    /// Somebody who has not proven who it is.
    pub const fn nobody(origin: Option<IpAddr>) -> Self {
        Self {
            who: Who::Nobody,
            origin,
        }
    }

    /// An event of this actor, for [`store::Tx::audit`].
    pub fn did(self, action: &str, object: String, detail: serde_json::Value) -> NewEvent {
        let actor = match self.who {
            Who::CommandLine => "cli".to_owned(),
            Who::System => "system".to_owned(),
            Who::Nobody => "nobody".to_owned(),
            Who::User(user) => format!("user:{user}"),
            Who::Client(client) => format!("client:{client}"),
        };
        NewEvent {
            actor,
            origin: self.origin.map(|address| address.to_string()),
            action: action.to_owned(),
            object,
            detail,
        }
    }
}
