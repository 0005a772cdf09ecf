//! Answers, and what comes of them.

use http::Method;
use serde_json::{Value, json};

use super::{PAUL, Part, lies_open, says};
use crate::{
    app::TestApp,
    requests::{ADA, members, package},
};

const PDF: &[u8] = b"%PDF-1.7\nmarker-pdf";

#[tokio::test]
async fn an_access_is_answered_with_files_that_are_reviewed_and_handed_over() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    let task = app.only_task(&made).await;
    assert_eq!(
        (&task["status"], &task["waiting_for"]),
        (&json!("waiting"), &json!("processor"))
    );
    assert_eq!(
        (&task["done_by"], &task["until"]),
        (&json!("direct_contact"), &json!("2026-12-06T08:00:00Z"))
    );
    assert_eq!(task["contact"]["reminders"], 0);
    // The mail tells whom to ask where, and nothing about the person.
    let mail = app.last_mail_to(PAUL).await;
    assert_eq!(mail.listed.event, "direct_contact_access");
    let text = mail.text.reveal();
    assert!(
        text.contains("Warehouse (account Acme (A-7))") && text.contains("Look in the archive too."),
        "{text}"
    );
    assert!(!text.contains(ADA), "{text}");

    let form = app.open(&path).await.expect(200);
    assert!(form.text.contains(ADA) && form.text.contains("Warehouse") && form.text.contains("6 December 2026"));
    assert!(form.text.contains("Look in the archive too."));

    let mut answer = vec![
        Part::File("people.csv", b"name,age\nAda,36\n=1+1,7\n"),
        Part::File("../../re\u{202e}port.pdf", PDF),
        Part::Field("note", "Both systems.\nAll of it."),
    ];
    answer.extend(says("found"));
    let sent = app.fill_in(&path, &answer).await.expect(303);
    assert_eq!(sent.location(), path);
    let thanks = app.open(&path).await.expect(200);
    assert!(
        thanks.text.contains("Thank you") && !thanks.text.contains(ADA),
        "{}",
        thanks.text
    );

    let collected = app.until(&made, "pending_review").await;
    let task = &collected["tasks"][0];
    assert_eq!(
        (&task["status"], &task["result"]),
        (&json!("complete"), &json!("found"))
    );
    assert_eq!(
        (&task["found"]["objects"], &task["found"]["records"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(task["contact"]["answered_by"], "paul.personal@processor.example");
    assert_eq!(task["contact"]["note"], "Both systems.\nAll of it.");

    let dossier = app.get(&dossier_path(&made)).await.expect(200).json();
    let objects = dossier["objects"].as_array().unwrap();
    assert_eq!(
        (&objects[0]["name"], &objects[0]["records"]),
        (&json!("people"), &json!(2))
    );
    assert_eq!(objects[0]["fields"][0]["path"], "age");
    assert_eq!(objects[0]["fields"][0]["kinds"], json!(["number"]));
    assert_eq!(objects[1]["files"][0]["name"], "report.pdf");
    // Removable in review.
    let change = json!({"changes": [{"object": objects[0]["id"], "record": 2, "action": "exclude"}]});
    app.api(Method::PATCH, &dossier_path(&made), Some(change))
        .await
        .expect(200);
    app.decide(&made, "approve", Value::Null).await.expect(200);

    let (status, zip) = package(&app, &made).await;
    assert_eq!(status, 200);
    let members = members(&zip);
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "data/01-people.csv",
            "dossier.json",
            "files/02-report.pdf",
            "index.html"
        ]
    );
    assert_eq!(members["files/02-report.pdf"].as_bytes(), PDF);
    assert!(members["data/01-people.csv"].contains("Ada") && !members["data/01-people.csv"].contains("1+1"));

    let history = app.history(&made).await;
    for event in [
        "direct_contact.asked",
        "direct_contact.opened",
        "direct_contact.answered",
        "task.fetching",
    ] {
        let count = history.iter().filter(|action| *action == event).count();
        assert_eq!(count, 1, "{event}: {history:?}");
    }
}

fn dossier_path(made: &Value) -> String {
    format!("/api/v1/requests/{}/dossier", made["id"].as_str().unwrap())
}

#[tokio::test]
async fn no_data_is_an_answer_too() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    for right in ["access", "deletion"] {
        let (made, path) = app.asked(right).await;
        app.fill_in(&path, &says("nothing_found")).await.expect(303);
        let task = app.only_task(&made).await;
        assert_eq!(
            (&task["status"], &task["result"]),
            (&json!("complete"), &json!("nothing_found")),
            "{right}"
        );
        assert_eq!(app.mailed_to(PAUL).await.len(), if right == "access" { 1 } else { 2 });
    }
}

#[tokio::test]
async fn a_deletion_that_is_refused_fails_with_the_reason_and_a_retry_asks_anew() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("deletion").await;
    assert_eq!(app.last_mail_to(PAUL).await.listed.event, "direct_contact_deletion");
    let form = app.open(&path).await.expect(200).text;
    assert!(form.contains("cannot_delete") && !form.contains("type=\"file\"") && !form.contains("<script"));
    // A deletion that can't be done needs a reason.
    let without = app.fill_in(&path, &says("cannot_delete")).await.expect(422).text;
    assert!(
        without.contains("Say why") && without.contains("paul.personal@processor.example"),
        "{without}"
    );

    let mut answer = says("cannot_delete");
    answer.push(Part::Field("reason", "marker-tax law"));
    app.fill_in(&path, &answer).await.expect(303);
    let task = app.only_task(&made).await;
    assert_eq!(task["status"], "failed");
    assert_eq!(task["cause"]["code"], "processor_cannot_delete");
    assert_eq!(
        task["cause"]["message"],
        "The processor can't delete the data: marker-tax law"
    );
    assert_eq!(app.again(&made).await["state"], "deleting");

    app.decide(&made, "retry", json!({})).await.expect(200);
    app.run_jobs().await;
    let second = app.form_path().await;
    assert_ne!(second, path);
    // The first link says thanks, for it was answered.
    assert!(app.open(&path).await.expect(200).text.contains("Thank you"));
    app.open(&second).await.expect(200);
    app.fill_in(&second, &says("deleted")).await.expect(303);
    app.run_jobs().await;
    let closed = app.again(&made).await;
    assert_eq!(
        (&closed["state"], &closed["outcome"]),
        (&json!("closed"), &json!("completed"))
    );
    assert_eq!(closed["tasks"][0]["result"], "deleted");
    assert_eq!(
        app.mailed_to(PAUL).await,
        ["direct_contact_deletion", "direct_contact_deletion"]
    );
}

#[tokio::test]
async fn files_come_one_by_one_and_go_again_before_the_answer_is_sent() {
    let app = TestApp::start().await;
    app.add_processor(json!({"language": "de"})).await;
    let (made, path) = app.asked("access").await;
    let form = app.open(&path).await.expect(200);
    assert!(form.text.contains("<html lang=\"de\">") && form.text.contains("Antwort senden"));
    let policy = form.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.contains("script-src 'self'"), "{policy}");
    let script = form
        .text
        .split("<script src=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let script = app.open(script).await.expect(200);
    assert!(
        script.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/javascript")
    );

    // As the script does it.
    let files = format!("{path}/files");
    let json = app
        .fill_in(&files, &[Part::File("a.txt", b"one")])
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&json["files"][0]["name"], &json["files"][0]["bytes"]),
        (&json!("a.txt"), &json!(3))
    );
    let removal = format!("{files}/{}/remove", json["files"][0]["id"].as_str().unwrap());
    app.fill_in(&removal, &[]).await.expect(204);
    app.fill_in(&removal, &[]).await.expect(404);
    // As the form's own buttons do it; what was typed stays.
    let add = [
        Part::File("b.txt", b"two"),
        Part::File("b.txt", b"three"),
        Part::Field("note", "typed"),
        Part::Field("do", "add"),
    ];
    let added = app.fill_in(&path, &add).await.expect(200).text;
    assert!(
        added.contains("b.txt") && added.contains("b (2).txt") && added.contains("typed"),
        "{added}"
    );
    let first = added
        .split("value=\"remove-")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let remove = format!("remove-{first}");
    let removed = app.fill_in(&path, &[Part::Field("do", &remove)]).await.expect(200).text;
    assert_eq!(removed.matches("value=\"remove-").count(), 1, "{removed}");
    // Files and "no data" contradict each other.
    app.fill_in(&path, &says("nothing_found")).await.expect(422);
    app.fill_in(&path, &says("found")).await.expect(303);
    let done = app.until(&made, "pending_review").await;
    assert_eq!(done["tasks"][0]["found"]["objects"], 1);
}

#[tokio::test]
async fn an_export_is_read_as_one_and_any_other_archive_is_kept() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    let manifest = br#"{"version": 1, "members": [{"name": "crm/profile.json", "object": "profile", "records": 1}]}"#;
    let export = zip(&[("manifest.json", manifest), ("crm/profile.json", br#"{"name": "Ada"}"#)]);
    let other = zip(&[("a.json", b"{}")]);
    let mut answer = vec![Part::File("export.zip", &export), Part::File("other.zip", &other)];
    answer.extend(says("found"));
    app.fill_in(&path, &answer).await.expect(303);
    app.until(&made, "pending_review").await;
    let dossier = app.get(&dossier_path(&made)).await.expect(200).json();
    let names: Vec<&str> = dossier["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["profile", "other.zip"]);
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut writer, content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn what_processors_write_and_send_is_sealed_and_goes_with_the_request() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    let mut answer = vec![
        Part::File("marker-file.csv", b"name\nmarker-content\n"),
        Part::Field("note", "marker-note"),
    ];
    answer.extend(says("found"));
    app.fill_in(&path, &answer).await.expect(303);
    app.until(&made, "pending_review").await;
    let token = path.strip_prefix("/c/").unwrap().to_owned();
    for marker in ["marker-content", "marker-note", "marker-file", "paul.personal", &token] {
        assert!(!lies_open(&app, marker), "{marker}");
    }
    app.decide(&made, "deny", json!({"ground": "other"})).await.expect(200);
    app.after(super::days(800)).await;
    let task = app.only_task(&made).await;
    assert_eq!(task["contact"]["note"], Value::Null);
    assert_eq!(task["contact"]["outcome"], "found");
}
