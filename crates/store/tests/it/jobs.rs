use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, ToSpan as _};
use serde_json::json;
use store::{
    Store, StoreError,
    jobs::{LaneLimits, Lease, NewJob, Pause, Runner, StepError, Steps},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::world::{TABLES, World, open};

const MINUTE: Duration = Duration::from_mins(1);

fn job(world: &World, lane: &str, n: usize) -> NewJob {
    NewJob {
        kind: "note",
        lane: lane.into(),
        run_at: world.now(),
        payload: json!({ "n": n }),
        key: None,
    }
}

async fn enqueue(world: &World, jobs: impl IntoIterator<Item = NewJob>) {
    let mut tx = world.store.write().await.unwrap();
    jobs.into_iter().for_each(|job| tx.enqueue(job));
    tx.commit().await.unwrap();
}

async fn limit(world: &World, lane: &str, limits: LaneLimits) {
    let mut tx = world.store.write().await.unwrap();
    tx.set_lane(lane, limits).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(store: &Store, most: usize) -> Vec<Lease> {
    store.claim(most, MINUTE).await.unwrap().leases
}

async fn finish(store: &Store, lease: &Lease) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.finish(lease).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_job_is_claimed_once_and_gone_when_finished() {
    let world = World::new().await;
    enqueue(&world, [job(&world, "a", 1)]).await;
    let leases = claim(&world.store, 10).await;
    assert_eq!(leases[0].payload, json!({ "n": 1 }));
    assert!(claim(&world.store, 10).await.is_empty());
    finish(&world.store, &leases[0]).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(1));
    assert!(claim(&world.store, 10).await.is_empty());
}

#[tokio::test]
async fn a_job_is_not_claimed_before_its_time() {
    let world = World::new().await;
    let later = world.now() + 90.seconds();
    enqueue(
        &world,
        [NewJob {
            run_at: later,
            ..job(&world, "a", 1)
        }],
    )
    .await;
    let claimed = world.store.claim(10, MINUTE).await.unwrap();
    assert!(claimed.leases.is_empty());
    assert_eq!(claimed.next_due, Some(later));
    world.clock.advance(SignedDuration::from_secs(90));
    assert_eq!(claim(&world.store, 10).await.len(), 1);
}

#[tokio::test]
async fn the_job_of_a_dead_worker_is_taken_over_and_the_dead_one_keeps_nothing() {
    let world = World::new().await;
    enqueue(&world, [job(&world, "a", 1)]).await;
    let dead = claim(&world.store, 1).await.remove(0);
    world.clock.advance(SignedDuration::from_secs(61));
    let heir = claim(&world.store, 1).await.remove(0);
    assert_eq!(heir.attempts, 1);
    assert!(matches!(finish(&world.store, &dead).await, Err(StoreError::LeaseLost)));
    finish(&world.store, &heir).await.unwrap();
}

#[tokio::test]
async fn two_processes_never_hold_the_same_job() {
    let world = World::new().await;
    let other = open(&world.database, &world.clock, TABLES).await;
    for lane in 0..10 {
        enqueue(&world, (0..20).map(|n| job(&world, &format!("lane {lane}"), n))).await;
    }
    let mut seen = BTreeSet::new();
    while seen.len() < 200 {
        let (here, there) = tokio::join!(claim(&world.store, 7), claim(&other, 7));
        for lease in here.into_iter().chain(there) {
            let key = (lease.lane.clone(), lease.payload.to_string());
            assert!(seen.insert(key), "claimed twice");
        }
    }
}

#[tokio::test]
async fn a_lane_never_goes_faster_than_its_rate() {
    let world = World::new().await;
    let limits = LaneLimits {
        interval: Duration::from_millis(100),
        burst: 3,
        most_in_flight: 0,
    };
    limit(&world, "slow", limits).await;
    enqueue(&world, (0..40).map(|n| job(&world, "slow", n))).await;
    let mut started = Vec::new();
    for _ in 0..40 {
        started.push(claim(&world.store, 100).await.len());
        world.clock.advance(SignedDuration::from_millis(100));
    }
    assert_eq!(started[0], 3, "the burst");
    assert!(started[1..].iter().all(|count| *count <= 1), "{started:?}");
    assert_eq!(started.iter().sum::<usize>(), 40);
}

#[tokio::test]
async fn a_lane_has_no_more_in_flight_than_it_allows() {
    let world = World::new().await;
    limit(
        &world,
        "narrow",
        LaneLimits {
            interval: Duration::ZERO,
            burst: 1,
            most_in_flight: 2,
        },
    )
    .await;
    enqueue(&world, (0..5).map(|n| job(&world, "narrow", n))).await;
    let first = claim(&world.store, 10).await;
    assert_eq!(first.len(), 2);
    assert!(claim(&world.store, 10).await.is_empty());
    finish(&world.store, &first[0]).await.unwrap();
    assert_eq!(claim(&world.store, 10).await.len(), 1);
    world.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(claim(&world.store, 10).await.len(), 2, "leases that ran out make room");
}

#[tokio::test]
async fn a_closed_lane_rests_and_then_resumes_one_at_a_time() {
    let world = World::new().await;
    limit(
        &world,
        "vendor",
        LaneLimits {
            interval: Duration::from_millis(100),
            burst: 10,
            most_in_flight: 0,
        },
    )
    .await;
    enqueue(&world, (0..30).map(|n| job(&world, "vendor", n))).await;
    enqueue(&world, [job(&world, "other", 1)]).await;
    let mut tx = world.store.write().await.unwrap();
    let until = tx
        .pause_lane("vendor", Pause::For(Duration::from_secs(10)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(until, world.now() + 10.seconds());
    assert_eq!(
        claim(&world.store, 50).await.len(),
        1,
        "another organisation does not wait"
    );
    world.clock.advance(SignedDuration::from_millis(9_999));
    assert!(claim(&world.store, 50).await.is_empty());
    world.clock.advance(SignedDuration::from_millis(1));
    assert_eq!(claim(&world.store, 50).await.len(), 1);
    assert!(claim(&world.store, 50).await.is_empty());
}

#[tokio::test]
async fn pauses_without_a_given_time_grow_and_start_small_again_after_an_answer() {
    let world = World::new().await;
    enqueue(&world, [job(&world, "vendor", 1)]).await;
    let pause = Pause::Backoff {
        first: Duration::from_secs(1),
        most: Duration::from_mins(15),
    };
    let mut ceilings = Vec::new();
    for attempt in 0..14_u32 {
        let mut tx = world.store.write().await.unwrap();
        let until = tx.pause_lane("vendor", pause).await.unwrap();
        tx.commit().await.unwrap();
        let wait = until.duration_since(world.now()).as_secs_f64();
        let ceiling = f64::from(2_u32.pow(attempt.min(12))).min(900.0);
        assert!(wait >= ceiling / 10.1 && wait <= ceiling, "{attempt}: {wait}");
        ceilings.push(ceiling);
        world.clock.set(until);
    }
    let mut tx = world.store.write().await.unwrap();
    tx.lane_recovered("vendor").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.store.write().await.unwrap();
    let until = tx.pause_lane("vendor", pause).await.unwrap();
    assert!(until <= world.now() + 1.second());
}

#[tokio::test]
async fn a_flood_on_one_lane_does_not_starve_another() {
    let world = World::new().await;
    enqueue(&world, (0..500).map(|n| job(&world, "flood", n))).await;
    enqueue(&world, [job(&world, "quiet", 1)]).await;
    let mut claims = 0;
    loop {
        world.clock.advance(SignedDuration::from_millis(1));
        claims += 1;
        if claim(&world.store, 10).await.iter().any(|lease| lease.lane == "quiet") {
            break;
        }
    }
    assert!(claims <= 2, "waited for {claims} claims");
}

/// Those who share a lane take turns at its rate, in whichever order their jobs came.
#[tokio::test]
async fn a_flood_of_one_that_shares_a_lane_does_not_starve_the_others() {
    let world = World::new().await;
    let second = Duration::from_secs(1);
    let limits = LaneLimits {
        interval: second,
        burst: 1,
        most_in_flight: 0,
    };
    limit(&world, "vendor", limits).await;
    let mut tx = world.store.write().await.unwrap();
    for n in 0..500 {
        tx.enqueue_for("flood", job(&world, "vendor", n));
    }
    tx.commit().await.unwrap();
    world.clock.advance(SignedDuration::from_secs(1));
    let mut tx = world.store.write().await.unwrap();
    for n in 0..3 {
        tx.enqueue_for("quiet", job(&world, "vendor", 500 + n));
        tx.enqueue_for("other", job(&world, "vendor", 600 + n));
    }
    tx.commit().await.unwrap();
    let mut order = Vec::new();
    for _ in 0..9 {
        for lease in claim(&world.store, 10).await {
            let n = lease.payload["n"].as_u64().unwrap();
            order.push(if n < 500 {
                "flood"
            } else if n < 600 {
                "quiet"
            } else {
                "other"
            });
            finish(&world.store, &lease).await.unwrap();
        }
        world.clock.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(order.len(), 9, "{order:?}");
    for three in order.chunks(3) {
        for share in ["flood", "quiet", "other"] {
            assert!(three.contains(&share), "{order:?}");
        }
    }
}

/// The same for what may be in flight at once.
#[tokio::test]
async fn places_in_flight_are_dealt_out_in_turn() {
    let world = World::new().await;
    let limits = LaneLimits {
        interval: Duration::ZERO,
        burst: 1,
        most_in_flight: 4,
    };
    limit(&world, "vendor", limits).await;
    let mut tx = world.store.write().await.unwrap();
    for n in 0..100 {
        tx.enqueue_for("flood", job(&world, "vendor", n));
    }
    tx.enqueue_for("quiet", job(&world, "vendor", 100));
    tx.enqueue_for("quiet", job(&world, "vendor", 101));
    tx.commit().await.unwrap();
    let leases = claim(&world.store, 10).await;
    let quiet = leases
        .iter()
        .filter(|lease| lease.payload["n"].as_u64().unwrap() >= 100);
    assert_eq!((leases.len(), quiet.count()), (4, 2));
}

#[tokio::test]
async fn a_key_is_waited_for_once_and_can_be_cancelled() {
    let world = World::new().await;
    let later = world.now() + 1.hour();
    let keyed = |run_at| NewJob {
        run_at,
        key: Some("poll 1".into()),
        ..job(&world, "a", 1)
    };
    enqueue(&world, [keyed(later), keyed(world.now())]).await;
    let leases = claim(&world.store, 10).await;
    assert_eq!(leases.len(), 1, "the second moved the first forward");
    let mut tx = world.store.write().await.unwrap();
    tx.cancel_job("poll 1").await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(
        finish(&world.store, &leases[0]).await,
        Err(StoreError::LeaseLost)
    ));
}

/// What holds a full lane up is the job that runs, and not the lease of one that was cancelled while it ran.
#[tokio::test]
async fn cancelling_a_running_job_makes_room_in_its_lane_at_once() {
    let world = World::new().await;
    let limits = LaneLimits {
        interval: Duration::ZERO,
        burst: 1,
        most_in_flight: 1,
    };
    limit(&world, "vendor", limits).await;
    let running = NewJob {
        key: Some("poll 1".into()),
        ..job(&world, "vendor", 1)
    };
    enqueue(&world, [running]).await;
    assert_eq!(claim(&world.store, 10).await.len(), 1);
    enqueue(&world, [job(&world, "vendor", 2)]).await;
    assert!(claim(&world.store, 10).await.is_empty(), "the lane is full");
    let mut tx = world.store.write().await.unwrap();
    tx.cancel_job("poll 1").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        claim(&world.store, 10).await.len(),
        1,
        "there is room without waiting for the lease"
    );
}

struct Recorder {
    store: Store,
    seen: Mutex<Vec<String>>,
    failures: Mutex<usize>,
    done: CancellationToken,
}

#[async_trait::async_trait]
impl Steps for Recorder {
    async fn run(&self, lease: &Lease) -> Result<(), StepError> {
        self.seen
            .lock()
            .unwrap()
            .push(format!("{} {}", lease.payload["n"], lease.attempts));
        let failing = {
            let mut failures = self.failures.lock().unwrap();
            let failing = *failures > 0;
            *failures = failures.saturating_sub(1);
            failing
        };
        if failing {
            assert!(lease.attempts != 1, "the second attempt panics");
            return Err(StepError::Failed("not today".into()));
        }
        let mut tx = self.store.write().await?;
        tx.finish(lease).await?;
        tx.commit().await?;
        self.done.cancel();
        Ok(())
    }
}

fn recorder(world: &World, failures: usize) -> Arc<Recorder> {
    Arc::new(Recorder {
        store: world.store.clone(),
        seen: Mutex::default(),
        failures: Mutex::new(failures),
        done: CancellationToken::new(),
    })
}

#[tokio::test]
async fn what_fails_or_panics_is_tried_again_later() {
    let world = World::new().await;
    let steps = recorder(&world, 2);
    let runner = Runner::new(world.store.clone(), steps.clone(), 4);
    enqueue(&world, [job(&world, "a", 1)]).await;
    for _ in 0..3 {
        runner.drain().await.unwrap();
        world.clock.advance(SignedDuration::from_mins(20));
    }
    assert_eq!(*steps.seen.lock().unwrap(), ["1 0", "1 1", "1 2"]);
}

#[tokio::test]
async fn a_running_runner_wakes_for_new_work_and_takes_up_what_a_dead_process_left() {
    let world = World::new().await;
    enqueue(&world, [job(&world, "a", 1)]).await;
    let _died_with_it = claim(&world.store, 1).await;
    if world.database.is_postgres() {
        // Other processes may be alive: the lease has to run out.
        world.clock.advance(SignedDuration::from_mins(2));
    }
    let steps = recorder(&world, 0);
    let stop = CancellationToken::new();
    let mut running = JoinSet::from_iter([Runner::new(world.store.clone(), steps.clone(), 4).run(stop.clone())]);
    steps.done.cancelled().await;
    assert_eq!(*steps.seen.lock().unwrap(), ["1 1"]);
    stop.cancel();
    running.join_next().await.unwrap().unwrap().unwrap();
}

/// Its transaction is open for longer than a heartbeat's interval.
struct Slow {
    world: World,
}

#[async_trait::async_trait]
impl Steps for Slow {
    async fn run(&self, lease: &Lease) -> Result<(), StepError> {
        let mut tx = self.world.store.write().await?;
        tx.finish(lease).await?;
        self.world.clock.advance(SignedDuration::from_secs(11));
        // The heartbeat comes, and waits for this transaction.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        tx.commit().await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_heartbeat_that_waits_for_the_jobs_own_transaction_lets_it_end() {
    let world = World::new().await;
    enqueue(&world, [job(&world, "a", 1)]).await;
    let store = world.store.clone();
    let runner = Runner::new(store.clone(), Arc::new(Slow { world }), 1);
    let drained = tokio::time::timeout(Duration::from_secs(20), runner.drain()).await;
    assert_eq!(drained.expect("they wait for each other").unwrap(), 1);
    assert!(claim(&store, 1).await.is_empty());
}

#[tokio::test]
async fn a_job_that_calls_more_than_once_takes_its_places_in_the_rate() {
    let world = World::new().await;
    let limits = LaneLimits {
        interval: Duration::from_secs(1),
        burst: 3,
        most_in_flight: 0,
    };
    limit(&world, "a", limits).await;
    enqueue(&world, [job(&world, "a", 1)]).await;
    assert_eq!(claim(&world.store, 10).await.len(), 1);
    let mut waits = Vec::new();
    for _ in 0..4 {
        let free_at = world.store.take_slot("a").await.unwrap();
        waits.push(free_at.duration_since(world.now()).as_secs());
    }
    assert_eq!(waits, [0, 0, 1, 2], "the claim is the first of the burst");
    enqueue(&world, [job(&world, "a", 2)]).await;
    world.clock.advance(SignedDuration::from_millis(2_900));
    assert!(claim(&world.store, 10).await.is_empty(), "their turn comes first");
    world.clock.advance(SignedDuration::from_millis(100));
    assert_eq!(claim(&world.store, 10).await.len(), 1);
    let unlimited = world.store.take_slot("another lane").await.unwrap();
    assert_eq!(unlimited, world.now());
}

#[tokio::test]
async fn a_short_pause_gives_no_place_back_that_the_rate_has_spent() {
    let world = World::new().await;
    let limits = LaneLimits {
        interval: Duration::from_secs(10),
        burst: 1,
        most_in_flight: 0,
    };
    limit(&world, "a", limits).await;
    enqueue(&world, [job(&world, "a", 1), job(&world, "a", 2)]).await;
    assert_eq!(claim(&world.store, 10).await.len(), 1);
    let mut tx = world.store.write().await.unwrap();
    tx.pause_lane("a", Pause::For(Duration::from_millis(100)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.clock.advance(SignedDuration::from_secs(9));
    assert!(claim(&world.store, 10).await.is_empty());
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(claim(&world.store, 10).await.len(), 1);
}
