//! Who the caller is.

use std::sync::Arc;

use store::{StoreError, Tx};
use vault::Vault;

use super::profile::Profile;
use crate::{Account, ApiUser, Provider, UserId, rows};

/// A user, as they see themselves.
#[derive(Debug, Clone)]
pub struct Me {
    /// How they are called.
    pub profile: Profile,
    /// Every account they belong to.
    pub accounts: Vec<Account>,
}

impl Me {
    pub(super) async fn read(read: &mut Tx, vault: &Vault, user: UserId) -> Result<Option<Self>, StoreError> {
        let Some(stored) = rows::user::by_id(read, user).await? else {
            return Ok(None);
        };
        let memberships = rows::account::of_user(read, user).await?;
        Ok(Some(Self {
            profile: Profile::open(vault, user, &stored.sealed_profile)?,
            accounts: memberships.into_iter().map(|membership| membership.account).collect(),
        }))
    }
}

impl Provider {
    /// The user behind a call; `None` where they are gone since it was authenticated.
    pub async fn me(&self, user: &ApiUser) -> Result<Option<Arc<Me>>, StoreError> {
        self.authority().user(user.as_of, user.user).await
    }
}
