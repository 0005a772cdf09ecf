//! Somebody else's check that a person sends the form (`siteverify`).

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde::Deserialize;
use tracing::{error, warn};

use crate::{Captcha, Manager};

/// No answer to the question is longer than this, and none of a browser.
const LONGEST: usize = 16 << 10;

/// What the check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A person sent it.
    Person,
    /// The answer is wrong, too old, or was used before.
    Nobody,
    /// Nothing: it can't be reached, or does not understand us.
    Silence,
}

/// What is answered, as far as we read it.
#[derive(Deserialize)]
struct Verified {
    success: bool,
    #[serde(default, rename = "error-codes", alias = "errors")]
    codes: Vec<String>,
}

impl Manager {
    /// Asks whether an answer of the widget is right. Who sent it is not told: our visitors' addresses are none of the
    /// provider's business.
    pub(super) async fn verify_captcha(&self, captcha: &Captcha, answer: &str) -> Verdict {
        if answer.len() > LONGEST {
            return Verdict::Nobody;
        }
        let timeout = self.settings().privacy_captcha_timeout.duration();
        let Ok(asked) = tokio::time::timeout(timeout, self.ask(captcha, answer)).await else {
            warn!(
                host = captcha.verify_url.host_str(),
                "a CAPTCHA could not be verified in time"
            );
            return Verdict::Silence;
        };
        let Some(verified) = asked else {
            return Verdict::Silence;
        };
        if verified.success {
            return Verdict::Person;
        }
        // Wrong keys are no fault of whoever sent the form.
        let ours = |code: &&String| code.contains("secret") || code.contains("sitekey") || code.contains("bad-request");
        let harmless = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        match verified.codes.iter().find(ours) {
            Some(code) if code.chars().all(harmless) => {
                error!(
                    code,
                    "the CAPTCHA's provider does not take our keys: look at privacy_captcha_site_key and privacy_captcha_secret"
                );
                Verdict::Silence
            }
            Some(_) => Verdict::Silence,
            None => Verdict::Nobody,
        }
    }

    async fn ask(&self, captcha: &Captcha, answer: &str) -> Option<Verified> {
        let request = question(captcha, answer)?;
        let response = match self.transport().send(request).await {
            Ok(response) => response,
            Err(cause) => {
                warn!(
                    error = &cause as &dyn std::error::Error,
                    "a CAPTCHA could not be verified"
                );
                return None;
            }
        };
        let (parts, body) = response.into_parts();
        let status = parts.status.as_u16();
        let verified = match (parts.status, body.read(LONGEST).await) {
            (StatusCode::OK, Ok(body)) => serde_json::from_slice(&body).ok(),
            _ => None,
        };
        if verified.is_none() {
            let host = captcha.verify_url.host_str();
            warn!(
                host,
                status, "a CAPTCHA could not be verified: the answer is none that we understand"
            );
        }
        verified
    }
}

fn question(captcha: &Captcha, answer: &str) -> Option<Request<Bytes>> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(captcha.verify_url.as_str())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json");
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    if captcha.secret_in_header {
        request = request.header("x-api-key", captcha.secret.reveal());
    } else {
        form.append_pair("secret", captcha.secret.reveal());
    }
    form.append_pair("response", answer)
        .append_pair("sitekey", &captcha.site_key);
    // A secret that no header can hold.
    request.body(Bytes::from(form.finish())).ok()
}
