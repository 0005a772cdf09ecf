//! The walkthrough of the API, run as it stands there.

use std::{path::Path, time::Duration};

use tokio::time::timeout;

const WALKTHROUGH: &str = include_str!("../../../../docs/guides/api-walkthrough.md");

/// Every command in one shell, in the order of the page; only the demo's ports are others.
#[tokio::test]
async fn the_walkthrough_of_the_api_works_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = WALKTHROUGH.split("```sh\n").skip(1);
    let commands: String = blocks.map(|block| block.split("```").next().unwrap()).collect();
    assert!(commands.matches("\ncall ").count() > 8, "{commands}");
    let ports = "rightful demo --manager-listen 127.0.0.1:0 --provider-listen 127.0.0.1:0 ";
    assert_eq!(commands.matches("rightful demo ").count(), 1);
    let script = format!(
        "set -eu\nPATH={}:$PATH\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n{}",
        Path::new(env!("CARGO_BIN_EXE_rightful")).parent().unwrap().display(),
        commands.replace("rightful demo ", ports)
    );
    let shell = tokio::process::Command::new("bash")
        .args(["-xc", &script])
        .env_remove("RIGHTFUL_TEST_DATABASE")
        .current_dir(folder.path())
        .kill_on_drop(true)
        .output();
    let ended = timeout(Duration::from_mins(2), shell).await.expect("it hangs").unwrap();
    let (stdout, stderr) = (
        String::from_utf8(ended.stdout).unwrap(),
        String::from_utf8(ended.stderr).unwrap(),
    );
    assert!(ended.status.success(), "{stdout}\n{stderr}");
    for words in [
        "Rightful request manager",
        "/oauth2/authorize?",
        "\"state\":\"connected\"",
        "`identities.email`",
        "\"event\":\"dossier.ready\"",
        "\"action\":\"request.approved\"",
    ] {
        assert!(stdout.contains(words), "{words} is not in {stdout}\n{stderr}");
    }
}
