//! What must never be out of date, asked once for each call: whose credentials count, and who guesses at them.

use std::sync::Arc;

use store::{Epochs, Store, StoreError, Tx};

/// Raised by whatever decides about credentials.
const AUTHORIZATION: &str = "authorization";
/// Raised by every wrong attempt where servers share a database.
const WRONG_ATTEMPTS: &str = "wrong attempts";

/// The way to the present. Cheap to clone; clones share their reads.
#[derive(Clone)]
pub(crate) struct Present(Arc<Epochs<2>>);

/// The present of a call: every fact it goes by is at least as new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AsOf {
    pub(super) authorization: i64,
    pub(super) wrong_attempts: i64,
}

impl Present {
    pub(crate) fn new(store: Store) -> Self {
        Self(Arc::new(Epochs::new(store, [AUTHORIZATION, WRONG_ATTEMPTS])))
    }

    /// No commit that ended before this call is missed.
    pub(crate) async fn now(&self) -> Result<AsOf, StoreError> {
        let [authorization, wrong_attempts] = self.0.current().await?;
        Ok(AsOf {
            authorization,
            wrong_attempts,
        })
    }
}

/// Makes everybody forget what they know of credentials, in this commit.
pub(super) async fn authorization_changed(tx: &mut Tx) -> Result<(), StoreError> {
    tx.raise_epoch(AUTHORIZATION).await
}

/// Makes everybody look up again who may try, in this commit.
pub(super) async fn wrong_attempt_noted(tx: &mut Tx) -> Result<(), StoreError> {
    tx.raise_epoch(WRONG_ATTEMPTS).await
}
