//! A worker that dies at any point loses nothing and doubles nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::StatusCode;
use jiff::SignedDuration;
use provider::{AccountId, Exports, MIGRATIONS, Provider};
use serde_json::{Value, json};
use store::{CrashPoints, MasterKeySource, StoreError, VirtualClock};
use vault::SeededEntropy;

use crate::{
    subjects::{about, at_any_pace, record},
    world::World,
};

/// Dies at the point of this number.
struct DiesAt {
    point: usize,
    passed: AtomicUsize,
}

impl CrashPoints for DiesAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.passed.fetch_add(1, Ordering::SeqCst) == self.point
    }
}

/// Another process over the same database, which dies at `point`.
pub(crate) async fn doomed(world: &World, point: usize) -> Provider {
    let clock: store::SharedClock = Arc::<VirtualClock>::clone(&world.clock);
    let entropy = Arc::new(SeededEntropy::new(1_000 + u64::try_from(point).unwrap()));
    let points = Arc::new(DiesAt {
        // Opening a database that is up to date commits nothing.
        point,
        passed: AtomicUsize::new(0),
    });
    let store = world
        .database
        .open(MIGRATIONS, clock, entropy, Some(points))
        .await
        .unwrap();
    let key = world.database.folder().join("master.key");
    let vault = store.unlock_vault(MasterKeySource::File(&key)).await.unwrap();
    let settings = world.provider.settings().clone();
    let exports = Exports::open(&settings, world.database.folder(), &store, &vault).unwrap();
    Provider::open(settings, store, vault, exports).unwrap()
}

/// Lets a process that dies at `point` work on `body`'s request, and another one after it. False once there was no
/// such point.
pub(crate) async fn survives(world: &World, token: &str, body: &Value, point: usize) -> (bool, Value) {
    let asked = world.ask(token, body).await;
    let dying = doomed(world, point).await;
    let died = matches!(dying.runner().drain().await, Err(StoreError::Crashed));
    // Its leases run out.
    world.clock.advance(SignedDuration::from_secs(31));
    world.work().await;
    world.clock.advance(SignedDuration::from_secs(31));
    world.work().await;
    let sar = world.sar(token, &asked["id"]).await;
    assert_eq!(sar["status"], "completed", "point {point}: {sar}");
    (died, sar)
}

async fn events(world: &World, action: &str, id: &Value) -> usize {
    let mut read = world.provider.store().read().await.unwrap();
    let events = read
        .events(Some(&format!("subject_access_request:{id}")), 0, 1_000)
        .await
        .unwrap();
    events.iter().filter(|event| event.action == action).count()
}

async fn stage() -> (World, AccountId, String) {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token("ada@example.test", account).await;
    (world, account, token)
}

#[tokio::test]
async fn an_export_survives_a_crash_at_every_point() {
    let (world, account, token) = stage().await;
    world
        .import(
            account,
            &[
                record("grace@example.test", "events", json!(1)),
                record("grace@example.test", "events", json!(2)),
            ],
        )
        .await;
    for point in 0.. {
        let (died, sar) = survives(&world, &token, &about("access", "grace@example.test"), point).await;
        assert_eq!(
            world.export(&sar).await.records("app_backend/events.ndjson"),
            [json!(1), json!(2)]
        );
        assert_eq!(
            events(&world, "subject_access.exported", &sar["id"]).await,
            1,
            "point {point}"
        );
        if !died {
            assert!(point >= 4, "only {point} points");
            return;
        }
    }
}

#[tokio::test]
async fn a_deletion_survives_a_crash_at_every_point() {
    let (world, account, token) = stage().await;
    for point in 0.. {
        let many: Vec<_> = (0..600)
            .map(|n| record("grace@example.test", "events", json!(n)))
            .collect();
        world.import(account, &many).await;
        world
            .import(account, &[record("mallory@example.test", "events", json!("stays"))])
            .await;
        let export = world.carry_out(&token, &about("access", "grace@example.test")).await;
        let (died, sar) = survives(&world, &token, &about("delete", "grace@example.test"), point).await;
        let link = export["export_location"].as_str().unwrap();
        assert_eq!(world.fetch(link).await.0, StatusCode::NOT_FOUND, "point {point}");
        let after = world.carry_out(&token, &about("access", "grace@example.test")).await;
        assert_eq!(world.export(&after).await.members.len(), 0, "point {point}");
        let mallory = world.carry_out(&token, &about("access", "mallory@example.test")).await;
        assert_eq!(world.export(&mallory).await.members.len(), 1, "point {point}");
        // Whatever was done twice was counted once.
        let mut read = world.provider.store().read().await.unwrap();
        let object = format!("subject_access_request:{}", sar["id"]);
        let proofs = read.events(Some(&object), 0, 100).await.unwrap();
        let proofs: Vec<_> = proofs
            .iter()
            .filter(|event| event.action == "subject_access.deleted")
            .collect();
        let [proof] = proofs.as_slice() else {
            panic!("point {point}: {} proofs", proofs.len())
        };
        let proof: Value = serde_json::from_str(&proof.detail).unwrap();
        assert_eq!(proof["records"], 600, "point {point}");
        if !died {
            assert!(point >= 8, "only {point} points");
            return;
        }
    }
}

#[tokio::test]
async fn a_removal_survives_a_crash_at_every_point() {
    let (world, account, token) = stage().await;
    world
        .import(account, &[record("grace@example.test", "events", json!(1))])
        .await;
    for point in 0.. {
        let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
        world.clock.advance(SignedDuration::from_hours(7 * 24));
        let dying = doomed(&world, point).await;
        let died = matches!(dying.runner().drain().await, Err(StoreError::Crashed));
        world.clock.advance(SignedDuration::from_secs(31));
        world.work().await;
        let link = sar["export_location"].as_str().unwrap();
        assert_eq!(world.fetch(link).await.0, StatusCode::NOT_FOUND, "point {point}");
        assert_eq!(events(&world, "export.removed", &sar["id"]).await, 1, "point {point}");
        if !died {
            return;
        }
    }
}

#[tokio::test]
async fn a_deletion_waits_for_an_export_that_a_dead_worker_left() {
    let (world, account, token) = stage().await;
    world
        .import(account, &[record("grace@example.test", "events", json!(1))])
        .await;
    for point in 0..8 {
        let access = world.ask(&token, &about("access", "grace@example.test")).await;
        doomed(&world, point).await.runner().drain().await.ok();
        let delete = world.ask(&token, &about("delete", "grace@example.test")).await;
        for _ in 0..150 {
            world.work().await;
            let deleted = world.sar(&token, &delete["id"]).await;
            if deleted["status"] == "completed" {
                // From here on nothing about the person may be found, whatever the dead worker left.
                let access = world.sar(&token, &access["id"]).await;
                if let Some(link) = access["export_location"].as_str() {
                    let (_, _, zip) = world.fetch(link).await;
                    assert_eq!(crate::subjects::Export::read(&zip).members.len(), 0, "point {point}");
                }
                break;
            }
            world.clock.advance(SignedDuration::from_millis(251));
        }
        world.clock.advance(SignedDuration::from_secs(31));
        world.work().await;
        for id in [&access["id"], &delete["id"]] {
            assert_eq!(world.sar(&token, id).await["status"], "completed", "point {point}");
        }
        world
            .import(account, &[record("grace@example.test", "events", json!(1))])
            .await;
    }
}
