//! Wrong usage, help, completions: exit status 2 or 0, and nothing made on the way.

use crate::{place::Place, process::Command};

#[tokio::test]
async fn wrong_usage_ends_with_status_2_and_makes_nothing() {
    let place = Place::new().await;
    for words in [
        "",
        "manger",
        "provider",
        "provider account create",
        "provider app create --account 1 --name N --type confidential",
        "provider app create --account 1 --name N --redirect-uri https://a.test --type secret",
        "provider token create",
        "provider token create --email a@example.com --service team --data-source tse",
        "provider token create --service team",
        "manager request create --email a@example.com",
        "manager request approve",
        "manager user create --email a@example.com --role king --password-stdin",
        "demo --twice",
    ] {
        let ended = Command::new(words)
            .env("RIGHTFUL_DATA", &place.data().display().to_string())
            .run()
            .await;
        assert_eq!(ended.status, Some(2), "{words}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{words}");
    }
    assert!(!place.data().exists());
}

#[tokio::test]
async fn a_missing_password_is_wrong_usage_and_says_where_one_can_come_from() {
    let place = Place::new().await;
    let ended = place
        .rightful("manager user create --email a@example.com --role viewer")
        .run()
        .await;
    ended.failed_with(2);
    ended.says(&[
        "the password is missing",
        "--password-stdin",
        "--password-file",
        "RIGHTFUL_PASSWORD",
    ]);
}

#[tokio::test]
async fn help_and_completions_go_to_standard_output() {
    for words in [
        "--help",
        "provider app create --help",
        "manager request --help",
        "--version",
        "completions bash",
    ] {
        let ended = Command::new(words).run().await;
        assert_eq!(ended.status, Some(0), "{words}");
        assert_ne!(ended.stdout, "", "{words}");
        assert_eq!(ended.stderr, "", "{words}");
    }
}

#[tokio::test]
async fn the_openapi_documents_are_printed_without_a_database() {
    let place = Place::new().await;
    for service in ["provider", "manager"] {
        let document = place.answer(&format!("{service} openapi")).await;
        assert!(document["openapi"].as_str().unwrap().starts_with("3."), "{service}");
        assert!(!document["paths"].as_object().unwrap().is_empty(), "{service}");
    }
    assert!(!place.data().exists());
}
