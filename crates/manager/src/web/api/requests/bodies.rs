//! What is asked over the API.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode, header};
use privacy::{Identities, Personal};
use rightful_http::{
    extract::Json,
    problem::{FieldError, Problem},
    settings::HumanDuration,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    ConnectionId,
    app::requests::{NewOptions, NewRequest},
};

/// A request as the API takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRequestBody {
    #[serde(rename = "type")]
    right: String,
    identities: BTreeMap<String, Personal>,
    framework: Option<String>,
    connections: Option<Vec<ConnectionId>>,
    #[serde(default)]
    start: bool,
    #[serde(default)]
    pub(super) auto_approve: bool,
    #[serde(default)]
    verify: bool,
    #[serde(default = "yes")]
    notify: bool,
    language: Option<String>,
    received_at: Option<jiff::Timestamp>,
    #[serde(default)]
    options: OptionsBody,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct OptionsBody {
    grace: Option<HumanDuration>,
    approvals: Option<u8>,
    separate_approver: Option<bool>,
    access_before_delete: Option<bool>,
    verify_erasure: Option<bool>,
}

impl NewRequestBody {
    /// The request, checked as far as that can be done without looking anything up.
    pub(super) fn read(self) -> Result<NewRequest, Problem> {
        let right = self
            .right
            .parse()
            .map_err(|_| invalid("type", "must be access or deletion"))?;
        let identities = self.identities.iter().map(|(kind, value)| (kind, value.reveal()));
        let identities =
            Identities::parse(identities).map_err(|error| invalid(error.field, &error.problem.to_string()))?;
        let options = NewOptions {
            grace: self.options.grace.map(HumanDuration::signed),
            approvals: self.options.approvals,
            separate_approver: self.options.separate_approver,
            access_before_delete: self.options.access_before_delete,
            verify_erasure: self.options.verify_erasure,
        };
        let language = self.language.as_deref().map(str::parse).transpose();
        let language = language.map_err(|_| invalid("language", "must be en, de, fr or es"))?;
        Ok(NewRequest {
            framework: self.framework,
            connections: self.connections,
            start: self.start,
            auto_approve: self.auto_approve,
            verify: self.verify,
            notify: self.notify,
            language,
            received_at: self.received_at,
            options,
            ..NewRequest::new(right, identities, "api")
        })
    }
}

/// What can't be carried out, and which field is to blame.
pub(in crate::web::api) fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request")
        .detail(format!("`{field}` {reason}"))
        .error(FieldError {
            field: field.to_owned(),
            reason: reason.to_owned(),
        })
}

/// Refuses what a form of another site could send (SEC-15).
pub(super) fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type")
            .detail("`Content-Type` must be application/json"),
    )
}

/// A body that may be left out, or be `null`.
pub(super) fn optional<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Problem> {
    if matches!(body.trim_ascii(), b"" | b"null") {
        return Ok(T::default());
    }
    let Json(body) = Json::<T>::from_bytes(body).map_err(|refusal| Problem::from(&refusal))?;
    Ok(body)
}
