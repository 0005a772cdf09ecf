//! Bringing a database to this program's version.

use sha2::{Digest as _, Sha256};

use crate::{AssertSqlSafe, OpenStoreError, Store, StoreError, Tx, args, tx::Connection};

/// One step from a database of one version to the next, in both dialects.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Whose tables: `store`, `manager`, `provider`, `mail`. Those of one component stand together in a list.
    pub component: &'static str,
    /// 1, 2, 3 …
    pub version: i64,
    /// What it does, in a few words.
    pub name: &'static str,
    /// SQLite's dialect.
    pub sqlite: &'static str,
    /// PostgreSQL's dialect.
    pub postgres: &'static str,
}

/// A [`Migration`] from the two files `migrations/{sqlite,postgres}/NAME.sql` of the calling crate.
#[macro_export]
macro_rules! migration {
    ($component:literal, $version:literal, $name:literal) => {
        $crate::Migration {
            component: $component,
            version: $version,
            name: $name,
            sqlite: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/migrations/sqlite/",
                $name,
                ".sql"
            )),
            postgres: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/migrations/postgres/",
                $name,
                ".sql"
            )),
        }
    };
}

const OWN: &[Migration] = &[
    migration!("store", 1, "0001_jobs_audit_keys"),
    migration!("store", 2, "0002_turns"),
];

/// Applies what is missing, in one transaction, so that a database is never between two versions.
pub(crate) async fn run(store: &Store, service: &'static [Migration]) -> Result<(), OpenStoreError> {
    let mut tx = store.write().await?;
    tx.lock("migration", "").await?;
    tx.execute(
        "CREATE TABLE IF NOT EXISTS migration (component TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, \
         checksum TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (component, version))",
        args![],
    )
    .await?;
    let mut changed = false;
    // A service's list may hold those of a part that it is built on, such as its outbox.
    let components = service.chunk_by(|one, next| one.component == next.component);
    for component in std::iter::once(OWN).chain(components) {
        let Some(known) = component.last() else { continue };
        let applied = newest(&mut tx, known.component).await?;
        if applied > known.version {
            return Err(OpenStoreError::Newer {
                component: known.component.to_owned(),
                version: applied,
                known: known.version,
            });
        }
        for migration in component.iter().filter(|migration| migration.version > applied) {
            apply(&mut tx, migration)
                .await
                .map_err(|source| OpenStoreError::Migration {
                    component: migration.component,
                    version: migration.version,
                    name: migration.name,
                    source,
                })?;
            changed = true;
        }
    }
    if changed {
        tx.commit().await?;
    }
    Ok(())
}

async fn newest(tx: &mut Tx, component: &str) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COALESCE(MAX(version), 0) AS version FROM migration WHERE component = $1",
        args![component],
    )
    .await?
    .get("version")
}

async fn apply(tx: &mut Tx, migration: &Migration) -> Result<(), StoreError> {
    let sql = match &mut tx.connection {
        Connection::Sqlite(sqlite) => {
            sqlite.execute_all(migration.sqlite).await?;
            migration.sqlite
        }
        Connection::PostgresWrite(transaction) => {
            sqlx::raw_sql(AssertSqlSafe(migration.postgres))
                .execute(&mut **transaction)
                .await?;
            migration.postgres
        }
        Connection::PostgresRead(_) => return Ok(()),
    };
    let checksum = hex(&Sha256::digest(sql));
    let now = tx.now();
    tx.execute(
        "INSERT INTO migration (component, version, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
        args![migration.component, migration.version, migration.name, checksum, now],
    )
    .await?;
    Ok(())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").ok();
            text
        })
}
