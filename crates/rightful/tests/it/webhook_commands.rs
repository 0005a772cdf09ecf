//! `rightful manager webhook …`.

use serde_json::json;

use crate::place::Place;

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_webhook_is_made_changed_tried_and_removed_from_the_shell() {
    let place = Place::new().await;
    let list = "manager webhook list";
    assert_eq!(
        place.rightful(list).run().await.stdout,
        "no webhooks yet: `rightful manager webhook create`\n"
    );
    let made = place
        .answer("manager webhook create --url https://hooks.example.com/rightful --event request.closed --event task.failed")
        .await;
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(secret.starts_with("whsec_"));
    assert_eq!(made["events"], json!(["request.closed", "task.failed"]));
    assert_eq!(
        place.rightful(list).run().await.stdout,
        format!(
            "ID{blanks}STATE   URL                                 EVENTS                      DESCRIPTION\n\
             {id}  active  https://hooks.example.com/rightful  request.closed,task.failed\n",
            blanks = " ".repeat(36)
        )
    );

    let change = format!("manager webhook change {id} --description Tickets --event");
    let changed = place.rightful(&change).word("*").word("--json").run().await.answer();
    assert_eq!(
        (&changed["description"], &changed["events"]),
        (&json!("Tickets"), &json!(["*"]))
    );
    assert_eq!(
        place.rightful(&format!("manager webhook show {id}")).run().await.stdout,
        format!("webhook {id} is active\nurl      https://hooks.example.com/rightful\nevents   *\nabout    Tickets\n")
    );
    let rotated = place
        .answer(&format!("manager webhook rotate-secret {id} --overlap 1h"))
        .await;
    assert_ne!(rotated["secret"], made["secret"]);

    let sent = place.answer(&format!("manager webhook test {id}")).await;
    assert_eq!(
        (&sent["event"], &sent["state"]),
        (&json!("webhook.test"), &json!("pending"))
    );
    let deliveries = format!("manager webhook deliveries {id} --json");
    assert_eq!(place.rightful(&deliveries).run().await.answers().len(), 1);
    assert_eq!(
        place.answer(&format!("manager webhook disable {id}")).await["state"],
        "disabled"
    );
    place
        .refusal(&format!("manager webhook test {id}"))
        .await
        .says(&["enable it first"]);
    assert_eq!(
        place.answer(&format!("manager webhook enable {id}")).await["state"],
        "active"
    );
    let replayed = place
        .answer(&format!("manager webhook replay {id} --since 2026-01-01T00:00:00Z"))
        .await;
    assert_eq!(replayed["replayed"], 1, "disabling gave it up");
    let delivery = sent["id"].as_str().unwrap();
    place
        .answer(&format!("manager webhook replay {id} --delivery {delivery}"))
        .await;

    let log = place.folder().join("audit.ndjson");
    let export = format!("manager audit export --output {}", log.display());
    place.rightful(&export).run().await.failed_not();
    let log = std::fs::read_to_string(log).unwrap();
    for (action, times) in [("created", 1), ("changed", 4), ("tested", 1), ("replayed", 2)] {
        assert_eq!(
            log.matches(&format!("webhook.{action}")).count(),
            times,
            "{action}: {log}"
        );
    }
    assert!(!log.contains("whsec_") && !log.contains("hooks.example.com"));

    assert_eq!(
        place.answer(&format!("manager webhook remove {id}")).await["removed"],
        true
    );
    assert!(
        place
            .rightful(&format!("{list} --json"))
            .run()
            .await
            .answers()
            .is_empty()
    );
}

#[tokio::test]
async fn what_a_webhook_cannot_be_is_refused_by_field() {
    let place = Place::new().await;
    for (words, status, says) in [
        (
            "manager webhook create --url http://hooks.example.com".to_owned(),
            1,
            "url must begin with https://",
        ),
        (
            "manager webhook create --url https://127.0.0.1/x".to_owned(),
            1,
            "allow_private_hosts",
        ),
        (
            "manager webhook create --url https://hooks.example.com --event request.eaten".to_owned(),
            2,
            "hint: docs/guides/webhooks.md",
        ),
        (
            format!("manager webhook change {NOBODY}"),
            2,
            "hint: --url, --description or --event",
        ),
        (format!("manager webhook replay {NOBODY}"), 2, "--since"),
        (format!("manager webhook show {NOBODY}"), 1, "there is no webhook"),
        (format!("manager webhook remove {NOBODY}"), 1, "there is no webhook"),
        (
            format!("manager webhook rotate-secret {NOBODY} --overlap 30d"),
            1,
            "overlap must be between",
        ),
        ("manager webhook test hooks".to_owned(), 2, "expected the webhook's id"),
    ] {
        let ended = place.rightful(&words).run().await;
        assert_eq!(ended.status, Some(status), "{words}: {}", ended.stderr);
        ended.says(&[says]);
        assert_eq!(ended.stdout, "", "{words}");
    }
}
