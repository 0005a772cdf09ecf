//! Worlds that a seed makes. The full form is `cargo run --release -p testkit --bin simulate -- --seeds 1000`.

use testkit::simulation::{Template, live, live_all};

#[test]
fn whatever_goes_wrong_requests_end_and_nothing_is_lost_doubled_or_unapproved() {
    let ran = live_all(0..4, 4, false, |_| {}).unwrap();
    for failed in &ran.violations {
        let from = failed.trace.len().saturating_sub(60);
        let last = failed.trace.get(from..).unwrap_or_default().join("\n");
        println!("{last}\nseed {}: {:?}", failed.seed, failed.violation);
    }
    assert!(ran.violations.is_empty());
    assert!(ran.deaths > 0 && ran.faults > 0 && ran.vendor_jobs > 0, "{ran:?}");
}

#[test]
fn the_same_seed_lives_the_same_life_event_by_event() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let template = runtime.block_on(Template::make()).unwrap();
    let first = live(7, &template, false).unwrap();
    let again = live(7, &template, false).unwrap();
    for (number, (a, b)) in first.trace.iter().zip(&again.trace).enumerate() {
        assert_eq!(a, b, "event {number}");
    }
    assert_eq!(first.trace.len(), again.trace.len());
    assert!(first.trace.len() > 100);
}
