//! Whether credentials count, known without asking the database each time.
//!
//! Facts are kept for as long as the epoch of authorization has the value at which they were read. Every transaction
//! that revokes, deactivates, deletes or changes a role, an application, a user's profile or their accounts raises it,
//! and reading the epoch never misses a commit that ended before, so that a revocation holds at the next call on every
//! replica (AS-51, AS-52).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use oauth::ClientId;
use store::{Store, StoreError, Tx};
use vault::Vault;

use super::{
    me::Me,
    present::{AsOf, Present, authorization_changed},
};
use crate::{
    GrantId, UserId,
    rows::{
        self,
        application::StoredApplication,
        grant::GrantStanding,
        token::{PersonalStanding, ServiceStanding},
    },
};

/// More facts than this and all are forgotten: memory stays bounded, and a refill is cheap.
const MOST_FACTS: usize = 100_000;

/// What is known of who may do what.
pub(crate) struct Authority {
    store: Store,
    vault: Vault,
    present: Present,
    facts: Mutex<Facts>,
}

#[derive(Default)]
struct Facts {
    epoch: i64,
    applications: HashMap<ClientId, Arc<StoredApplication>>,
    grants: HashMap<GrantId, Arc<GrantStanding>>,
    personal: HashMap<[u8; 32], Arc<PersonalStanding>>,
    services: HashMap<[u8; 32], Arc<ServiceStanding>>,
    users: HashMap<UserId, Arc<Me>>,
}

impl Facts {
    fn at(&mut self, epoch: i64) -> &mut Self {
        let tokens = self.grants.len() + self.personal.len() + self.services.len();
        if self.epoch < epoch || self.applications.len() + tokens + self.users.len() > MOST_FACTS {
            *self = Self {
                epoch: self.epoch.max(epoch),
                ..Self::default()
            };
        }
        self
    }
}

macro_rules! fact {
    ($(#[$meaning:meta])* $name:ident, $map:ident, $key:ty, $fact:ty, |$self:ident, $read:ident, $by:ident| $found:expr) => {
        $(#[$meaning])*
        pub(crate) async fn $name(&$self, as_of: AsOf, $by: $key) -> Result<Option<Arc<$fact>>, StoreError> {
            let epoch = as_of.authorization;
            let known = $self.facts().at(epoch).$map.get(&$by).cloned();
            if known.is_some() {
                return Ok(known);
            }
            // Boxed: what is seldom done must not make the way of every call a long one.
            Box::pin(async move {
                let $read = &mut $self.store.read().await?;
                let Some(fact) = $found else {
                    return Ok(None);
                };
                let fact = Arc::new(fact);
                let mut facts = $self.facts();
                // A fact read before a later epoch began may be out of date there.
                if facts.epoch == epoch {
                    facts.$map.insert($by, Arc::clone(&fact));
                }
                Ok(Some(fact))
            })
            .await
        }
    };
}

impl Authority {
    pub(crate) fn new(store: Store, vault: Vault, present: Present) -> Self {
        Self {
            store,
            vault,
            present,
            facts: Mutex::default(),
        }
    }

    /// The present, for one call.
    pub(crate) async fn now(&self) -> Result<AsOf, StoreError> {
        self.present.now().await
    }

    fact!(
        /// The application, unless it was deleted.
        application, applications, ClientId, StoredApplication,
        |self, read, id| rows::application::by_id(read, id).await?
    );
    fact!(
        /// The grant, alive or not.
        grant, grants, GrantId, GrantStanding, |self, read, id| rows::grant::standing(read, id).await?
    );
    fact!(
        /// The personal token, unless it was revoked or its user deactivated.
        personal, personal, [u8; 32], PersonalStanding,
        |self, read, hash| rows::token::personal_standing(read, hash).await?
    );
    fact!(
        /// The service token, unless it was revoked.
        service, services, [u8; 32], ServiceStanding,
        |self, read, hash| rows::token::service_standing(read, hash).await?
    );
    fact!(
        /// The user's profile and accounts.
        user, users, UserId, Me, |self, read, id| Me::read(read, &self.vault, id).await?
    );

    fn facts(&self) -> std::sync::MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes everybody forget what they know, in this commit: something that decides about credentials has changed.
pub(crate) async fn changed(tx: &mut Tx) -> Result<(), StoreError> {
    authorization_changed(tx).await
}
