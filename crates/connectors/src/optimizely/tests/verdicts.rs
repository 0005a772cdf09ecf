//! What every kind of answer means, and what follows from it.

use std::time::Duration;

use http::Response;
use rightful_http::client::{Body, TransportError};
use serde_json::{Value, json};

use super::{Answer, EMAIL, TOKEN, answer, described, polled, raw, submitted, with_headers};
use crate::{
    error::ConnectorError,
    verdict::{
        Delay::{Exactly, UpTo},
        StillRefused, Verdict, backoff,
    },
};

const SECOND: Duration = Duration::from_secs(1);

fn lost(kind: fn(String, String) -> TransportError) -> Answer {
    Err(kind("api.optimizely.com".to_owned(), "time-out".to_owned()))
}

/// An answer whose body breaks off.
fn torn(status: u16) -> Answer {
    let broken = TransportError::Unknown {
        host: "h".to_owned(),
        reason: "connection reset".to_owned(),
    };
    let pieces = futures_util::stream::iter([Ok(bytes::Bytes::from_static(b"{\"id\":")), Err(broken)]);
    Ok(Response::builder()
        .status(status)
        .body(Body::from_stream(Box::pin(pieces)))
        .unwrap())
}

fn coded(status: u16, code: &str) -> Answer {
    answer(
        status,
        &json!({"uuid": "6f1c0d1e-0000-4000-8000-000000000000", "code": code, "message": "No."}),
    )
}

/// (the answer, the code and verdict when polling, the code and verdict when submitting)
type Row = (fn() -> Answer, (&'static str, Verdict), (&'static str, Verdict));

const RETRY: Verdict = Verdict::RetryTask(UpTo(SECOND));
const FIND: Verdict = Verdict::FindBeforeRetry(UpTo(SECOND));
const RECONNECT: Verdict = Verdict::Refresh {
    then: StillRefused::Reconnect,
};
const UNSURE: Verdict = Verdict::Refresh {
    then: StillRefused::Forbidden,
};

fn both(answer: fn() -> Answer, code: &'static str, verdict: Verdict) -> Row {
    (answer, (code, verdict), (code, verdict))
}

fn passing(answer: fn() -> Answer) -> Row {
    (answer, ("vendor_unavailable", RETRY), ("vendor_outcome_unknown", FIND))
}

// CL-16, CL-19, CL-20, CL-21
#[tokio::test]
async fn every_answer_has_its_verdict() {
    let lane = |delay| Verdict::PauseLane(delay);
    let table: Vec<Row> = vec![
        // 429 is a clear no, for the whole organisation.
        both(|| raw(429, ""), "vendor_throttled", lane(UpTo(SECOND))),
        both(
            || with_headers(429, &[("retry-after", "7")], &json!({})),
            "vendor_throttled",
            lane(Exactly(SECOND * 7)),
        ),
        both(
            || with_headers(429, &[("retry-after", "Sun, 22 Nov 2026 08:00:30 GMT")], &json!({})),
            "vendor_throttled",
            lane(Exactly(SECOND * 30)),
        ),
        // The token is no longer good.
        both(|| raw(401, ""), "vendor_unauthorized", RECONNECT),
        both(|| coded(401, "forbidden"), "vendor_unauthorized", RECONNECT),
        both(|| coded(403, "authentication_failed"), "vendor_unauthorized", RECONNECT),
        both(
            || {
                with_headers(
                    403,
                    &[("www-authenticate", r#"Bearer realm="api", error="invalid_token""#)],
                    &json!({"code": "x"}),
                )
            },
            "vendor_unauthorized",
            RECONNECT,
        ),
        both(
            || answer(403, &json!({"message": "Authentication Failed"})),
            "vendor_unauthorized",
            RECONNECT,
        ),
        // A permission is missing.
        both(|| coded(403, "forbidden"), "vendor_forbidden", Verdict::GiveUp),
        both(
            || {
                with_headers(
                    403,
                    &[("www-authenticate", "Bearer error=\"insufficient_scope\"")],
                    &json!({}),
                )
            },
            "vendor_forbidden",
            Verdict::GiveUp,
        ),
        // Nobody knows which.
        both(|| raw(403, ""), "vendor_unauthorized", UNSURE),
        both(|| raw(403, "<html>blocked</html>"), "vendor_unauthorized", UNSURE),
        both(|| torn(403), "vendor_unauthorized", UNSURE),
        // Refused for good.
        both(|| coded(400, "invalid_request"), "vendor_refused", Verdict::GiveUp),
        both(|| raw(409, "not json"), "vendor_refused", Verdict::GiveUp),
        both(|| torn(422), "vendor_refused", Verdict::GiveUp),
        (
            || coded(404, "not_found"),
            ("vendor_lost_job", Verdict::GiveUp),
            ("vendor_refused", Verdict::GiveUp),
        ),
        // Out of order: a submitted job may have been taken all the same.
        passing(|| raw(500, "")),
        passing(|| raw(502, "<html>")),
        passing(|| torn(503)),
        passing(|| raw(408, "")),
        passing(|| raw(302, "")),
        (
            || with_headers(503, &[("retry-after", "120")], &json!({})),
            ("vendor_unavailable", Verdict::RetryTask(Exactly(SECOND * 120))),
            ("vendor_outcome_unknown", FIND),
        ),
        // No whole answer.
        passing(|| lost(|host, reason| TransportError::Unknown { host, reason })),
        passing(|| torn(200)),
        both(
            || lost(|host, reason| TransportError::NotSent { host, reason }),
            "vendor_unavailable",
            RETRY,
        ),
        both(
            || lost(|host, reason| TransportError::Forbidden { host, reason }),
            "vendor_blocked",
            Verdict::GiveUp,
        ),
        // A yes that can't be read.
        (
            || raw(200, "{\"id\":"),
            ("vendor_unreadable", RETRY),
            ("vendor_outcome_unknown", FIND),
        ),
        (
            || raw(201, "<html>"),
            ("vendor_unreadable", RETRY),
            ("vendor_outcome_unknown", FIND),
        ),
        (
            || raw(204, ""),
            ("vendor_unreadable", RETRY),
            ("vendor_outcome_unknown", FIND),
        ),
        (
            || answer(201, &json!({"status": "pending"})),
            ("vendor_unreadable", RETRY),
            ("vendor_outcome_unknown", FIND),
        ),
        (
            || answer(200, &json!([])),
            ("vendor_unreadable", RETRY),
            ("vendor_outcome_unknown", FIND),
        ),
    ];
    for (row, (answer, when_polling, when_submitting)) in table.into_iter().enumerate() {
        for (error, expected) in [
            (polled(answer()).await, when_polling),
            (submitted(answer()).await, when_submitting),
        ] {
            let error = error.unwrap_err();
            assert_eq!((error.code(), error.verdict(1)), expected, "row {row}: {error}");
            assert!(error.to_string().contains("Optimizely"), "{error}");
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let endless = || {
        let pieces = futures_util::stream::repeat_with(|| Ok(bytes::Bytes::from(vec![b' '; 1 << 20])));
        Ok(Response::builder()
            .status(200)
            .body(Body::from_stream(Box::pin(pieces)))
            .unwrap())
    };
    assert_eq!(polled(endless()).await.unwrap_err().code(), "vendor_unreadable");
    assert_eq!(submitted(endless()).await.unwrap_err().code(), "vendor_outcome_unknown");
}

#[tokio::test]
async fn later_attempts_wait_longer() {
    let error = polled(raw(503, "")).await.unwrap_err();
    assert_eq!(error.verdict(4), Verdict::RetryTask(backoff(4)));
    assert_eq!(error.verdict(4), Verdict::RetryTask(UpTo(SECOND * 8)));
}

#[tokio::test]
async fn the_vendors_words_are_kept_without_the_person() {
    let told = json!({
        "uuid": "6f1c0d1e-8a0b-4c6e-9d2f-0123456789ab",
        "code": "invalid_identifier",
        "message": format!("{} is not known. Token {TOKEN} seen.", EMAIL.to_uppercase()),
        "messages": {
            "identifier": [format!("'{EMAIL}' can't be used")],
            EMAIL: "whatever",
            "request_type": {"choices": ["access"], "contact": "someone.else@example.test"},
        },
    });
    let error = submitted(answer(400, &told)).await.unwrap_err();
    let said = error.said().unwrap();
    assert_eq!(error.vendor_code(), Some("invalid_identifier"));
    assert_eq!(said.uuid.as_deref(), Some("6f1c0d1e-8a0b-4c6e-9d2f-0123456789ab"));
    assert_eq!(said.fields.keys().collect::<Vec<_>>(), ["identifier", "request_type"]);
    let shown = format!("{error} {error:?}").to_lowercase();
    for hidden in ["ada", "lovelace", "someone.else", TOKEN] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    let start =
        "Optimizely refused: 400 invalid_identifier, [removed] is not known. Token [removed] seen; identifier: ";
    assert!(error.to_string().starts_with(start), "{error}");
}

#[tokio::test]
async fn hostile_error_bodies_do_no_harm() {
    let long: Value = json!({"code": EMAIL, "uuid": "x y", "message": "m".repeat(100_000), "messages": "none"});
    for answer in [
        answer(400, &long),
        answer(400, &json!([1])),
        raw(400, "{"),
        answer(400, &json!({"code": 7})),
    ] {
        let error = submitted(answer).await.unwrap_err();
        assert_eq!(error.vendor_code(), None);
        assert!(error.to_string().len() < 400, "{error}");
    }
}

#[tokio::test]
async fn a_clear_yes_is_any_success() {
    for status in [200, 201, 202] {
        assert_eq!(submitted(answer(status, &described(7))).await.unwrap().id, "7");
    }
}

#[test]
fn every_fault_of_a_lost_token_says_what_a_second_refusal_means() {
    let refused = |marked| ConnectorError::Unauthorized {
        system: "Optimizely",
        marked,
        said: Box::default(),
    };
    assert_eq!(refused(true).verdict(9), RECONNECT);
    assert_eq!(refused(false).verdict(9), UNSURE);
}
