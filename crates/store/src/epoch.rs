//! Knowing at once that something changed, at the price of a fraction of a query.

mod apart;
mod here;

use self::{apart::Apart, here::Here};
use crate::{Store, StoreError, Tx, args, store::Backend};

/// Numbers that every process sees rise as soon as a transaction that calls [`Tx::raise_epoch`] has committed. What was
/// cached at a lower number is out of date.
///
/// Reading them is shared: a read answers all who asked before it began, and so tells each of them of every commit that
/// ended before they asked. A busy server reads a few thousand times a second for tens of thousands of calls.
pub struct Epochs<const N: usize> {
    store: Store,
    reading: Reading<N>,
}

enum Reading<const N: usize> {
    Here(Here<N>),
    Apart(Apart<N>),
}

impl<const N: usize> Epochs<N> {
    /// The epochs of these names in `store`.
    pub fn new(store: Store, names: [&'static str; N]) -> Self {
        let reading = match store.backend() {
            Backend::Sqlite(sqlite) => Reading::Here(Here::new(sqlite.clone(), names)),
            Backend::Postgres(pool) => Reading::Apart(Apart::new(pool.clone(), names)),
        };
        Self { store, reading }
    }

    /// The numbers as of now, in the order of their names: no commit that ended before this call is missed.
    pub async fn current(&self) -> Result<[i64; N], StoreError> {
        if self.store.has_crashed() {
            return Err(StoreError::Crashed);
        }
        match &self.reading {
            Reading::Here(here) => here.current().await,
            Reading::Apart(apart) => apart.current().await,
        }
    }
}

impl Tx {
    /// Raises the epoch, in this commit.
    pub async fn raise_epoch(&mut self, name: &str) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO epoch (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = epoch.value + 1",
            args![name],
        )
        .await?;
        Ok(())
    }
}
