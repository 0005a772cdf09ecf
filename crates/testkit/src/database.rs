//! A PostgreSQL database of one's own, for processes whose schemas have fixed names.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use store::{OpenStore, Store, SystemClock};
use url::Url;
use vault::{SystemEntropy, random_bytes};

/// A new, empty database on the server that `RIGHTFUL_TEST_DATABASE` names; none where SQLite is tested. It goes with the
/// throw-away server.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
pub async fn fresh_database() -> Result<Option<String>> {
    let Ok(server) = std::env::var("RIGHTFUL_TEST_DATABASE") else {
        return Ok(None);
    };
    let name = format!("test_{:032x}", u128::from_ne_bytes(random_bytes(&SystemEntropy)));
    let mut connection = PgConnection::connect(&server).await.context("no PostgreSQL")?;
    connection
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await?;
    connection.close().await?;
    let mut url = Url::parse(&server)?;
    url.set_path(&name);
    Ok(Some(url.into()))
}

/// The database of a service's process, opened beside it without the service's migrations: for making it look as a
/// later version leaves it.
pub async fn open_raw(data: &std::path::Path, database: Option<&str>, service: &'static str) -> Result<Store> {
    let own = store::sqlite_url(data, service);
    let schema = format!("rightful_{service}");
    let store = Store::open(OpenStore {
        url: database.unwrap_or(&own),
        schema: &schema,
        migrations: &[],
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        crash_points: None,
    });
    Ok(store.await?)
}
