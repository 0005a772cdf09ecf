use serde_json::json;
use store::{ChainReport, NewEvent, Tx, args};

use crate::world::World;

fn event(action: &str) -> NewEvent {
    NewEvent {
        actor: "operator:1".into(),
        origin: Some("192.0.2.7".into()),
        action: action.into(),
        object: "request:1".into(),
        detail: json!({ "to": "collecting" }),
    }
}

async fn world_with_events(count: usize) -> World {
    let world = World::new().await;
    for n in 0..count {
        let mut tx = world.store.write().await.unwrap();
        tx.audit(event(&format!("request.step-{n}")));
        tx.audit(event("request.seen"));
        tx.commit().await.unwrap();
    }
    world
}

async fn tamper(world: &World, sql: &'static str) -> ChainReport {
    let mut tx: Tx = world.store.write().await.unwrap();
    tx.execute(sql, args![]).await.unwrap();
    tx.commit().await.unwrap();
    world.store.verify_audit().await.unwrap()
}

#[tokio::test]
async fn a_chain_that_nobody_touched_is_whole() {
    let world = world_with_events(5).await;
    assert_eq!(
        world.store.verify_audit().await.unwrap(),
        ChainReport::Whole { events: 10 }
    );
    let events = world
        .store
        .read()
        .await
        .unwrap()
        .events(Some("request:1"), 0, 100)
        .await
        .unwrap();
    assert_eq!(events.len(), 10);
    assert_eq!(events[2].action, "request.step-1");
    assert_eq!(events[2].at, world.now());
}

#[tokio::test]
async fn an_event_of_a_dropped_transaction_was_never_there() {
    let world = world_with_events(1).await;
    let mut tx = world.store.write().await.unwrap();
    tx.audit(event("request.never"));
    drop(tx);
    assert_eq!(
        world.store.verify_audit().await.unwrap(),
        ChainReport::Whole { events: 2 }
    );
}

#[tokio::test]
async fn a_changed_row_is_found() {
    // SEC-45
    let world = world_with_events(5).await;
    let report = tamper(&world, "UPDATE audit SET actor = 'operator:2' WHERE seq = 4").await;
    assert!(matches!(report, ChainReport::Broken { seq: 4, .. }), "{report:?}");
}

#[tokio::test]
async fn a_removed_row_is_found() {
    let world = world_with_events(5).await;
    let report = tamper(&world, "DELETE FROM audit WHERE seq = 7").await;
    assert!(matches!(report, ChainReport::Broken { seq: 7, .. }), "{report:?}");
}

#[tokio::test]
async fn a_removed_end_is_found() {
    let world = world_with_events(5).await;
    let report = tamper(&world, "DELETE FROM audit WHERE seq > 8").await;
    assert!(matches!(report, ChainReport::Broken { seq: 9, .. }), "{report:?}");
}

#[tokio::test]
async fn two_rows_that_changed_places_are_found() {
    let world = world_with_events(5).await;
    tamper(&world, "UPDATE audit SET seq = 100 WHERE seq = 2").await;
    tamper(&world, "UPDATE audit SET seq = 2 WHERE seq = 3").await;
    let report = tamper(&world, "UPDATE audit SET seq = 3 WHERE seq = 100").await;
    assert!(matches!(report, ChainReport::Broken { seq: 2, .. }), "{report:?}");
}

#[tokio::test]
async fn a_row_behind_the_end_is_found() {
    // SEC-45
    let world = world_with_events(5).await;
    let copied = "INSERT INTO audit (seq, at, actor, origin, action, object, detail, hash) \
                  SELECT 12, at, actor, origin, action, object, detail, hash FROM audit WHERE seq = 1";
    let report = tamper(&world, copied).await;
    assert!(matches!(report, ChainReport::Broken { seq: 12, .. }), "{report:?}");
}

#[tokio::test]
async fn a_chain_that_grows_while_it_is_verified_is_whole() {
    let world = std::sync::Arc::new(world_with_events(1).await);
    let writing = std::sync::Arc::clone(&world);
    let writer = async move {
        for _ in 0..200 {
            let mut tx = writing.store.write().await.unwrap();
            tx.audit(event("request.noted"));
            tx.commit().await.unwrap();
        }
    };
    let mut writers = tokio::task::JoinSet::new();
    writers.spawn(writer);
    loop {
        let report = world.store.verify_audit().await.unwrap();
        assert!(matches!(report, ChainReport::Whole { .. }), "{report:?}");
        if writers.try_join_next().is_some() {
            break;
        }
    }
}
