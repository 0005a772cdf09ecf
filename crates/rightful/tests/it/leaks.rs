//! No secret and no person in any output, at any level, nor in the clear in any file.

use std::{fs, path::Path};

use serde_json::Value;

use crate::place::Place;

/// What the demo's vendor holds, in pieces that stand nowhere else.
const PERSONAL: &[&str] = &[
    "ada@example.com",
    "grace@example.com",
    "Ada Lovelace",
    "Grace Hopper",
    "admin@vendor.example",
];

#[tokio::test]
async fn the_loudest_log_names_nobody_and_no_secret() {
    let place = Place::new().await;
    let ended = place.demo("--once").env("RUST_LOG", "trace").run().await;
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("job begins"),
        "the log is not loud: {}",
        ended.stderr
    );
    let secrets = secrets(&place.data());
    for marker in PERSONAL.iter().copied().chain(secrets.iter().map(String::as_str)) {
        assert!(!ended.stderr.contains(marker), "{marker} is in the log");
        assert!(!ended.stdout.contains(marker), "{marker} is in the output");
    }
    for parameter in ["code=", "state=", "code_verifier", "X-Amz-Signature", "Bearer "] {
        assert!(!ended.stderr.contains(parameter), "{parameter} is in the log");
    }
}

#[tokio::test]
async fn no_file_keeps_a_secret_or_a_person_in_the_clear() {
    let place = Place::new().await;
    place.demo("--once").run().await.failed_not();
    let secrets = secrets(&place.data());
    let mut files = 0;
    walk(&place.data(), &mut |path| {
        // The demo's own record is for its owner, who logs in with it.
        if path.ends_with("demo.json") {
            return;
        }
        files += 1;
        let content = fs::read(path).unwrap();
        for marker in PERSONAL.iter().copied().chain(secrets.iter().map(String::as_str)) {
            let found = content.windows(marker.len()).any(|window| window == marker.as_bytes());
            assert!(!found, "{marker} is in {}", path.display());
        }
    });
    assert!(files > 3 || !place.is_sqlite());
}

#[tokio::test]
async fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new().await;
    place.demo("--once").run().await.failed_not();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.data()), 0o700);
    for name in ["demo.json", "master.key", "ca.key"] {
        assert_eq!(mode(&place.data().join(name)), 0o600, "{name}");
    }
}

/// The demo's passwords and keys, and the master key.
fn secrets(data: &Path) -> Vec<String> {
    let record: Value = serde_json::from_slice(&fs::read(data.join("demo.json")).unwrap()).unwrap();
    [
        &record["vendor_login"]["password"],
        &record["operator_login"]["password"],
        &record["application"]["client_secret"],
        &record["api_key"],
    ]
    .map(|secret| secret.as_str().unwrap().to_owned())
    .to_vec()
}

fn walk(folder: &Path, look: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, look);
        } else {
            look(&path);
        }
    }
}
