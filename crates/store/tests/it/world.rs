//! What every test here starts from.

use std::sync::Arc;

use store::{Clock as _, Migration, Store, VirtualClock, scratch::ScratchDatabase};
use vault::SeededEntropy;

pub(crate) struct World {
    pub(crate) database: ScratchDatabase,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) store: Store,
}

pub(crate) const TABLES: &[Migration] = &[Migration {
    component: "test",
    version: 1,
    name: "a table to write in",
    sqlite: "CREATE TABLE note (id TEXT PRIMARY KEY, number INTEGER, bytes BLOB, flag INTEGER, at INTEGER) STRICT;",
    postgres: "CREATE TABLE note (id TEXT PRIMARY KEY, number BIGINT, bytes BYTEA, flag BOOLEAN, at BIGINT);",
}];

impl World {
    pub(crate) async fn new() -> Self {
        let database = ScratchDatabase::new().unwrap();
        let clock = VirtualClock::at("2026-03-01T09:00:00Z".parse().unwrap());
        let store = open(&database, &clock, TABLES).await;
        Self { database, clock, store }
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }
}

pub(crate) async fn open(database: &ScratchDatabase, clock: &Arc<VirtualClock>, tables: &'static [Migration]) -> Store {
    database
        .open(tables, clock.clone(), Arc::new(SeededEntropy::new(7)), None)
        .await
        .unwrap()
}
