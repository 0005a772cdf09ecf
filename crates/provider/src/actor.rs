//! Who does something, for the audit log.

use std::net::IpAddr;

use oauth::ClientId;
use store::NewEvent;

use crate::{AccountId, TokenId, UserId};

/// Who does something, in which account, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    who: Who,
    account: Option<AccountId>,
    origin: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    CommandLine,
    System,
    Nobody,
    User(UserId),
    Client(ClientId),
    Service(TokenId),
}

impl Actor {
    /// Somebody at the command line, who has the database anyway.
    pub const COMMAND_LINE: Self = Self {
        who: Who::CommandLine,
        account: None,
        origin: None,
    };
    /// The service itself.
    pub const SYSTEM: Self = Self {
        who: Who::System,
        account: None,
        origin: None,
    };

    /// A user who has logged in, or whose credential acts.
    pub const fn user(user: UserId, origin: Option<IpAddr>) -> Self {
        Self {
            who: Who::User(user),
            account: None,
            origin,
        }
    }

    /// An application that has authenticated.
    pub const fn client(client: ClientId, origin: Option<IpAddr>) -> Self {
        Self {
            who: Who::Client(client),
            account: None,
            origin,
        }
    }

    /// Somebody who has not proven who it is.
    pub const fn nobody(origin: Option<IpAddr>) -> Self {
        Self {
            who: Who::Nobody,
            account: None,
            origin,
        }
    }

    /// An internal team, by its token.
    pub const fn service(token: TokenId, origin: Option<IpAddr>) -> Self {
        Self {
            who: Who::Service(token),
            account: None,
            origin,
        }
    }

    /// The same, acting in `account`: its events say so (SEC-44).
    #[must_use]
    pub const fn within(self, account: AccountId) -> Self {
        Self {
            account: Some(account),
            ..self
        }
    }

    /// An event of this actor, for [`store::Tx::audit`].
    pub fn did(self, action: &str, object: String, mut detail: serde_json::Value) -> NewEvent {
        let actor = match self.who {
            Who::CommandLine => "cli".to_owned(),
            Who::System => "system".to_owned(),
            Who::Nobody => "nobody".to_owned(),
            Who::User(user) => format!("user:{user}"),
            Who::Client(client) => format!("client:{client}"),
            Who::Service(token) => format!("service:{token}"),
        };
        if let (Some(account), Some(facts)) = (self.account, detail.as_object_mut()) {
            facts.entry("account").or_insert_with(|| account.0.into());
        }
        NewEvent {
            actor,
            origin: self.origin.map(|address| address.to_string()),
            action: action.to_owned(),
            object,
            detail,
        }
    }
}
