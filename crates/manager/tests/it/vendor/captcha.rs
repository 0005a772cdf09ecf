//! A verifier of CAPTCHAs.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Request, Response};
use rightful_http::client::Body;
use serde_json::json;

use super::json_answer;

/// What it was asked.
#[derive(Default)]
pub(crate) struct Captcha {
    /// Every form that was posted to it, oldest first.
    pub(crate) asked: Vec<Vec<(String, String)>>,
    /// Keys that came in a header.
    pub(crate) keys: Vec<String>,
    used: BTreeSet<String>,
}

impl Captcha {
    /// `right` is right, once.
    pub(super) fn verify(&mut self, request: &Request<Bytes>) -> Response<Body> {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let answer = form.iter().find(|(name, _)| name == "response");
        let answer = answer.map(|(_, value)| value.clone()).unwrap_or_default();
        self.asked.push(form);
        let key = request.headers().get("x-api-key").and_then(|value| value.to_str().ok());
        self.keys.extend(key.map(str::to_owned));
        let is_new = self.used.insert(answer.clone());
        let body = match answer.as_str() {
            "right" if is_new => json!({"success": true, "hostname": "localhost"}),
            "right" => json!({"success": false, "error-codes": ["timeout-or-duplicate"]}),
            _ => json!({"success": false, "error-codes": ["invalid-input-response"]}),
        };
        json_answer(200, &body)
    }
}
