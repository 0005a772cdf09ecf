//! Knowing at once that something changed, at the price of a fraction of a query.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::{Store, StoreError, Tx, args};

/// A number that every process sees rise as soon as a transaction that calls [`Tx::raise_epoch`] has committed. What
/// was cached at a lower number is out of date.
///
/// Reading it is shared: whoever asks while a read is under way waits for the *next* one, which starts after they
/// asked and therefore sees every commit before; all who wait share its answer. A busy server reads it a few thousand
/// times a second for tens of thousands of calls.
#[derive(Clone)]
pub struct Epoch {
    store: Store,
    name: &'static str,
    shared: Arc<Shared>,
}

struct Shared {
    /// How many callers have asked.
    asked: std::sync::atomic::AtomicU64,
    /// The last answer, and how many callers had asked when its read began.
    answer: Mutex<(u64, i64)>,
}

impl Epoch {
    /// The epoch of this name in `store`.
    pub fn new(store: Store, name: &'static str) -> Self {
        let shared = Shared {
            asked: std::sync::atomic::AtomicU64::new(0),
            answer: Mutex::new((0, 0)),
        };
        Self {
            store,
            name,
            shared: Arc::new(shared),
        }
    }

    /// The number as of now: no commit that ended before this call is missed.
    pub async fn current(&self) -> Result<i64, StoreError> {
        use std::sync::atomic::Ordering::SeqCst;
        if !self.store.is_shared() {
            // An embedded database answers sooner than others could be asked whether they are asking.
            return self.read().await;
        }
        let ticket = self.shared.asked.fetch_add(1, SeqCst) + 1;
        let mut answer = self.shared.answer.lock().await;
        if answer.0 < ticket {
            let asked = self.shared.asked.load(SeqCst);
            *answer = (asked, self.read().await?);
        }
        Ok(answer.1)
    }

    async fn read(&self) -> Result<i64, StoreError> {
        let mut read = self.store.read().await?;
        let row = read
            .fetch_optional("SELECT value FROM epoch WHERE name = $1", args![self.name])
            .await?;
        row.map_or(Ok(0), |row| row.get("value"))
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
