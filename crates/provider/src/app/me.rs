//! Who the caller is.

use store::StoreError;

use super::profile::Profile;
use crate::{Account, ApiUser, Provider, rows};

/// A user, as they see themselves.
#[derive(Debug, Clone)]
pub struct Me {
    /// How they are called.
    pub profile: Profile,
    /// Every account they belong to.
    pub accounts: Vec<Account>,
}

impl Provider {
    /// The user behind a call; `None` where they are gone since it was authenticated.
    pub async fn me(&self, user: &ApiUser) -> Result<Option<Me>, StoreError> {
        let mut read = self.store().read().await?;
        let Some(stored) = rows::user::by_id(&mut read, user.user).await? else {
            return Ok(None);
        };
        let memberships = rows::account::of_user(&mut read, user.user).await?;
        Ok(Some(Me {
            profile: Profile::open(self.vault(), user.user, &stored.sealed_profile)?,
            accounts: memberships.into_iter().map(|membership| membership.account).collect(),
        }))
    }
}
