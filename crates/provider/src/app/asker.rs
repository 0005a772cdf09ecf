//! Who asks for something in an account.

use crate::{AccountId, Actor, ApiUser, Role};

/// Somebody who acts in an account, by a page or by the API.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    /// Where.
    pub account: AccountId,
    /// Their present role there.
    pub role: Role,
    /// Who, for the audit log.
    pub actor: Actor,
}

impl Asker {
    /// The user behind an API call that came from `origin`.
    pub fn by_api(user: &ApiUser, origin: Option<std::net::IpAddr>) -> Self {
        Self {
            account: user.account,
            role: user.role,
            actor: Actor::user(user.user, origin).within(user.account),
        }
    }
}
