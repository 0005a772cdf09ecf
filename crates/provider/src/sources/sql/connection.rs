//! One connection to one of the three kinds of database.
//!
//! Each piece of work opens its own: requests are rare, and nobody keeps a vendor's connections open over night.

use std::{
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, stream::BoxStream};
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, MySqlConnection, PgConnection, Row as _, SqlSafeStr as _,
    SqliteConnection, Statement as _,
    mysql::MySqlConnectOptions,
    postgres::{PgConnectOptions, PgTypeInfo},
    sqlite::SqliteConnectOptions,
};
use store::AssertSqlSafe;

use super::{
    mysql_json,
    object::{Asked, Bound},
    sqlite_json,
    template::{Dialect, Slot, Template},
};

/// How long SQLite waits for somebody else's lock.
const BUSY: Duration = Duration::from_secs(10);

/// Where a database is.
pub(super) enum Database {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
    MySql(MySqlConnectOptions),
}

/// An open connection.
pub(super) enum Connection {
    Sqlite(Box<SqliteConnection>, Leash),
    Postgres(Box<PgConnection>),
    MySql(Box<MySqlConnection>),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Delete,
}

/// Stops SQLite, which works in this process, when nobody waits for its answer any more.
pub(super) struct Leash(Arc<AtomicBool>);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Database {
    /// What the URL names. The message does not repeat it.
    pub(super) fn of_url(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        let unreadable = |_| "url can't be read".to_owned();
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() {
                    return Err("url names no file".to_owned());
                }
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(false)
                    .busy_timeout(BUSY)
                    .disable_statement_logging();
                Ok(Self::Sqlite(options))
            }
            "postgres" | "postgresql" => PgConnectOptions::from_str(url)
                .map(|options| Self::Postgres(options.application_name("rightful").disable_statement_logging()))
                .map_err(unreadable),
            "mysql" | "mariadb" => MySqlConnectOptions::from_str(&format!("mysql:{rest}"))
                .map(|options| {
                    let options = options.pipes_as_concat(false).no_engine_substitution(false);
                    Self::MySql(options.disable_statement_logging())
                })
                .map_err(unreadable),
            _ => Err("url must begin with sqlite:, postgres://, mysql:// or mariadb://".to_owned()),
        }
    }

    pub(super) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
        }
    }

    /// Where it is, for operators; without user and password.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Sqlite(options) => format!("SQLite, {}", options.get_filename().display()),
            Self::Postgres(options) => {
                let database = options.get_database().unwrap_or_default();
                format!("PostgreSQL, {}:{}/{database}", options.get_host(), options.get_port())
            }
            Self::MySql(options) => {
                let database = options.get_database().unwrap_or_default();
                format!("MySQL, {}:{}/{database}", options.get_host(), options.get_port())
            }
        }
    }

    pub(super) async fn connect(&self, purpose: Purpose) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Sqlite(options) => {
                let options = match purpose {
                    Purpose::Read => options.clone().read_only(true),
                    // What is deleted is overwritten, so that the file does not keep it.
                    Purpose::Delete => options.clone().pragma("secure_delete", "ON"),
                };
                let mut connection = options.connect().await?;
                let stop = Arc::new(AtomicBool::new(false));
                let leash = Leash(Arc::clone(&stop));
                let mut handle = connection.lock_handle().await?;
                handle.set_progress_handler(10_000, move || !stop.load(Ordering::SeqCst));
                drop(handle);
                Ok(Connection::Sqlite(Box::new(connection), leash))
            }
            Self::Postgres(options) => {
                let mut connection = options.connect().await?;
                // So that the server gives up a query that nobody waits for; servers before 14 do not know it.
                connection
                    .execute(
                        "SELECT set_config(name, '5s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'",
                    )
                    .await?;
                Ok(Connection::Postgres(Box::new(connection)))
            }
            Self::MySql(options) => Ok(Connection::MySql(Box::new(options.connect().await?))),
        }
    }
}

/// Binds the template's values to a statement of any of the three.
macro_rules! bound {
    ($template:expr, $asked:expr) => {{
        let template: &Template = $template;
        let mut query = sqlx::query(AssertSqlSafe(template.text.clone())).persistent(false);
        for slot in &template.slots {
            query = match $asked.value(*slot) {
                Bound::Text(text) => query.bind(text),
                Bound::Number(number) => query.bind(number),
            };
        }
        query
    }};
}

impl Connection {
    pub(super) async fn begin(&mut self, purpose: Purpose) -> Result<(), sqlx::Error> {
        match (self, purpose) {
            (Self::Sqlite(connection, _), Purpose::Read) => run(connection.execute("BEGIN").await),
            (Self::Sqlite(connection, _), Purpose::Delete) => run(connection.execute("BEGIN IMMEDIATE").await),
            (Self::Postgres(connection), Purpose::Read) => run(connection
                .execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .await),
            (Self::Postgres(connection), Purpose::Delete) => run(connection.execute("BEGIN").await),
            (Self::MySql(connection), Purpose::Read) => run(connection
                .execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                .await),
            (Self::MySql(connection), Purpose::Delete) => run(connection.execute("START TRANSACTION").await),
        }
    }

    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.plain("COMMIT").await
    }

    /// Closes the connection; whatever was not committed is undone.
    pub(super) async fn close(self) {
        match self {
            Self::Sqlite(connection, _leash) => connection.close().await.ok(),
            Self::Postgres(connection) => connection.close().await.ok(),
            Self::MySql(connection) => connection.close().await.ok(),
        };
    }

    /// After a deletion: SQLite's log is emptied, so that it does not keep what was deleted. Where somebody is reading,
    /// that happens by itself later.
    pub(super) async fn forget_deleted(&mut self) {
        if let Self::Sqlite(connection, _) = self {
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.ok();
        }
    }

    pub(super) async fn execute(&mut self, template: &Template, asked: Asked<'_>) -> Result<u64, sqlx::Error> {
        match self {
            Self::Sqlite(connection, _) => {
                let done = bound!(template, asked).execute(&mut **connection).await?;
                Ok(done.rows_affected())
            }
            Self::Postgres(connection) => {
                let done = bound!(template, asked).execute(&mut **connection).await?;
                Ok(done.rows_affected())
            }
            Self::MySql(connection) => {
                let done = bound!(template, asked).execute(&mut **connection).await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// The rows of a query as they come, each as a JSON object on one line.
    pub(super) fn lines<'a>(
        &'a mut self,
        template: &'a Template,
        asked: Asked<'_>,
    ) -> BoxStream<'a, Result<Vec<u8>, sqlx::Error>> {
        match self {
            Self::Sqlite(connection, _) => bound!(template, asked)
                .fetch(&mut **connection)
                .map(|row| sqlite_json::line(&row?))
                .boxed(),
            Self::Postgres(connection) => bound!(template, asked)
                .fetch(&mut **connection)
                .map(|row| Ok(one_line(row?.try_get(0)?)))
                .boxed(),
            Self::MySql(connection) => bound!(template, asked)
                .fetch(&mut **connection)
                .map(|row| mysql_json::line(&row?))
                .boxed(),
        }
    }

    /// Has the database look at a statement without carrying it out: the names of the columns that it would return.
    pub(super) async fn columns(&mut self, template: &Template) -> Result<Vec<String>, sqlx::Error> {
        let sql = AssertSqlSafe(template.text.clone()).into_sql_str();
        let names = match self {
            Self::Sqlite(connection, _) => names(connection.prepare(sql).await?.columns()),
            Self::Postgres(connection) => {
                let types: Vec<PgTypeInfo> = template.slots.iter().map(|slot| type_of(*slot)).collect();
                names(connection.prepare_with(sql, &types).await?.columns())
            }
            Self::MySql(connection) => names(connection.prepare(sql).await?.columns()),
        };
        Ok(names)
    }

    async fn plain(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection, _) => run(connection.execute(sql).await),
            Self::Postgres(connection) => run(connection.execute(sql).await),
            Self::MySql(connection) => run(connection.execute(sql).await),
        }
    }
}

fn run<T>(done: Result<T, sqlx::Error>) -> Result<(), sqlx::Error> {
    done.map(drop)
}

fn names<C: sqlx::Column>(columns: &[C]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

fn type_of(slot: Slot) -> PgTypeInfo {
    use sqlx::{Postgres, Type};
    match slot {
        Slot::AccountId => <i64 as Type<Postgres>>::type_info(),
        Slot::Identifier | Slot::IdentifierType | Slot::DataType => <String as Type<Postgres>>::type_info(),
    }
}

/// A column of PostgreSQL's type `json` keeps the line feeds between its values, where they mean nothing.
fn one_line(json: String) -> Vec<u8> {
    let mut json = json.into_bytes();
    for byte in &mut json {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    json
}
