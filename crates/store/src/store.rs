//! The one handle over either database.

use std::{
    path::PathBuf,
    str::FromStr as _,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::sync::Notify;
use vault::SharedEntropy;

use crate::{
    Migration, SharedClock, SharedFollowUp, StoreError, Tx,
    error::DatabaseError,
    migrate,
    sqlite::{self, Sqlite},
    tx::{Connection, SharedCrashPoints},
};

/// A database, open and migrated. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    clock: SharedClock,
    entropy: SharedEntropy,
    woken: Notify,
    crash_points: Option<SharedCrashPoints>,
    crashed: AtomicBool,
    follow_up: OnceLock<SharedFollowUp>,
}

pub(crate) enum Backend {
    Sqlite(Sqlite),
    Postgres(PgPool),
}

/// How to open a database.
pub struct OpenStore<'a> {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: &'a str,
    /// The PostgreSQL schema that holds the tables; SQLite has one file a service instead.
    pub schema: &'a str,
    /// The service's migrations, each component's together and oldest first; the store's own run before them.
    pub migrations: &'static [Migration],
    /// What time it is.
    pub clock: SharedClock,
    /// Where ids and lease tokens come from.
    pub entropy: SharedEntropy,
    /// None outside tests.
    pub crash_points: Option<SharedCrashPoints>,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// Neither `sqlite:` nor `postgres:`.
    #[error("database: expected sqlite:PATH or postgres://…")]
    UnknownUrl,
    /// The server or the file is not there, or not ours to open.
    #[error("the database {place} could not be opened")]
    Unreachable {
        /// The host or the file, without credentials.
        place: String,
        /// The driver's words.
        #[source]
        source: DatabaseError,
    },
    /// A later version of this program has been here.
    #[error(
        "the database is of a newer version (it has the migration {component} {version}, this program knows none after {known})"
    )]
    Newer {
        /// Whose migration.
        component: String,
        /// The newest in the database.
        version: i64,
        /// The newest that this program has.
        known: i64,
    },
    /// A migration could not be carried out; nothing of it is kept.
    #[error("migration {component} {version} ({name}) failed")]
    Migration {
        /// Whose migration.
        component: &'static str,
        /// Its number.
        version: i64,
        /// What it does.
        name: &'static str,
        /// The database's words.
        #[source]
        source: StoreError,
    },
    /// The database failed while its version was looked at.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Opens the database, creates it where it is a file that does not exist, and brings it to this version.
    pub async fn open(options: OpenStore<'_>) -> Result<Self, OpenStoreError> {
        let backend = connect(options.url, options.schema).await?;
        let inner = Inner {
            backend,
            clock: options.clock,
            entropy: options.entropy,
            woken: Notify::new(),
            crash_points: options.crash_points,
            crashed: AtomicBool::new(false),
            follow_up: OnceLock::new(),
        };
        let store = Self { inner: Arc::new(inner) };
        migrate::run(&store, options.migrations).await?;
        Ok(store)
    }

    /// From now on every commit with events brings what `follow_up` says follows from them. The first one stays.
    pub fn follow_events(&self, follow_up: SharedFollowUp) {
        self.inner.follow_up.get_or_init(|| follow_up);
    }

    pub(crate) fn follow_up(&self) -> Option<&SharedFollowUp> {
        self.inner.follow_up.get()
    }

    /// Begins a transaction that may write.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        self.refuse_if_crashed()?;
        let connection = match &self.inner.backend {
            Backend::Sqlite(sqlite) => Connection::Sqlite(sqlite.begin().await?),
            Backend::Postgres(pool) => Connection::PostgresWrite(pool.begin().await?),
        };
        Ok(Tx::new(self.clone(), connection))
    }

    /// A connection to read with; each statement sees what is committed when it runs.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        self.refuse_if_crashed()?;
        let connection = match &self.inner.backend {
            Backend::Sqlite(sqlite) => Connection::Sqlite(sqlite.read().await?),
            Backend::Postgres(pool) => Connection::PostgresRead(pool.acquire().await?),
        };
        Ok(Tx::new(self.clone(), connection))
    }

    /// What time it is, in microseconds at best.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    /// The source of randomness.
    pub fn entropy(&self) -> &SharedEntropy {
        &self.inner.entropy
    }

    /// A new, time-ordered id (a version 7 UUID).
    pub fn new_id(&self) -> uuid::Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &vault::random_bytes::<10>(&**self.entropy())).into_uuid()
    }

    /// After a deletion: no file of the database keeps the deleted values (SQLite's log is emptied).
    pub async fn forget_deleted(&self) -> Result<(), StoreError> {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.checkpoint().await,
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// True where processes on other machines may work on the same database (PostgreSQL).
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.backend, Backend::Postgres(_))
    }

    /// Waits for running commits and closes every connection.
    pub async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            Backend::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.inner.backend
    }

    pub(crate) fn wake(&self) {
        self.inner.woken.notify_waiters();
        // A runner that is just about to wait must not miss it.
        self.inner.woken.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.inner.woken.notified().await;
    }

    /// A connection that hears what other processes commit; SQLite has none.
    pub(crate) async fn listener(&self) -> Option<PgListener> {
        let Backend::Postgres(pool) = &self.inner.backend else {
            return None;
        };
        let mut listener = PgListener::connect_with(pool).await.ok()?;
        let schema: String = sqlx::query_scalar("SELECT current_schema()")
            .fetch_one(pool)
            .await
            .ok()?;
        listener.listen(&format!("rightful_{schema}")).await.ok()?;
        Some(listener)
    }

    pub(crate) async fn crash_point(&self, point: &'static str) -> Result<(), StoreError> {
        self.refuse_if_crashed()?;
        if let Some(points) = &self.inner.crash_points
            && points.reach(point).await
        {
            self.inner.crashed.store(true, Ordering::SeqCst);
            return Err(StoreError::Crashed);
        }
        Ok(())
    }

    /// True once a crash that a test asked for has happened: this handle does nothing any more.
    pub fn has_crashed(&self) -> bool {
        self.inner.crashed.load(Ordering::SeqCst)
    }

    fn refuse_if_crashed(&self) -> Result<(), StoreError> {
        if self.has_crashed() {
            Err(StoreError::Crashed)
        } else {
            Ok(())
        }
    }
}

/// A PostgreSQL connection that was idle for longer may have been closed by the server meanwhile.
const RESTED: Duration = Duration::from_secs(1);

async fn connect(url: &str, schema: &str) -> Result<Backend, OpenStoreError> {
    if let Some(path) = sqlite::path_of(url) {
        return Sqlite::open(&path)
            .await
            .map(Backend::Sqlite)
            .map_err(|source| OpenStoreError::Unreachable {
                place: path.display().to_string(),
                source,
            });
    }
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Err(OpenStoreError::UnknownUrl);
    }
    let options = PgConnectOptions::from_str(url).map_err(|source| OpenStoreError::Unreachable {
        place: "postgres".to_owned(),
        source: source.into(),
    })?;
    let place = format!(
        "{}:{}/{}",
        options.get_host(),
        options.get_port(),
        options.get_database().unwrap_or("postgres")
    );
    let options = options.options([("search_path", schema)]).disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        // A connection is tested whenever it is given back; once more only where it has rested since.
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(|source| OpenStoreError::Unreachable {
            place: place.clone(),
            source: source.into(),
        })?;
    // Two processes may start at once; the loser of the race finds the schema there.
    let create = format!("CREATE SCHEMA IF NOT EXISTS \"{}\"", schema.replace('"', ""));
    for attempt in 0.. {
        match sqlx::query(crate::AssertSqlSafe(create.clone())).execute(&pool).await {
            Ok(_) => break,
            Err(_) if attempt < 2 => {}
            Err(error) => {
                let source = error.into();
                return Err(OpenStoreError::Unreachable { place, source });
            }
        }
    }
    Ok(Backend::Postgres(pool))
}

/// Where a service's SQLite database lies in a data folder.
pub fn sqlite_url(folder: &std::path::Path, service: &str) -> String {
    let path: PathBuf = folder.join(format!("{service}.db"));
    format!("sqlite:{}", path.display())
}
