//! The connector against a vendor that answers by a list.

#![expect(
    clippy::unnecessary_wraps,
    reason = "an answer of the script is a Result, whichever function makes it"
)]

mod calls;
mod planning;
mod searching;
mod setting;
mod verdicts;

use std::sync::LazyLock;

use http::{Response, header::HeaderName};
use jiff::Timestamp;
use oauth::Secret;
use privacy::{IdentityType, Personal, Right};
use rightful_http::client::{Body, TransportError};
use serde_json::{Value, json};

use super::Optimizely;
use crate::{
    connector::{Call, Connector as _, Vendor},
    error::ConnectorError,
    fake::Script,
    job::{JobRequest, VendorJob},
};

const EMAIL: &str = "Ada.Lovelace@example.test";
const TOKEN: &str = "2:the-access-token";

type Answer = Result<Response<Body>, TransportError>;

fn vendor(settings: &Value) -> Box<dyn Vendor> {
    Optimizely.configure(settings).unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn job() -> JobRequest {
    JobRequest {
        right: Right::Access,
        data_type: "visitor".to_owned(),
        identifier_type: IdentityType::Email,
        identifier: Personal::new(EMAIL.to_owned()),
    }
}

/// A job as the vendor describes it.
fn described(id: u64) -> Value {
    json!({
        "id": id, "account_id": 12345, "request_type": "access", "data_type": "visitor", "identifier_type": "email",
        "identifier": EMAIL, "status": "pending", "requested_at_time": "2026-11-22T08:00:00.5Z",
    })
}

fn answer(status: u16, body: &Value) -> Answer {
    with_headers(status, &[], body)
}

fn with_headers(status: u16, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(HeaderName::try_from(*name).unwrap(), *value);
    }
    Ok(answer.body(Body::full(body.to_string())).unwrap())
}

fn raw(status: u16, body: &'static str) -> Answer {
    Ok(Response::builder().status(status).body(Body::full(body)).unwrap())
}

/// The call of a connection to account 12345.
fn call(script: &Script) -> Call<'_> {
    static ACCESS: LazyLock<Secret> = LazyLock::new(|| Secret::new(TOKEN.to_owned()));
    Call {
        transport: script,
        access_token: &ACCESS,
        account_id: Some("12345"),
        now: now(),
    }
}

async fn submitted(answer: Answer) -> Result<VendorJob, ConnectorError> {
    let script = Script::of([answer]);
    vendor(&json!({})).submit(&call(&script), &job()).await
}

async fn polled(answer: Answer) -> Result<VendorJob, ConnectorError> {
    let script = Script::of([answer]);
    vendor(&json!({})).poll(&call(&script), "7", &job()).await
}
