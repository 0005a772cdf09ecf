use store::Epochs;

use crate::world::{TABLES, World, open};

#[tokio::test]
async fn a_raised_epoch_is_seen_by_the_next_call_in_every_process() {
    let world = World::new().await;
    let here = Epochs::new(world.store.clone(), ["authorization", "other"]);
    let elsewhere = Epochs::new(
        open(&world.database, &world.clock, TABLES).await,
        ["other", "authorization"],
    );
    assert_eq!(here.current().await.unwrap(), [0, 0]);
    for round in 1..20 {
        let mut tx = world.store.write().await.unwrap();
        tx.raise_epoch("authorization").await.unwrap();
        tx.commit().await.unwrap();
        let seen = futures_util::future::join_all((0..10).map(|_| elsewhere.current())).await;
        assert!(seen.into_iter().all(|seen| seen.unwrap() == [0, round]));
        assert_eq!(here.current().await.unwrap(), [round, 0]);
    }
}

#[tokio::test]
async fn reading_an_epoch_stays_a_short_read_however_often_it_is_done() {
    let world = World::new().await;
    let epochs = Epochs::new(world.store.clone(), ["authorization"]);
    // A read that takes 200,000 steps of SQLite's machine is stopped, to be carried out elsewhere. This one takes ten.
    for _ in 0..if world.store.is_shared() { 100 } else { 50_000 } {
        assert_eq!(epochs.current().await.unwrap(), [0]);
    }
}
