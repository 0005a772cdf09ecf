//! What the README promises, run as it stands there.

use std::{collections::BTreeMap, path::Path, time::Duration};

use tokio::time::timeout;

use crate::process::Command;

const README: &str = include_str!("../../../../README.md");

/// The shell blocks under a heading.
fn block(heading: &str) -> String {
    let section = README
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .expect(heading);
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

#[tokio::test]
async fn the_demo_commands_work() {
    let commands = block("See it work");
    let once = commands.lines().next().unwrap();
    let words = once.split('#').next().unwrap().trim();
    let words = words
        .strip_prefix("cargo run --release -- ")
        .expect("the first command is the demo");
    let ended = Command::new(words).run().await;
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
}

/// Every command in a shell, in the order of the README; servers go to the background. Only the ports are others, and
/// the ids that a reader would copy.
#[tokio::test]
async fn the_commands_to_run_it_work() {
    let folder = tempfile::tempdir().unwrap();
    let ports: BTreeMap<&str, u16> = ["8443", "8444"].into_iter().zip(free_ports()).collect();
    let mut script = format!(
        "set -eu\nPATH={}:$PATH\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n",
        Path::new(env!("CARGO_BIN_EXE_rightful")).parent().unwrap().display()
    );
    for line in block("Run it").replace("\\\n", " ").lines() {
        let mut line = line.to_owned();
        for (port, free) in &ports {
            line = line.replace(port, &free.to_string());
        }
        script += line.split(" #").next().unwrap();
        script.push('\n');
        if line.ends_with('&') {
            // The next command wants it to be there.
            let port = if line.contains("provider") {
                ports["8444"]
            } else {
                ports["8443"]
            };
            let wait = format!("until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do :; done\n");
            script.push_str(&wait);
        }
    }
    let shell = tokio::process::Command::new("bash")
        .args(["-c", &script])
        .env_remove("RIGHTFUL_TEST_DATABASE")
        .current_dir(folder.path())
        .kill_on_drop(true)
        .output();
    let ended = timeout(Duration::from_mins(1), shell).await.expect("it hangs").unwrap();
    let (stdout, stderr) = (
        String::from_utf8(ended.stdout).unwrap(),
        String::from_utf8(ended.stderr).unwrap(),
    );
    assert!(ended.status.success(), "{script}\n{stdout}\n{stderr}");
    assert!(stdout.contains("/oauth2/authorize?"), "{stdout}");
}

/// Two ports that nobody listens on.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
