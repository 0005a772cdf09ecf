use store::Epoch;

use crate::world::{TABLES, World, open};

#[tokio::test]
async fn a_raised_epoch_is_seen_by_the_next_call_in_every_process() {
    let world = World::new().await;
    let here = Epoch::new(world.store.clone(), "authorization");
    let elsewhere = Epoch::new(open(&world.database, &world.clock, TABLES).await, "authorization");
    assert_eq!(here.current().await.unwrap(), 0);
    for round in 1..20 {
        let mut tx = world.store.write().await.unwrap();
        tx.raise_epoch("authorization").await.unwrap();
        tx.commit().await.unwrap();
        let seen = futures_util::future::join_all((0..10).map(|_| elsewhere.current())).await;
        assert!(seen.into_iter().all(|seen| seen.unwrap() == round));
        assert_eq!(here.current().await.unwrap(), round);
    }
}
