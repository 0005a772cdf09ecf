//! A unit of work.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use sqlx::{
    Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use tokio::task::coop::consume_budget;
use vault::SharedEntropy;

use crate::{
    NewEvent, Row, SqlSafeStr, Store, StoreError, Value,
    error::DatabaseError,
    jobs::Enqueued,
    sqlite::{SqliteConnection, SqliteRow},
    value::BackendRow,
};

/// One transaction, or (from [`Store::read`]) one reading connection.
///
/// Everything that one use case changes goes through one `Tx`: rows, jobs and audit events become visible together at
/// [`Tx::commit`], or not at all. Never open a second one for writing while holding a first: on SQLite there is one writer.
pub struct Tx {
    store: Store,
    pub(crate) connection: Connection,
    now: Timestamp,
    pub(crate) jobs: Vec<Enqueued>,
    pub(crate) events: Vec<NewEvent>,
    /// Lanes that may have become due, and when.
    pub(crate) due: BTreeMap<String, Timestamp>,
}

pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    PostgresWrite(sqlx::Transaction<'static, Postgres>),
    PostgresRead(PoolConnection<Postgres>),
}

/// Runs a statement on either database. SQLite's is called in place, so that a long row of them must give way by itself.
macro_rules! on_either {
    ($self:ident, $args:ident, sqlite $sqlite:ident => $in_sqlite:expr, postgres $method:ident($sql:ident) => $row:expr) => {
        match &mut $self.connection {
            Connection::Sqlite($sqlite) => {
                consume_budget().await;
                $in_sqlite
            }
            Connection::PostgresWrite(connection) => Ok(bind(sqlx::query($sql), $args)
                .$method(&mut **connection)
                .await
                .map($row)?),
            Connection::PostgresRead(connection) => Ok(bind(sqlx::query($sql), $args)
                .$method(&mut **connection)
                .await
                .map($row)?),
        }
    };
}

impl Tx {
    pub(crate) fn new(store: Store, connection: Connection) -> Self {
        let now = store.now();
        Self {
            store,
            connection,
            now,
            jobs: Vec::new(),
            events: Vec::new(),
            due: BTreeMap::new(),
        }
    }

    /// The time at which this transaction began; the same for all that it writes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new, time-ordered id (a version 7 UUID).
    pub fn new_id(&self) -> uuid::Uuid {
        self.store.new_id()
    }

    /// The source of randomness.
    pub fn entropy(&self) -> &SharedEntropy {
        self.store.entropy()
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<u64, StoreError> {
        let sql = sql.into_sql_str();
        on_either!(self, args, sqlite sqlite => sqlite.execute(sql.as_str(), &args),
            postgres execute(sql) => |done| done.rows_affected())
    }

    /// The same for a statement that may change very many rows, or very large ones.
    pub async fn execute_many(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<u64, StoreError> {
        match &mut self.connection {
            Connection::Sqlite(sqlite) => sqlite.execute_many(sql.into_sql_str().as_str(), args).await,
            _ => self.execute(sql, args).await,
        }
    }

    /// The only row of a query, if there is one.
    pub async fn fetch_optional(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Option<Row>, StoreError> {
        let sql = sql.into_sql_str();
        on_either!(self, args, sqlite sqlite => Ok(sqlite.fetch(sql.as_str(), args, 1).await?.pop().map(Row::from)),
            postgres fetch_optional(sql) => |row| row.map(Row::from))
    }

    /// The only row of a query that always has one.
    pub async fn fetch_one(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Row, StoreError> {
        let row = self.fetch_optional(sql, args).await?;
        row.ok_or_else(|| DatabaseError::NoRow.into())
    }

    /// All rows of a query; the caller limits them.
    pub async fn fetch_all(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into_sql_str();
        on_either!(self, args,
            sqlite sqlite => Ok(sqlite.fetch(sql.as_str(), args, usize::MAX).await?.into_iter().map(Row::from).collect()),
            postgres fetch_all(sql) => |rows| rows.into_iter().map(Row::from).collect())
    }

    /// Waits until no other transaction holds the lock of this name, and holds it until the end of this one. For a
    /// decision that is made on what was read: SQLite's single writer needs none, PostgreSQL takes an advisory lock.
    pub async fn lock(&mut self, kind: &str, id: &str) -> Result<(), StoreError> {
        if matches!(self.connection, Connection::PostgresWrite(_)) {
            self.fetch_one(
                "SELECT 1 AS held FROM pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))",
                crate::args![format!("{kind}:{id}")],
            )
            .await?;
        }
        Ok(())
    }

    /// Takes the lock of this name if nobody holds it, without waiting; whether it did. On SQLite it always does: who
    /// may write is alone.
    pub async fn try_lock(&mut self, kind: &str, id: &str) -> Result<bool, StoreError> {
        if !matches!(self.connection, Connection::PostgresWrite(_)) {
            return Ok(true);
        }
        self.fetch_one(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || $1, 0)) AS held",
            crate::args![format!("{kind}:{id}")],
        )
        .await?
        .get("held")
    }

    /// Appends an event to the audit chain, in this commit.
    pub fn audit(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Makes it all happen: durable when this returns.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let store = self.store.clone();
        store.crash_point("before commit").await?;
        self.follow_up(&store).await?;
        let wakes = !self.jobs.is_empty() || !self.due.is_empty();
        self.insert_jobs().await?;
        self.append_events().await?;
        if wakes && matches!(self.connection, Connection::PostgresWrite(_)) {
            self.execute("SELECT pg_notify('rightful_' || current_schema(), '')", Vec::new())
                .await?;
        }
        match self.connection {
            Connection::Sqlite(sqlite) => sqlite.commit().await?,
            Connection::PostgresWrite(transaction) => transaction.commit().await?,
            Connection::PostgresRead(_) => {}
        }
        if wakes {
            store.wake();
        }
        store.crash_point("after commit").await
    }

    /// Lets nothing of it happen; what it held is free when this returns, where a dropped one frees it some time later.
    pub async fn rollback(self) -> Result<(), StoreError> {
        if let Connection::PostgresWrite(transaction) = self.connection {
            transaction.rollback().await?;
        }
        Ok(())
    }

    async fn follow_up(&mut self, store: &Store) -> Result<(), StoreError> {
        if let Some(follow_up) = store.follow_up()
            && !self.events.is_empty()
        {
            let mut events = std::mem::take(&mut self.events);
            follow_up.of(self, &events).await?;
            events.append(&mut self.events);
            self.events = events;
        }
        Ok(())
    }
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self(BackendRow::Sqlite(row))
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self(BackendRow::Postgres(row))
    }
}

fn bind(mut query: Query<'_, Postgres, PgArguments>, args: Vec<Value>) -> Query<'_, Postgres, PgArguments> {
    for value in args {
        query = match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Bool(value) => query.bind(value),
        };
    }
    query
}

/// Decides, for a test or a simulation, whether the process dies here.
#[async_trait::async_trait]
pub trait CrashPoints: Send + Sync + 'static {
    /// True: nothing after this point happens, until the store is opened again.
    fn crashes_at(&self, point: &'static str) -> bool;

    /// The same, and what else goes on in the world at this point. Before a commit SQLite's one writer is held: nothing
    /// may be waited for that writes.
    async fn reach(&self, point: &'static str) -> bool {
        self.crashes_at(point)
    }
}

/// Shared crash points.
pub type SharedCrashPoints = Arc<dyn CrashPoints>;
