//! What is not taken, and what the form says about it.

use manager::Settings;
use serde_json::json;

use super::{Part, says};
use crate::app::TestApp;

#[tokio::test]
async fn files_that_are_too_long_disguised_or_too_many_are_refused_by_name() {
    let app = TestApp::with(Settings {
        mailbox: true,
        direct_contact_max_file: 1000,
        direct_contact_max_answer: 2500,
        direct_contact_max_files: 3,
        ..Settings::default()
    })
    .await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    let long = vec![b'x'; 1001];
    let table: [(&str, &[u8], &str); 7] = [
        ("big.txt", &long, "larger than 1000 B"),
        ("tool.exe", b"MZ", "kind of file"),
        ("report.pdf.exe", b"%PDF-1.7", "kind of file"),
        ("page.html", b"<script>", "kind of file"),
        ("photo.png", b"GIF89a not a png", "not what the name says"),
        ("latin.csv", b"K\xe4se", "not what the name says"),
        ("empty.csv", b"", "is empty"),
    ];
    for (name, content, sentence) in table {
        let mut answer = vec![Part::File(name, content)];
        answer.extend(says("found"));
        let page = app.fill_in(&path, &answer).await.expect(422).text;
        assert!(page.contains(name) && page.contains(sentence), "{name}: {page}");
        // What was typed is still there, and nothing of the file.
        assert!(
            page.contains("paul.personal@processor.example") && !page.contains("value=\"remove-"),
            "{name}"
        );
        let files = format!("{path}/files");
        let problem = app
            .fill_in(&files, &[Part::File(name, content)])
            .await
            .expect(422)
            .json();
        assert_eq!(problem["errors"][0]["field"], "files");
        assert!(
            problem["errors"][0]["reason"].as_str().unwrap().contains(sentence),
            "{problem}"
        );
    }
    let kilobyte = vec![b'x'; 1000];
    let add = |name: &'static str| [Part::File(name, &kilobyte), Part::Field("do", "add")];
    app.fill_in(&path, &add("1.txt")).await.expect(200);
    app.fill_in(&path, &add("2.txt")).await.expect(200);
    let together = app.fill_in(&path, &add("3.txt")).await.expect(422).text;
    assert!(together.contains("together are larger"), "{together}");
    app.fill_in(&path, &[Part::File("4.txt", b"x"), Part::Field("do", "add")])
        .await
        .expect(200);
    let many = app
        .fill_in(&path, &[Part::File("5.txt", b"x"), Part::Field("do", "add")])
        .await
        .expect(422)
        .text;
    assert!(many.contains("more than 3 files"), "{many}");
    assert_eq!(many.matches("value=\"remove-").count(), 3);
    // One that is refused among others leaves them there, and the answer unsent.
    assert_eq!(app.only_task(&made).await["status"], "waiting");
}

#[tokio::test]
async fn a_form_longer_than_an_answer_may_be_says_so() {
    let app = TestApp::with(Settings {
        mailbox: true,
        direct_contact_max_file: 1000,
        direct_contact_max_answer: 2000,
        ..Settings::default()
    })
    .await;
    app.add_processor(json!({})).await;
    let (_, path) = app.asked("access").await;
    let huge = vec![b'x'; 2 << 20];
    let page = app
        .fill_in(&path, &[Part::File("huge.txt", &huge)])
        .await
        .expect(422)
        .text;
    assert!(page.contains("larger than"), "{page}");
}

#[tokio::test]
async fn each_field_says_what_is_missing() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (_, path) = app.asked("access").await;
    let page = app.fill_in(&path, &[Part::Field("do", "send")]).await.expect(422).text;
    for sentence in [
        "Choose what you found",
        "Enter your e-mail address",
        "Confirm that you have looked",
    ] {
        assert!(page.contains(sentence), "{sentence}: {page}");
    }
    let page = app.fill_in(&path, &says("found")).await.expect(422).text;
    assert!(page.contains("Add at least one file"), "{page}");
    // What answers another question answers nothing.
    app.fill_in(&path, &says("deleted")).await.expect(422);
    let page = app
        .fill_in(&path, &[Part::Field("note", "<script>alert(1)</script>")])
        .await
        .expect(422)
        .text;
    assert!(!page.contains("<script>alert"), "{page}");
}

#[tokio::test]
async fn a_file_of_many_pieces_comes_back_whole() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    let mut csv = b"number,text\n".to_vec();
    for number in 0..60_000 {
        csv.extend_from_slice(format!("{number},some text of this line\n").as_bytes());
    }
    assert!(csv.len() > 3 * (512 << 10));
    let mut answer = vec![Part::File("many.csv", &csv)];
    answer.extend(says("found"));
    app.fill_in(&path, &answer).await.expect(303);
    let done = app.until(&made, "pending_review").await;
    let found = &done["tasks"][0]["found"];
    assert_eq!(
        (&found["records"], &found["bytes"]),
        (&json!(60_000), &json!(csv.len()))
    );
    assert_eq!(found["sha256"], json!(sha256(&csv)));
}

fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(bytes);
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
