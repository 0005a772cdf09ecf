//! Knowing at once that something changed, at the price of a fraction of a query.

use std::sync::Arc;

use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;

use crate::{Store, StoreError, Tx, args, store::Backend};

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
    answer: Mutex<Answer>,
}

/// The last answer.
#[derive(Default)]
struct Answer {
    value: i64,
    /// How many callers had asked when its read began.
    asked: u64,
    /// What it came over, from PostgreSQL. One of the pool's would be tested after each use, at the price of another journey.
    connection: Option<PgConnection>,
}

const CURRENT: &str = "SELECT value FROM epoch WHERE name = $1";

impl Epoch {
    /// The epoch of this name in `store`.
    pub fn new(store: Store, name: &'static str) -> Self {
        let shared = Shared {
            asked: std::sync::atomic::AtomicU64::new(0),
            answer: Mutex::default(),
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
        if self.store.has_crashed() {
            return Err(StoreError::Crashed);
        }
        let ticket = self.shared.asked.fetch_add(1, SeqCst) + 1;
        if let Backend::Sqlite(_) = self.store.backend() {
            // The read is over before anybody else could ask: whoever came at the same time may ask first.
            tokio::task::yield_now().await;
        }
        let mut answer = self.shared.answer.lock().await;
        if answer.asked < ticket {
            let asked = self.shared.asked.load(SeqCst);
            // Whoever is dropped in the middle of the read takes the connection along.
            let (value, connection) = match self.store.backend() {
                Backend::Sqlite(sqlite) => (
                    Box::pin(sqlite.number(CURRENT, &args![self.name])).await?.unwrap_or(0),
                    None,
                ),
                Backend::Postgres(pool) => Box::pin(self.read_apart(pool, answer.connection.take())).await?,
            };
            *answer = Answer {
                value,
                asked,
                connection,
            };
        }
        Ok(answer.value)
    }

    /// Reads it over `kept`, or over a new connection where that has broken.
    async fn read_apart(
        &self,
        pool: &PgPool,
        kept: Option<PgConnection>,
    ) -> Result<(i64, Option<PgConnection>), StoreError> {
        if let Some(mut kept) = kept
            && let Ok(value) = self.ask(&mut kept).await
        {
            return Ok((value, Some(kept)));
        }
        let mut connection = pool.acquire().await?.detach();
        let value = self.ask(&mut connection).await?;
        Ok((value, Some(connection)))
    }

    async fn ask(&self, connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
        let value = sqlx::query_scalar(CURRENT).bind(self.name).fetch_optional(connection);
        Ok(value.await?.unwrap_or(0))
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
