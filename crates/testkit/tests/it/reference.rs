//! What the tables of `docs/reference` say is checked by tests is checked by tests.

use std::{fs, path::Path, sync::LazyLock};

/// All our Rust code, in one text.
static SOURCES: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    read_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut text);
    text
});

#[test]
fn every_requirement_on_the_authorization_server_names_tests_that_exist() {
    assert_covered(
        include_str!("../../../../docs/reference/oauth-conformance.md"),
        "AS",
        75,
    );
}

#[test]
fn every_requirement_on_the_oauth_client_names_tests_that_exist() {
    assert_covered(include_str!("../../../../docs/reference/oauth-client.md"), "CL", 35);
}

#[test]
fn every_requirement_on_security_names_tests_that_exist() {
    assert_covered(include_str!("../../../../docs/reference/security.md"), "SEC", 52);
}

/// Panics unless the table has each number from 1 to `last` once, and the last column of each line names tests that all
/// exist, or says "Not applicable: " and why.
fn assert_covered(document: &str, prefix: &str, last: usize) {
    let lines: Vec<&str> = document
        .lines()
        .filter(|line| line.starts_with(&format!("| {prefix}-")))
        .collect();
    for number in 1..=last {
        let name = format!("{prefix}-{number}");
        let mut said = lines.iter().filter(|line| line.starts_with(&format!("| {name} |")));
        let line = said.next();
        assert!(line.is_some(), "{name} is missing");
        assert!(said.next().is_none(), "{name} stands there twice");
        let cited = line.unwrap().rsplit(" | ").next().unwrap();
        let tests: Vec<&str> = cited.split('`').skip(1).step_by(2).collect();
        assert!(
            !tests.is_empty() || cited.starts_with("Not applicable: "),
            "{name} names no test"
        );
        for test in tests {
            assert!(is_a_test(test), "{name}: there is no test {test}");
        }
    }
    assert_eq!(lines.len(), last, "{prefix}: more lines than numbers");
}

/// Whether a function of this name stands under a `#[test]`; a few lines of attributes may lie between.
fn is_a_test(name: &str) -> bool {
    SOURCES.match_indices(&format!("fn {name}(")).any(|(at, _)| {
        let above = SOURCES.get(..at).unwrap_or_default();
        above
            .rsplit('\n')
            .take(5)
            .any(|line| line.trim_end().ends_with("test]"))
    })
}

fn read_sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
