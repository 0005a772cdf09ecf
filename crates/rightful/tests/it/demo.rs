//! `rightful demo`.

use serde_json::Value;

use crate::{place::Place, process::Command};

#[tokio::test]
async fn once_it_carries_the_whole_job_out_and_says_so_in_one_document() {
    let place = Place::new().await;
    let told = place.demo("--once --json").run().await.answer();
    assert_eq!(told["ok"], true);
    assert!(told["account_id"].is_i64() && told["client_id"].is_string() && told["connection_id"].is_string());
    for request in ["access", "deletion", "access_again", "neighbour"] {
        assert_eq!(told["requests"][request]["state"], "closed", "{request}");
        assert_eq!(
            told["requests"][request]["vendor_jobs"].as_array().unwrap().len(),
            2,
            "{request}"
        );
    }
    assert_eq!(told["requests"]["deletion"]["outcome"], "completed");
    assert_eq!(told["requests"]["access"]["outcome"], "downloaded");
    assert_eq!(told["found"]["records"], 8);
    assert_eq!(told["found"]["by_name"]["page_view"]["records"], 3);
    assert!(
        told["found"]["by_name"]["profile"]["fields"]
            .as_array()
            .unwrap()
            .contains(&Value::from("newsletter"))
    );
    assert_eq!(told["deleted"]["records_left"], 0);
    assert_eq!(told["deleted"]["neighbour_records"], 8);
    assert!(told["seconds"]["total"].as_f64().unwrap() < 60.0);
}

#[tokio::test]
async fn without_a_data_folder_nothing_stays_behind() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Command::new("demo --once")
        .env("TMPDIR", &folder.path().display().to_string())
        .run()
        .await;
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // For people: a line for each chapter, no colour codes where nobody looks.
    assert!(
        ended.stdout.lines().filter(|line| line.starts_with("done    ")).count() >= 7,
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains('\u{1b}'));
}

#[tokio::test]
async fn a_demo_that_is_done_is_told_again_and_not_done_again() {
    let place = Place::new().await;
    let first = place.demo("--once --json").run().await.answer();
    let second = place.demo("--once --json").run().await.answer();
    for member in [
        "account_id",
        "client_id",
        "connection_id",
        "requests",
        "found",
        "deleted",
    ] {
        assert_eq!(first[member], second[member], "{member}");
    }
}

#[tokio::test]
async fn without_once_both_services_stay_up_and_end_in_good_order() {
    let place = Place::new().await;
    let listens = "--manager-listen 127.0.0.1:0 --provider-listen 127.0.0.1:0";
    let mut demo = place.demo(listens).start();
    while let Some(line) = demo.line().await {
        if line.starts_with("found ") {
            break;
        }
    }
    let second = place.demo(listens).run().await;
    second.failed_with(1);
    second.says(&["a demo is running in", "hint: end it"]);

    let ended = demo.signal("INT").await;
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    for words in ["request manager", "https://localhost:", "log in as", "Ctrl-C"] {
        assert!(ended.stderr.contains(words), "{words} is not in {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_failure_in_json_is_a_document_too() {
    let place = Place::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("--once --json --provider-listen {}", taken.local_addr().unwrap());
    let ended = place.demo(&listen).run().await;
    assert_eq!(ended.status, Some(1));
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["ok"], false);
    assert!(told["error"].as_str().unwrap().contains("in use"), "{told}");
}
