//! Real processes, killed as by `kill -9`. The full form is `just kill-test`.

use testkit::{fresh_database, kill::KillTest};

#[tokio::test]
async fn a_manager_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let test = KillTest {
        requests: 60,
        kills: 8,
        seed: 1,
        database: fresh_database().await.unwrap(),
        program: env!("CARGO_BIN_EXE_simulate").into(),
    };
    let survived = test.run(|_| {}).await.unwrap();
    assert_eq!((survived.requests, survived.vendor_jobs), (60, 60));
}
