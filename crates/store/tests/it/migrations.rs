use store::{Migration, OpenStoreError, args};

use crate::world::{TABLES, World, open};

const LATER: &[Migration] = &[
    TABLES[0],
    Migration {
        component: "test",
        version: 2,
        name: "one more column",
        sqlite: "ALTER TABLE note ADD COLUMN more TEXT;",
        postgres: "ALTER TABLE note ADD COLUMN more TEXT;",
    },
];

const BROKEN: &[Migration] = &[
    TABLES[0],
    Migration {
        component: "test",
        version: 2,
        name: "half of it works",
        sqlite: "CREATE TABLE half (id TEXT); CREATE TABLE note (id TEXT);",
        postgres: "CREATE TABLE half (id TEXT); CREATE TABLE note (id TEXT);",
    },
];

#[tokio::test]
async fn an_older_database_is_brought_up_and_keeps_what_it_held() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    tx.execute("INSERT INTO note (id) VALUES ('old')", args![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let store = open(&world.database, &world.clock, LATER).await;
    let mut read = store.read().await.unwrap();
    let row = read.fetch_one("SELECT id, more FROM note", args![]).await.unwrap();
    assert_eq!(row.get::<Option<String>>("more").unwrap(), None);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_not_touched() {
    let world = World::new().await;
    open(&world.database, &world.clock, LATER).await;
    let entropy = std::sync::Arc::new(vault::SystemEntropy);
    let error = world
        .database
        .open(TABLES, world.clock.clone(), entropy, None)
        .await
        .err()
        .unwrap();
    assert!(
        matches!(
            error,
            OpenStoreError::Newer {
                version: 2,
                known: 1,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let world = World::new().await;
    let entropy = std::sync::Arc::new(vault::SystemEntropy);
    let error = world
        .database
        .open(BROKEN, world.clock.clone(), entropy, None)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, OpenStoreError::Migration { version: 2, .. }), "{error}");
    let mut tx = world.store.write().await.unwrap();
    tx.execute("CREATE TABLE half (id TEXT)", args![]).await.unwrap();
}

const TWO_COMPONENTS: &[Migration] = &[
    TABLES[0],
    Migration {
        component: "part",
        version: 1,
        name: "a table of a part",
        sqlite: "CREATE TABLE part (id TEXT);",
        postgres: "CREATE TABLE part (id TEXT);",
    },
];

#[tokio::test]
async fn a_service_may_have_the_tables_of_several_components() {
    let world = World::new().await;
    for _ in 0..2 {
        let store = open(&world.database, &world.clock, TWO_COMPONENTS).await;
        let mut read = store.read().await.unwrap();
        read.fetch_optional("SELECT id FROM part", args![]).await.unwrap();
        read.fetch_optional("SELECT id FROM note", args![]).await.unwrap();
    }
}

#[test]
fn both_dialects_of_every_migration_make_the_same_tables() {
    let (sqlite, postgres) = (
        include_str!("../../migrations/sqlite/0001_jobs_audit_keys.sql"),
        include_str!("../../migrations/postgres/0001_jobs_audit_keys.sql"),
    );
    assert_eq!(store::scratch::shape(sqlite), store::scratch::shape(postgres));
}
