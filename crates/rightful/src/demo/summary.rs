//! What the demo says at its end.

use serde_json::{Value, json};

use super::{
    folder::DemoFolder,
    record::{Done, Record},
};

/// For programs.
pub(super) fn summary(record: &Record, seconds: &Value) -> Value {
    let requests = &record.requests;
    let found = |done: Option<&Done>| done.and_then(|done| done.found.clone()).unwrap_or_default();
    let left = found(requests.access_again.as_ref());
    json!({
        "ok": true,
        "manager_url": record.manager_url,
        "provider_url": record.provider_url,
        "account_id": record.account_id.as_ref().and_then(|id| id.parse::<i64>().ok()),
        "client_id": record.application.as_ref().map(|application| &application.client_id),
        "connection_id": record.connection_id,
        "requests": {
            "access": request(requests.access.as_ref()),
            "deletion": request(requests.deletion.as_ref()),
            "access_again": request(requests.access_again.as_ref()),
            "neighbour": request(requests.neighbour.as_ref()),
        },
        "found": found(requests.access.as_ref()),
        "deleted": {
            "records_left": left.get("records"),
            "objects_left": left.get("objects"),
            "neighbour_records": found(requests.neighbour.as_ref()).get("records"),
        },
        "seconds": seconds,
    })
}

fn request(done: Option<&Done>) -> Value {
    let Some(done) = done else { return Value::Null };
    json!({
        "id": done.id,
        "reference": done.reference,
        "state": done.state,
        "outcome": done.outcome,
        "vendor_jobs": done.vendor_jobs,
        "package_bytes": done.package,
    })
}

/// For people.
pub(super) fn text(record: &Record) -> String {
    let count = |done: Option<&Done>, what: &str| {
        let found = done.and_then(|done| done.found.as_ref());
        found.and_then(|found| found.get(what)?.as_u64()).unwrap_or_default()
    };
    let requests = &record.requests;
    format!(
        "found {} records with {} fields in {} objects, deleted them, found {} afterwards",
        count(requests.access.as_ref(), "records"),
        count(requests.access.as_ref(), "fields"),
        count(requests.access.as_ref(), "objects"),
        count(requests.access_again.as_ref(), "records"),
    )
}

/// How to look around.
pub(super) fn invitation(record: &Record, folder: &DemoFolder) -> String {
    let data = folder.path().display();
    let line = |what: &str, url: &Option<String>, login: &super::record::Login| {
        format!(
            "  {what:16} {}\n    log in as      {}  {}\n",
            url.as_deref().unwrap_or_default(),
            login.email,
            login.password.reveal()
        )
    };
    format!(
        "\nBoth services stay up. Look around:\n\n{}{}\n  Browsers warn of the certificate until they trust {data}/ca.pem\n  \
         Commands: rightful manager request list --data {data}\n\nCtrl-C ends it; `rightful demo --data {data}` carries on.",
        line("request manager", &record.manager_url, &record.operator_login),
        line("vendor", &record.provider_url, &record.vendor_login),
    )
}
