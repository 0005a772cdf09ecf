//! One handle over SQLite and PostgreSQL: transactions, migrations, durable jobs with leases and lanes, the audit chain.
//!
//! One SQL text serves both: `$1` parameters and four column types ([`Value`]). A transaction is a [`Tx`]; what it
//! changes, the jobs it causes and its audit events are one commit.

mod audit;
mod clock;
mod contention;
mod epoch;
mod error;
mod follow_up;
pub mod jobs;
mod keys;
mod migrate;
pub mod scratch;
mod sqlite;
mod store;
mod tx;
mod value;

pub use audit::{ChainReport, Event, EventFilter, NewEvent};
pub use clock::{Clock, SharedClock, SystemClock, VirtualClock};
pub use contention::retried;
pub use epoch::Epochs;
pub use error::{DatabaseError, StoreError};
pub use follow_up::{FollowUp, SharedFollowUp};
pub use keys::{MasterKeySource, UnlockVaultError};
pub use migrate::Migration;
pub use sqlx::{AssertSqlSafe, SqlSafeStr};
pub use store::{OpenStore, OpenStoreError, Store, sqlite_url};
pub use tx::{CrashPoints, SharedCrashPoints, Tx};
pub use value::{FromColumn, Row, Value};
