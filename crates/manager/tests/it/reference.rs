//! What the reference says about us is true.

use std::{fs, path::Path};

const OAUTH_CLIENT: &str = include_str!("../../../../docs/reference/oauth-client.md");

/// Everything that our crates say, in one text.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_requirement_on_the_oauth_client_names_tests_that_exist() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut text);
    let lines: Vec<&str> = OAUTH_CLIENT.lines().filter(|line| line.starts_with("| CL-")).collect();
    for number in 1..=35 {
        let mut said = lines
            .iter()
            .filter(|line| line.starts_with(&format!("| CL-{number} |")));
        let line = said.next().unwrap_or_else(|| panic!("CL-{number} is missing"));
        assert!(said.next().is_none(), "CL-{number} stands there twice");
        let cited = line.rsplit(" | ").next().unwrap();
        let tests: Vec<&str> = cited.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "CL-{number} names no test");
        for test in tests {
            assert!(
                text.contains(&format!("fn {test}(")),
                "CL-{number}: there is no test {test}"
            );
        }
    }
    assert_eq!(lines.len(), 35);
}
