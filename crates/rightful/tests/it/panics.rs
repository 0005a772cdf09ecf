//! What a panic of the process tells.

use std::process::Command;

/// Asks this very test, in a process of its own, to panic.
const PANIC: &str = "TEST_PANICS";

#[test]
fn a_panic_tells_where_it_was_and_never_what_it_says() {
    // SEC-46: a message may quote a value, and values are people's.
    if std::env::var_os(PANIC).is_some() {
        rightful::panics::tell_only_where();
        panic!("ada@example.com");
    }
    let ended = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "panics::a_panic_tells_where_it_was_and_never_what_it_says",
            "--nocapture",
        ])
        .env(PANIC, "yes")
        .output()
        .unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(!ended.status.success(), "it did not panic: {said}");
    assert!(
        said.contains("panicked at crates/rightful/tests/it/panics.rs:"),
        "{said}"
    );
    assert!(!said.contains("ada@example.com"), "{said}");
}
