//! What an answer of the vendor means: the one place where its statuses and error bodies are understood.

use http::{HeaderMap, StatusCode, header::WWW_AUTHENTICATE};
use jiff::Timestamp;
use rightful_http::client::TransportError;
use serde_json::Value;

use super::TITLE;
use crate::{
    error::{ConnectorError, Said},
    retry_after::retry_after,
    scrub,
};

/// Whether a call only reads: then it may be repeated freely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Write,
}

/// An answer whose head is there; the body may have been torn.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Result<bytes::Bytes, TransportError>,
}

impl Answer {
    /// The headers and the JSON of a success; else the fault. `known` are the values that were sent: they are scrubbed
    /// from what the vendor says.
    pub(super) fn understood(
        self,
        effect: Effect,
        known: &[&str],
        now: Timestamp,
    ) -> Result<(HeaderMap, Value), ConnectorError> {
        if !self.status.is_success() {
            return Err(self.fault(effect, known, now));
        }
        let body = self.body.map_err(|error| no_answer(effect, &error))?;
        match serde_json::from_slice(&body) {
            Ok(value) => Ok((self.headers, value)),
            // Its message is not kept: it may quote the body.
            Err(_) => Err(unreadable(effect, "it is not JSON")),
        }
    }

    fn fault(self, effect: Effect, known: &[&str], now: Timestamp) -> ConnectorError {
        let system = TITLE;
        let status = self.status.as_u16();
        let wait = retry_after(&self.headers, now);
        let body = self.body.unwrap_or_default();
        match status {
            429 => ConnectorError::Throttled {
                system,
                retry_after: wait,
            },
            401 | 403 => refusal_of_token(&self.headers, said(status, &body, known), &body),
            // The vendor stopped before it had the whole request, or says so: as good as no answer.
            408 | 425 => out_of_order(effect, status, wait),
            400..=499 => ConnectorError::Refused {
                system,
                said: Box::new(said(status, &body, known)),
            },
            _ => out_of_order(effect, status, wait),
        }
    }
}

/// The fault of a call that got no whole answer.
pub(super) fn no_answer(effect: Effect, error: &TransportError) -> ConnectorError {
    match effect {
        Effect::Read => ConnectorError::from_read(TITLE, error),
        Effect::Write => ConnectorError::from_write(TITLE, error),
    }
}

/// The fault of an answer that says yes and can't be read: a job may have been taken all the same.
pub(super) fn unreadable(effect: Effect, reason: &str) -> ConnectorError {
    let system = TITLE;
    match effect {
        Effect::Read => ConnectorError::Unreadable {
            system,
            reason: reason.to_owned(),
        },
        Effect::Write => ConnectorError::OutcomeUnknown {
            system,
            reason: format!("its answer can't be read: {reason}"),
        },
    }
}

fn out_of_order(effect: Effect, status: u16, retry_after: Option<std::time::Duration>) -> ConnectorError {
    let system = TITLE;
    let reason = format!("it answers {status}");
    match effect {
        Effect::Read => ConnectorError::Unavailable {
            system,
            reason,
            retry_after,
        },
        Effect::Write => ConnectorError::OutcomeUnknown { system, reason },
    }
}

/// Tells "no longer authorized" from "no permission": the vendor says 403 to both (provider.md section 4). Without
/// any sign the token is refreshed once, which harms nobody; only a refused refresh ends a connection.
fn refusal_of_token(headers: &HeaderMap, said: Said, body: &[u8]) -> ConnectorError {
    let system = TITLE;
    let challenges = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let challenge = challenges
        .collect::<Vec<_>>()
        .join(", ")
        .to_ascii_lowercase()
        .replace('"', "");
    let message = serde_json::from_slice::<Value>(body).ok().and_then(|body| {
        Some(
            body.get("message")?
                .as_str()?
                .trim_end_matches('.')
                .to_ascii_lowercase(),
        )
    });
    let marked = said.status == 401
        || challenge.contains("error=invalid_token")
        || matches!(said.code.as_deref(), Some("authentication_failed" | "invalid_token"))
        || message.as_deref() == Some("authentication failed");
    let permission = said.code.is_some() || challenge.contains("error=insufficient_scope");
    let said = Box::new(said);
    if marked || !permission {
        ConnectorError::Unauthorized { system, marked, said }
    } else {
        ConnectorError::Forbidden { system, said }
    }
}

/// The vendor's error body `{uuid, code, message, messages}`, every field optional, scrubbed of what we know.
fn said(status: u16, body: &[u8], known: &[&str]) -> Said {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |name: &str| scrub::word(body.get(name)?.as_str()?, known);
    let message = body
        .get("message")
        .and_then(Value::as_str)
        .map(|message| scrub::text(message, known));
    let fields = body
        .get("messages")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .take(10);
    Said {
        status,
        code: word("code"),
        message: message.filter(|message| !message.is_empty()),
        fields: fields
            .filter_map(|(field, said)| {
                let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
                Some((scrub::word(field, known)?, scrub::text(&said, known)))
            })
            .collect(),
        uuid: word("uuid"),
    }
}
