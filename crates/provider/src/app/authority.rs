//! Whether credentials count, known without asking the database each time.
//!
//! Facts are kept for as long as the epoch "authorization" has the value at which they were read. Every transaction
//! that revokes, deactivates, deletes or changes a role or an application raises it, and reading the epoch never misses
//! a commit that ended before, so that a revocation holds at the next call on every replica (AS-51, AS-52).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use oauth::ClientId;
use store::{Epoch, Store, StoreError, Tx};

use crate::{
    GrantId,
    rows::{
        self,
        application::StoredApplication,
        grant::GrantStanding,
        token::{PersonalStanding, ServiceStanding},
    },
};

const EPOCH: &str = "authorization";

/// More facts than this and all are forgotten: memory stays bounded, and a refill is cheap.
const MOST_FACTS: usize = 100_000;

/// What is known of who may do what.
pub(crate) struct Authority {
    store: Store,
    epoch: Epoch,
    facts: Mutex<Facts>,
}

#[derive(Default)]
struct Facts {
    epoch: i64,
    applications: HashMap<ClientId, Arc<StoredApplication>>,
    grants: HashMap<GrantId, Arc<GrantStanding>>,
    personal: HashMap<[u8; 32], Arc<PersonalStanding>>,
    services: HashMap<[u8; 32], Arc<ServiceStanding>>,
}

impl Facts {
    fn at(&mut self, epoch: i64) -> &mut Self {
        let count = self.applications.len() + self.grants.len() + self.personal.len() + self.services.len();
        if self.epoch < epoch || count > MOST_FACTS {
            *self = Self {
                epoch: self.epoch.max(epoch),
                ..Self::default()
            };
        }
        self
    }
}

macro_rules! fact {
    ($(#[$meaning:meta])* $name:ident, $map:ident, $key:ty, $fact:ty, $read:path) => {
        $(#[$meaning])*
        pub(crate) async fn $name(&self, key: $key) -> Result<Option<Arc<$fact>>, StoreError> {
            let epoch = self.epoch.current().await?;
            let known = self.facts().at(epoch).$map.get(&key).cloned();
            if known.is_some() {
                return Ok(known);
            }
            let Some(fact) = $read(&mut self.store.read().await?, key).await? else {
                return Ok(None);
            };
            let fact = Arc::new(fact);
            let mut facts = self.facts();
            // A fact read before a later epoch began may be out of date there.
            if facts.epoch == epoch {
                facts.$map.insert(key, Arc::clone(&fact));
            }
            Ok(Some(fact))
        }
    };
}

impl Authority {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            epoch: Epoch::new(store.clone(), EPOCH),
            store,
            facts: Mutex::default(),
        }
    }

    fact!(
        /// The application, unless it was deleted.
        application, applications, ClientId, StoredApplication, rows::application::by_id
    );
    fact!(
        /// The grant, alive or not.
        grant, grants, GrantId, GrantStanding, rows::grant::standing
    );
    fact!(
        /// The personal token, unless it was revoked or its user deactivated.
        personal, personal, [u8; 32], PersonalStanding, rows::token::personal_standing
    );
    fact!(
        /// The service token, unless it was revoked.
        service, services, [u8; 32], ServiceStanding, rows::token::service_standing
    );

    fn facts(&self) -> std::sync::MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes everybody forget what they know, in this commit: something that decides about credentials has changed.
pub(crate) async fn changed(tx: &mut Tx) -> Result<(), StoreError> {
    tx.raise_epoch(EPOCH).await
}
