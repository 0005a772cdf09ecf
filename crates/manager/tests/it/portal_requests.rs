//! The portal's pages about requests: the queue, one request, its review.

mod approvals;
mod files;
mod one;
mod queue;
mod records;
mod review;
mod together;
mod triage;

use axum::body::Body;
use http::{Method, header};
use serde_json::{Value, json};

use crate::{
    app::{Answer, TestApp, request},
    portal::Browser,
    requests::ADA,
};

const NEW: &str = "/requests/new";

impl Browser<'_> {
    /// Enters a request: the path of its page.
    async fn enter(&mut self, filled: &[(&str, &str)]) -> String {
        let page = self.get(NEW).await.expect(200);
        let ticked: Vec<String> = values(&page, "connections");
        let mut sent = filled.to_vec();
        sent.extend(ticked.iter().map(|id| ("connections", id.as_str())));
        self.submit(&page, NEW, &sent).await.expect(303).location().to_owned()
    }

    /// Presses the button of the page `path` that posts to `action` below it.
    async fn press(&mut self, path: &str, action: &str, filled: &[(&str, &str)]) -> Answer {
        let page = self.get(path).await.expect(200);
        self.submit(&page, &format!("{path}/{action}"), filled).await
    }

    /// Sends a form that no page of theirs offers.
    async fn post(&mut self, path: &str, form: &str) -> Answer {
        let asked = request(Method::POST, path)
            .header(header::COOKIE, self.cookie.clone().unwrap())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "https://localhost:8443");
        self.app.send(asked.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Sends the review as it stands, but with these answers.
    async fn choose(&mut self, path: &str, changed: &[(&str, &str)], dropped: &[&str]) -> Answer {
        let action = format!("{path}/review");
        let page = self.get(&action).await.expect(200);
        let mut sent: Vec<(String, String)> = checked(&page);
        sent.retain(|(name, value)| {
            !changed.iter().any(|(other, _)| other == name) && !dropped.contains(&value.as_str())
        });
        let mut sent: Vec<(&str, &str)> = sent
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        sent.extend(changed);
        self.submit(&page, &action, &sent).await
    }
}

/// An access request about Ada that came to its review, entered at the portal.
pub(crate) async fn reviewable(app: &TestApp, browser: &mut Browser<'_>) -> (String, Value) {
    let path = browser
        .enter(&[
            ("type", "access"),
            ("email", ADA),
            ("framework", "gdpr"),
            ("start", "yes"),
        ])
        .await;
    let request = json!({"id": path.rsplit('/').next().unwrap()});
    app.until(&request, "pending_review").await;
    (path, request)
}

/// The values of the check boxes of this name.
fn values(page: &Answer, name: &str) -> Vec<String> {
    let before = format!("name=\"{name}\" value=\"");
    let boxes = page.text.split(before.as_str()).skip(1);
    boxes.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// What is ticked and chosen, as a browser would send it.
fn checked(page: &Answer) -> Vec<(String, String)> {
    let inputs = page
        .text
        .split("<input")
        .skip(1)
        .map(|input| input.split('>').next().unwrap());
    let attribute = |input: &str, name: &str| {
        let (_, rest) = input.split_once(&format!(" {name}=\""))?;
        Some(rest.split('"').next().unwrap().to_owned())
    };
    inputs
        .filter(|input| input.ends_with(" checked"))
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}

/// The name of the question about a field of the object whose card comes `nth`.
fn question(page: &Answer, path: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("<code>{path}</code>")).unwrap();
    let (_, rest) = rest.split_once("name=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn offers(page: &Answer, action: &str) -> bool {
    page.text.contains(&format!("action=\"{action}\""))
}
