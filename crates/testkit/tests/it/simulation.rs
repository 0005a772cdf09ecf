//! Worlds that a seed makes. The full form is `cargo run --release -p testkit --bin simulate -- --seeds 1000`.

use std::ops::Range;

use testkit::simulation::{Ran, Template, live, live_all};

#[test]
fn whatever_goes_wrong_requests_end_and_nothing_is_lost_doubled_or_unapproved() {
    let ran = lived(0..4);
    assert!(ran.deaths > 0 && ran.faults > 0 && ran.vendor_jobs > 0, "{ran:?}");
}

/// A look at the vendor's list took the answer for a task in whose own poll was being throttled at that moment: the poll was
/// called off, and nobody asked again.
#[test]
fn a_task_that_is_throttled_while_another_looks_at_the_list_goes_on() {
    lived(21..22);
}

fn lived(seeds: Range<u64>) -> Ran {
    let ran = live_all(seeds, 4, false, |_| {}).unwrap();
    let told = ran.violations.iter().map(|failed| {
        let from = failed.trace.len().saturating_sub(60);
        let last = failed.trace.get(from..).unwrap_or_default().join("\n");
        format!("{last}\nseed {}: {:?}\n", failed.seed, failed.violation)
    });
    assert!(ran.violations.is_empty(), "{}", told.collect::<String>());
    ran
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
