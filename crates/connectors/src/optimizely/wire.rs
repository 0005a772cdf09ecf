//! The vendor's messages, read with tolerance: unknown fields are kept, unknown words are no error.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use privacy::{IdentityType, Personal, Right};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    authorization::Whose,
    export::ExportLocation,
    job::{About, JobRequest, VendorJob, VendorState},
};

/// What is posted to `/subject-access-requests`.
#[derive(Serialize)]
pub(super) struct Submission<'a> {
    request_type: &'static str,
    data_type: &'a str,
    identifier_type: &'static str,
    identifier: &'a str,
}

impl<'a> Submission<'a> {
    pub(super) fn of(job: &'a JobRequest) -> Self {
        Self {
            request_type: match job.right {
                Right::Access => "access",
                Right::Deletion => "delete",
            },
            data_type: &job.data_type,
            identifier_type: job.identifier_type.name(),
            identifier: job.identifier.reveal(),
        }
    }
}

/// A `SubjectAccessRequest`; `None` if it is none, because it has no id.
pub(super) fn job(answer: Value) -> Option<VendorJob> {
    let fields = answer.as_object()?;
    let raw_status = text(fields, "status").unwrap_or_default();
    Some(VendorJob {
        id: id(fields.get("id")?)?,
        state: match raw_status.as_str() {
            "pending" => VendorState::Pending,
            "processing" => VendorState::Processing,
            "completed" => VendorState::Completed,
            "failure" => VendorState::Failed,
            _ => VendorState::Unknown,
        },
        about: About {
            right: match fields.get("request_type").and_then(Value::as_str) {
                Some("access") => Some(Right::Access),
                Some("delete") => Some(Right::Deletion),
                _ => None,
            },
            data_type: text(fields, "data_type"),
            identifier_type: text(fields, "identifier_type").and_then(|name| name.parse::<IdentityType>().ok()),
            identifier: text(fields, "identifier").map(Personal::new),
            account_id: fields.get("account_id").and_then(id),
        },
        requested_at: time(fields, "requested_at_time"),
        started_at: time(fields, "processing_started_time"),
        expected_by: time(fields, "sla_deadline_time"),
        completed_at: time(fields, "completed_at_time"),
        expires_at: time(fields, "expired_at_time"),
        export_location: text(fields, "export_location")
            .filter(|text| !text.is_empty())
            .map(ExportLocation::new),
        // A word of the vendor's is shown to people; it is none if it is a page long.
        raw_status: raw_status.chars().filter(|c| !c.is_control()).take(64).collect(),
        raw: Personal::new(answer),
    })
}

/// A `Me`; `None` if it doesn't say which user and account.
pub(super) fn whose(answer: &Value) -> Option<Whose> {
    let account_id = id(answer.pointer("/current_account/id")?)?;
    let accounts = answer.get("accounts").and_then(Value::as_array);
    let account_name = accounts
        .into_iter()
        .flatten()
        .find(|account| account.get("id").and_then(id).as_ref() == Some(&account_id))
        .and_then(|account| account.get("name")?.as_str())
        .map(str::to_owned);
    let email = answer
        .pointer("/profile/email")
        .and_then(Value::as_str)
        .filter(|email| !email.is_empty());
    Some(Whose {
        account_id,
        account_name,
        user_id: id(answer.get("id")?)?,
        user_email: email.map(|email| Personal::new(email.to_owned())),
    })
}

/// An id: the schema says a number, but a text is as good.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() && text.len() <= 64 => Some(text.clone()),
        _ => None,
    }
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name)?.as_str().map(str::to_owned)
}

/// A time in RFC 3339; one without a zone is taken to be in UTC, as the vendor's documentation shows some.
fn time(fields: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let text = fields.get(name)?.as_str()?;
    let zoned = text.parse::<Timestamp>().ok();
    zoned.or_else(|| {
        text.parse::<DateTime>()
            .ok()?
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    })
}
