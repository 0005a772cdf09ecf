//! A person is asked by mail and answers through a form.

mod answering;
mod choosing;
mod crashes;
mod limits;
mod links;
mod staff;
mod waiting;

use axum::body::Body;
use http::{Method, header};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    app::{Answer, TestApp, request, send},
    mailbox::path_in,
};

/// The processor.
pub(crate) const PAUL: &str = "paul@processor.example";

/// What a processor fills in.
pub(crate) enum Part<'a> {
    Field(&'a str, &'a str),
    File(&'a str, &'a [u8]),
}

/// The body of a form with files.
pub(crate) fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(b"--boundary\r\n");
        match part {
            Part::Field(name, value) => {
                let head = format!("content-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
                body.extend_from_slice(head.as_bytes());
            }
            Part::File(name, content) => {
                let head = format!(
                    "content-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                     content-type: application/octet-stream\r\n\r\n"
                );
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(content);
                body.extend_from_slice(b"\r\n");
            }
        }
    }
    body.extend_from_slice(b"--boundary--\r\n");
    body
}

/// An answer without files.
pub(crate) fn says(outcome: &str) -> Vec<Part<'_>> {
    vec![
        Part::Field("outcome", outcome),
        Part::Field("email", "paul.personal@processor.example"),
        Part::Field("attest", "yes"),
        Part::Field("do", "send"),
    ]
}

pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

impl TestApp {
    /// A connection whose processor is Paul.
    pub(crate) async fn add_processor(&self, more: Value) -> String {
        let mut settings = json!({"processor_email": PAUL, "account_name": "Acme", "account_id": "A-7",
            "notes": "Look in the archive too."});
        settings
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let body = json!({"connector": "direct_contact", "name": "Warehouse", "settings": settings});
        let made = self.post("/api/v1/connections", body).await.expect(201).json();
        assert_eq!(
            (&made["state"], &made["authorize_url"]),
            (&json!("connected"), &Value::Null)
        );
        made["id"].as_str().unwrap().to_owned()
    }

    /// Paul has been asked: the request, and the path of his form.
    pub(crate) async fn asked(&self, right: &str) -> (Value, String) {
        let made = self
            .make(json!({"type": right, "auto_approve": right == "deletion"}))
            .await;
        self.run_jobs().await;
        let path = self.form_path().await;
        // What comes next comes later, also in the order of mails.
        self.clock.advance(SignedDuration::from_millis(1));
        (made, path)
    }

    /// The path of the form in the last mail to Paul.
    pub(crate) async fn form_path(&self) -> String {
        path_in(&self.last_mail_to(PAUL).await)
    }

    /// Opens a form.
    pub(crate) async fn open(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form.
    pub(crate) async fn fill_in(&self, path: &str, parts: &[Part<'_>]) -> Answer {
        let asked = request(Method::POST, path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=boundary");
        send(&self.manager, asked.body(Body::from(multipart(parts))).unwrap()).await
    }

    /// The only task of a request.
    pub(crate) async fn only_task(&self, made: &Value) -> Value {
        let request = self.again(made).await;
        assert_eq!(request["tasks"].as_array().unwrap().len(), 1, "{request:#}");
        request["tasks"][0].clone()
    }
}

/// Whether the text lies open in any file of the manager.
pub(crate) fn lies_open(app: &TestApp, text: &str) -> bool {
    fn walk(folder: &std::path::Path, text: &[u8]) -> bool {
        std::fs::read_dir(folder).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                return walk(&path, text);
            }
            let content = std::fs::read(&path).unwrap();
            content.windows(text.len()).any(|window| window == text)
        })
    }
    walk(app.database.folder(), text.as_bytes())
}
