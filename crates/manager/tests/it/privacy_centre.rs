//! The public form, as somebody uses it who asks.

mod asking;
mod captcha;
mod faults;
mod hostile;
mod languages;
mod limits;
mod settings;

use axum::body::Body;
use http::{Method, header};
use manager::Settings;
use serde_json::Value;

use crate::{
    app::{Answer, TestApp, request},
    portal::Browser,
    requests::ADA,
};

/// What somebody fills in who wants a copy.
const COPY: &[(&str, &str)] = &[("right", "access"), ("email", ADA), ("place", ""), ("message", "")];

impl Browser<'_> {
    /// Opens the form in a language, fills it in and sends it.
    async fn ask(&mut self, lang: &str, filled: &[(&str, &str)]) -> Answer {
        let path = format!("/privacy?lang={lang}");
        let page = self.get(&path).await.expect(200);
        self.submit(&page, &path, filled).await
    }
}

impl TestApp {
    /// What a browser is shown whose person reads these languages.
    async fn read(&self, method: Method, path: &str, languages: &str) -> Answer {
        let asked = request(method, path)
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, languages);
        self.send(asked.body(Body::empty()).unwrap()).await
    }

    /// All requests there are, the newest first.
    async fn requests(&self) -> Vec<Value> {
        let listed = self.get("/api/v1/requests").await.expect(200).json();
        listed["requests"].as_array().unwrap().clone()
    }
}

/// A manager with a mailbox and these settings.
async fn with(change: impl FnOnce(&mut Settings)) -> TestApp {
    let mut settings = Settings {
        mailbox: true,
        ..Settings::default()
    };
    change(&mut settings);
    TestApp::with(settings).await
}

/// What an answer says of itself, without what differs each time.
fn told(answer: &Answer) -> (u16, String, String) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    (answer.status.as_u16(), format!("{headers:?}"), answer.text.clone())
}
