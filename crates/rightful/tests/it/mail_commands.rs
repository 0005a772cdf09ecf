//! `rightful manager mailbox …` and `rightful manager template …`.

use serde_json::{Value, json};

use crate::{
    place::Place,
    process::{Command, Ended},
};

/// A company whose mails stay with it.
fn keeps_mails(place: &Place, words: &str) -> Command {
    place.rightful(words).env("RIGHTFUL_MAILBOX", "true")
}

async fn run(place: &Place, words: &str) -> Ended {
    keeps_mails(place, words).run().await
}

#[tokio::test]
async fn mails_of_the_local_mailbox_are_listed_and_read_from_the_shell() {
    let place = Place::new().await;
    assert_eq!(run(&place, "manager mailbox list").await.stdout, "no mails\n");
    let nothing = run(&place, "manager mailbox show").await;
    nothing.failed_with(1);
    nothing.says(&["there are no mails"]);

    run(&place, "manager user invite --email grace@example.com --role viewer")
        .await
        .failed_not();
    let listed = run(&place, "manager mailbox list --json").await.answers();
    assert_eq!(listed.len(), 1);
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(
        (&listed[0]["state"], &listed[0]["attempts"]),
        (&json!("kept"), &json!(0))
    );
    let table = run(&place, "manager mailbox list").await.stdout;
    let mut lines = table.lines();
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["ID", "EVENT", "ABOUT", "STATE", "WRITTEN"]);
    let row: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        (row[0], row[1], row[3]),
        (id, listed[0]["event"].as_str().unwrap(), "kept")
    );
    assert!(!table.contains("example.com"), "a list tells nobody's address: {table}");
    assert_eq!(
        run(&place, "manager mailbox list --state failed").await.stdout,
        "no mails\n"
    );

    let shown = run(&place, &format!("manager mailbox show {id}")).await.stdout;
    let names: Vec<&str> = shown
        .lines()
        .take(4)
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(names, ["From", "To", "Date", "Subject"]);
    assert!(
        shown.contains("To: grace@example.com") && shown.contains("/invitation/"),
        "{shown}"
    );
    let newest = run(&place, "manager mailbox show --json").await.answer();
    assert_eq!(
        (&newest["id"], &newest["to"]),
        (&json!(id), &json!("grace@example.com"))
    );
    assert!(newest["text"].as_str().unwrap().contains("/invitation/"));

    // Reading a mail is written down; what it says is not.
    let log = place.folder().join("audit.ndjson");
    run(&place, &format!("manager audit export --output {}", log.display()))
        .await
        .failed_not();
    let log = std::fs::read_to_string(log).unwrap();
    assert_eq!(log.matches("mail.read").count(), 2);
    assert!(!log.contains("grace@example.com"));

    for (words, status, says) in [
        (
            format!("manager mailbox send-again {id}"),
            1,
            "hint: `rightful manager mailbox list --state failed`",
        ),
        (
            "manager mailbox show 00000000-0000-7000-8000-000000000000".to_owned(),
            1,
            "there is no such mail",
        ),
        ("manager mailbox show newest".to_owned(), 2, "expected the id of a mail"),
        (
            "manager mailbox list --request 00000000-0000-7000-8000-000000000000".to_owned(),
            1,
            "there is no request",
        ),
        ("manager mailbox list --state lost".to_owned(), 2, "kept"),
    ] {
        let ended = run(&place, &words).await;
        ended.says(&[says]);
        assert_eq!(ended.status, Some(status), "{words}");
    }
}

#[tokio::test]
async fn the_words_of_a_mail_are_changed_previewed_and_taken_back() {
    let place = Place::new().await;
    let all = run(&place, "manager template list --json").await.answers();
    assert!(all.iter().all(|template| template["is_own"] == false));
    let event = all[0]["event"].as_str().unwrap();
    let show = format!("manager template show {event} de");
    let before = run(&place, &show).await.stdout;

    let own = place.file("own.txt", &format!("Hallo: {before}"));
    let preview = run(&place, &format!("manager template preview {event} de {own}"))
        .await
        .stdout;
    assert!(preview.starts_with("Subject: Hallo: "), "{preview}");
    assert_eq!(run(&place, &show).await.stdout, before, "a preview stores nothing");

    let changed = run(&place, &format!("manager template set {event} de {own} --json"))
        .await
        .answer();
    assert_eq!((&changed["is_own"], &changed["language"]), (&json!(true), &json!("de")));
    assert!(run(&place, &show).await.stdout.starts_with("Hallo: "));
    let unusable = keeps_mails(&place, &format!("manager template set {event} de -"))
        .input("Subject\n\n{{ no_such_value }}")
        .run()
        .await;
    unusable.failed_with(1);
    assert!(run(&place, &show).await.stdout.starts_with("Hallo: "));

    let reset: Value = run(&place, &format!("manager template reset {event} de --json"))
        .await
        .answer();
    assert_eq!(reset["is_own"], false);
    assert_eq!(run(&place, &show).await.stdout, before);
}
