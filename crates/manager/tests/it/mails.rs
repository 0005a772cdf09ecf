//! What a manager writes to data subjects, and what they do with it.

mod approvals;
mod crashes;
mod delivery;
mod notices;
mod templates;
mod trouble;
mod verification;

use http::Method;
use serde_json::{Value, json};

use crate::{
    app::{Answer, TestApp, request},
    mailbox::path_in,
    requests::ADA,
};

impl TestApp {
    /// Makes a request about Ada, who is written to.
    pub(crate) async fn make_and_tell(&self, more: Value) -> Value {
        let mut told = json!({"notify": true});
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.make(told).await
    }

    /// What Ada was mailed, the oldest first.
    pub(crate) async fn mailed_to_ada(&self) -> Vec<String> {
        self.mailed_to(ADA).await
    }

    /// The path of the link in the last mail to Ada.
    pub(crate) async fn last_link(&self) -> String {
        path_in(&self.last_mail_to(ADA).await)
    }

    /// A subject presses the button of a form.
    pub(crate) async fn press(&self, path: &str) -> Answer {
        self.send(request(Method::POST, path).body(axum::body::Body::empty()).unwrap())
            .await
    }
}
