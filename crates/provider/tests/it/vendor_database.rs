//! A database of the vendor's own, on every server that there is: SQLite always, PostgreSQL where
//! `RIGHTFUL_TEST_DATABASE` names one, MariaDB where `RIGHTFUL_TEST_MARIADB` does.

use provider::{DataSource, DataSourceKind, DataSourceSettings, ObjectSettings};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection, SqliteConnection};

/// What a test speaks to it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Sqlite,
    Postgres,
    MariaDb,
}

/// A vendor's database with contacts and their orders.
pub(crate) struct VendorDatabase {
    pub(crate) server: Server,
    pub(crate) url: String,
    pub(crate) folder: tempfile::TempDir,
}

/// The servers that there are here.
pub(crate) fn servers() -> Vec<Server> {
    let mut servers = vec![Server::Sqlite];
    servers.extend(postgres().map(|_| Server::Postgres));
    servers.extend(variable("RIGHTFUL_TEST_MARIADB").map(|_| Server::MariaDb));
    servers
}

fn postgres() -> Option<String> {
    variable("RIGHTFUL_TEST_DATABASE").filter(|url| url.starts_with("postgres"))
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl VendorDatabase {
    pub(crate) async fn new(server: Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().file_name().unwrap().to_string_lossy().to_lowercase();
        let name = format!("crm_{}", name.trim_start_matches('.').trim_start_matches("tmp"));
        let url = match server {
            Server::Sqlite => {
                let path = folder.path().join("crm.db");
                std::fs::write(&path, "").unwrap();
                format!("sqlite:{}", path.display())
            }
            Server::Postgres => {
                let server = postgres().unwrap();
                let mut connection = PgConnection::connect(&server).await.unwrap();
                let sql = format!("CREATE SCHEMA {name}");
                connection.execute(AssertSqlSafe(sql)).await.unwrap();
                format!("{server}?options[search_path]={name}")
            }
            Server::MariaDb => {
                let server = variable("RIGHTFUL_TEST_MARIADB").unwrap();
                let mut connection = MySqlConnection::connect(&server).await.unwrap();
                let sql = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
                connection.execute(AssertSqlSafe(sql)).await.unwrap();
                format!("{}/{name}", server.trim_end_matches('/'))
            }
        };
        let database = Self { server, url, folder };
        let (moment, bytes, document) = match server {
            Server::Sqlite => ("TEXT", "BLOB", "TEXT"),
            Server::Postgres => ("TIMESTAMP", "BYTEA", "JSON"),
            Server::MariaDb => ("DATETIME(3)", "VARBINARY(20)", "JSON"),
        };
        database
            .run(&format!(
                "CREATE TABLE contact (account_id BIGINT NOT NULL, email VARCHAR(355) NOT NULL, visits INTEGER, \
                 paid DECIMAL(10, 2), rating DOUBLE PRECISION, seen {moment}, token {bytes}, extra {document})"
            ))
            .await;
        database
            .run("CREATE TABLE purchase (account_id BIGINT NOT NULL, email VARCHAR(355) NOT NULL, what TEXT)")
            .await;
        database
    }

    /// Runs statements as the vendor's own application would.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.server {
            Server::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Server::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
            Server::MariaDb => {
                let mut connection = MySqlConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        }
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        match self.server {
            Server::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
            Server::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
            Server::MariaDb => {
                let mut connection = MySqlConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
        }
    }

    pub(crate) async fn contact(&self, account: impl Into<i64>, email: &str) {
        let (bytes, email) = (self.bytes(), email.replace('\'', "''"));
        let account = account.into();
        self.run(&format!(
            "INSERT INTO contact VALUES ({account}, '{email}', -7, 12.50, 0.25, '2024-02-29 13:14:15.250', {bytes}, \
             '{{\"a\": 1.10}}')"
        ))
        .await;
    }

    pub(crate) async fn purchase(&self, account: impl Into<i64>, email: &str, what: &str) {
        let account = account.into();
        let what = match self.server {
            Server::MariaDb => what.replace('\\', "\\\\"),
            Server::Sqlite | Server::Postgres => what.to_owned(),
        };
        self.run(&format!("INSERT INTO purchase VALUES ({account}, '{email}', '{what}')"))
            .await;
    }

    fn bytes(&self) -> &'static str {
        match self.server {
            Server::Sqlite | Server::MariaDb => "x'00ff'",
            Server::Postgres => "'\\x00ff'",
        }
    }

    /// The contact of [`VendorDatabase::contact`], as exports show it.
    pub(crate) fn exported_contact(&self, account: impl Into<i64>, email: &str) -> Value {
        let account = account.into();
        let mut contact = json!({ "account_id": account, "email": email, "visits": -7, "paid": 12.5, "rating": 0.25,
            "seen": "2024-02-29 13:14:15.250", "token": "\\x00ff", "extra": "{\"a\": 1.10}" });
        match self.server {
            Server::Sqlite => {}
            Server::Postgres => {
                contact["seen"] = json!("2024-02-29T13:14:15.25");
                contact["extra"] = json!({ "a": 1.1 });
            }
            Server::MariaDb => contact["seen"] = json!("2024-02-29T13:14:15.250000"),
        }
        contact
    }

    /// How an operator describes it: marketing's contacts and purchases, of every account.
    pub(crate) fn described(&self) -> DataSourceSettings {
        let object = |name: &str, table: &str| ObjectSettings {
            name: name.to_owned(),
            data_types: None,
            identifier_types: vec!["email".parse().unwrap()],
            access: format!("SELECT * FROM {table} WHERE account_id = :account_id AND lower(email) = :identifier"),
            delete: format!("DELETE FROM {table} WHERE account_id = :account_id AND lower(email) = :identifier;"),
        };
        DataSourceSettings {
            name: DataSource::Marketing,
            kind: DataSourceKind::Sql,
            url: Some(crate::world::secret(&self.url)),
            url_file: None,
            accounts: None,
            timeout: "30s".parse().unwrap(),
            max_rows: 10_000_000,
            objects: vec![object("contacts", "contact"), object("purchases", "purchase")],
        }
    }
}
