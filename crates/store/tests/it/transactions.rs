use std::sync::Arc;

use store::{StoreError, Tx, args, retried};
use tokio::task::JoinSet;

use crate::world::{TABLES, World, open};

async fn insert(tx: &mut Tx, id: &str) -> Result<u64, StoreError> {
    tx.execute("INSERT INTO note (id, number) VALUES ($1, $2)", args![id, 1_i64])
        .await
}

async fn count(world: &World) -> i64 {
    let mut read = world.store.read().await.unwrap();
    read.fetch_one("SELECT COUNT(*) AS n FROM note", args![])
        .await
        .unwrap()
        .get("n")
        .unwrap()
}

#[tokio::test]
async fn what_is_committed_is_there_and_what_is_dropped_is_not() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    insert(&mut tx, "kept").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.store.write().await.unwrap();
    insert(&mut tx, "dropped").await.unwrap();
    drop(tx);
    assert_eq!(count(&world).await, 1);
    // The writer is free again.
    let mut tx = world.store.write().await.unwrap();
    insert(&mut tx, "after").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&world).await, 2);
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    let now = tx.now();
    tx.execute(
        "INSERT INTO note VALUES ($1, $2, $3, $4, $5)",
        args!["full", i64::MIN, vec![0_u8, 255], true, now],
    )
    .await
    .unwrap();
    let none = (None::<i64>, None::<Vec<u8>>, None::<bool>, None::<jiff::Timestamp>);
    tx.execute(
        "INSERT INTO note VALUES ($1, $2, $3, $4, $5)",
        args!["empty", none.0, none.1, none.2, none.3],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let mut read = world.store.read().await.unwrap();
    let row = read
        .fetch_one("SELECT * FROM note WHERE id = $1", args!["full"])
        .await
        .unwrap();
    assert_eq!(row.get::<i64>("number").unwrap(), i64::MIN);
    assert_eq!(row.get::<Vec<u8>>("bytes").unwrap(), [0, 255]);
    assert!(row.get::<bool>("flag").unwrap());
    assert_eq!(row.get::<jiff::Timestamp>("at").unwrap(), now);
    let row = read
        .fetch_one("SELECT * FROM note WHERE id = $1", args!["empty"])
        .await
        .unwrap();
    assert_eq!(row.get::<Option<i64>>("number").unwrap(), None);
    assert_eq!(row.get::<Option<bool>>("flag").unwrap(), None);
    assert!(matches!(row.get::<i64>("number"), Err(StoreError::Corrupt { .. })));
}

#[tokio::test]
async fn many_writers_at_once_all_get_their_commit() {
    let world = Arc::new(World::new().await);
    let mut writers = JoinSet::new();
    for n in 0..200 {
        let world = Arc::clone(&world);
        writers.spawn(async move {
            let mut tx = world.store.write().await.unwrap();
            insert(&mut tx, &format!("note {n}")).await.unwrap();
            if n % 7 == 0 {
                return drop(tx);
            }
            tx.commit().await.unwrap();
            // Told "done" means that another connection sees it.
            let mut read = world.store.read().await.unwrap();
            let row = read
                .fetch_optional("SELECT id FROM note WHERE id = $1", args![format!("note {n}")])
                .await;
            assert!(row.unwrap().is_some());
        });
    }
    writers.join_all().await;
    assert_eq!(count(&world).await, 200 - 29);
}

#[tokio::test]
async fn a_writer_that_is_cancelled_anywhere_blocks_nobody() {
    let world = World::new().await;
    for polls in 0..40 {
        let work = async {
            let mut tx = world.store.write().await.unwrap();
            insert(&mut tx, &format!("cancelled {polls}")).await.unwrap();
            tx.commit().await.unwrap();
        };
        let mut work = Box::pin(work);
        for _ in 0..polls {
            if futures_util::poll!(work.as_mut()).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(work);
        let mut tx = world.store.write().await.unwrap();
        insert(&mut tx, &format!("after {polls}")).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(count(&world).await >= 40);
}

#[tokio::test]
async fn a_taken_key_is_told_apart_from_other_failures() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    insert(&mut tx, "one").await.unwrap();
    let error = insert(&mut tx, "one").await.unwrap_err();
    assert!(error.is_duplicate());
    assert!(!error.is_stale());
}

#[tokio::test]
async fn a_decision_under_a_lock_is_made_by_one_at_a_time() {
    let world = Arc::new(World::new().await);
    let mut tx = world.store.write().await.unwrap();
    insert(&mut tx, "counter").await.unwrap();
    tx.commit().await.unwrap();
    let mut workers = JoinSet::new();
    for _ in 0..30 {
        let world = Arc::clone(&world);
        workers.spawn(async move {
            let mut tx = world.store.write().await.unwrap();
            tx.lock("note", "counter").await.unwrap();
            let row = tx
                .fetch_one("SELECT number FROM note WHERE id = 'counter'", args![])
                .await
                .unwrap();
            let next = row.get::<i64>("number").unwrap() + 1;
            tx.execute("UPDATE note SET number = $1 WHERE id = 'counter'", args![next])
                .await
                .unwrap();
            tx.commit().await.unwrap();
        });
    }
    workers.join_all().await;
    let mut read = world.store.read().await.unwrap();
    let row = read
        .fetch_one("SELECT number FROM note WHERE id = 'counter'", args![])
        .await
        .unwrap();
    assert_eq!(row.get::<i64>("number").unwrap(), 31);
}

#[tokio::test]
async fn parameters_are_known_by_their_numbers_wherever_they_stand() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    tx.execute("INSERT INTO note (number, id) VALUES ($2, $1)", args!["swapped", 7_i64])
        .await
        .unwrap();
    let row = tx
        .fetch_one(
            "SELECT id FROM note WHERE number = $2 AND id = $1",
            args!["swapped", 7_i64],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<String>("id").unwrap(), "swapped");
}

#[tokio::test]
async fn a_read_that_turns_out_to_be_long_is_finished_all_the_same() {
    let world = World::new().await;
    let mut read = world.store.read().await.unwrap();
    for _ in 0..2 {
        let row = read
            .fetch_one(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
                 SELECT COUNT(*) AS n FROM n",
                args![],
            )
            .await
            .unwrap();
        assert_eq!(row.get::<i64>("n").unwrap(), 100_000);
    }
}

#[tokio::test]
async fn a_writer_waits_while_another_process_writes() {
    let world = World::new().await;
    let elsewhere = open(&world.database, &world.clock, TABLES).await;
    let mut first = elsewhere.write().await.unwrap();
    insert(&mut first, "first").await.unwrap();
    let (mut waiting, store) = (JoinSet::new(), world.store.clone());
    waiting.spawn(async move {
        let mut second = store.write().await.unwrap();
        insert(&mut second, "second").await.unwrap();
        second.commit().await.unwrap();
    });
    tokio::task::yield_now().await;
    first.commit().await.unwrap();
    waiting.join_all().await;
    assert_eq!(count(&world).await, 2);
}

#[tokio::test]
async fn what_reads_does_not_write() {
    let world = World::new().await;
    if world.database.is_postgres() {
        // There, a reading connection is one like any other.
        return;
    }
    let mut read = world.store.read().await.unwrap();
    assert!(insert(&mut read, "sneaked in").await.is_err());
}

/// Two that take the same two locks the other way round: PostgreSQL ends one of them, and it is carried out again.
#[tokio::test]
async fn what_the_database_ends_for_another_transaction_is_carried_out_again() {
    let world = Arc::new(World::new().await);
    let met = Arc::new(tokio::sync::Semaphore::new(0));
    let shared = world.store.is_shared();
    let mut workers = JoinSet::new();
    for (first, second) in [("a", "b"), ("b", "a")] {
        let (world, met) = (Arc::clone(&world), Arc::clone(&met));
        workers.spawn(async move {
            retried(|| async {
                let mut tx = world.store.write().await?;
                tx.lock("note", first).await?;
                met.add_permits(1);
                if shared {
                    // Both hold their first lock before either asks for its second.
                    met.acquire_many(2).await.unwrap().forget();
                    met.add_permits(2);
                }
                tx.lock("note", second).await?;
                insert(&mut tx, first).await?;
                tx.commit().await
            })
            .await
        });
    }
    for outcome in workers.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(count(&world).await, 2);
}

#[tokio::test]
async fn a_lock_that_somebody_holds_is_not_waited_for() {
    let world = World::new().await;
    let mut one = world.store.write().await.unwrap();
    assert!(one.try_lock("note", "x").await.unwrap());
    if world.store.is_shared() {
        let mut other = world.store.write().await.unwrap();
        assert!(!other.try_lock("note", "x").await.unwrap());
        assert!(other.try_lock("note", "y").await.unwrap());
        drop(one);
        other.lock("note", "x").await.unwrap();
    }
}
