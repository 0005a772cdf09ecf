//! The requests, each carried out over the manager's API.

use std::{collections::BTreeMap, io::Cursor};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::{
    api::{Api, list, text},
    record::Done,
};

/// States in which the package can be fetched.
const HANDED_OVER: &[&str] = &["delivering", "closed"];

/// An access request: collected, looked at, approved, and the package fetched.
pub(super) async fn access(api: &Api<'_>, email: &str, key: String) -> anyhow::Result<Done> {
    let id = create(api, "access", email, &key).await?;
    let request = api.until(&id, &["pending_review", "delivering", "closed"]).await?;
    let dossier = api.get(&format!("/api/v1/requests/{id}/dossier")).await?;
    if text(&request, "state") == "pending_review" {
        api.post(&format!("/api/v1/requests/{id}/approve"), json!({})).await?;
    }
    api.until(&id, HANDED_OVER).await?;
    let package = api.bytes(&format!("/api/v1/requests/{id}/package")).await?;
    let bytes = u64::try_from(package.len()).unwrap_or_default();
    look_into(package.to_vec())?;
    let mut done = done(&api.get(&format!("/api/v1/requests/{id}")).await?);
    done.found = Some(found(&dossier));
    done.package = Some(bytes);
    Ok(done)
}

/// A deletion request: approved by a person, carried out, closed.
pub(super) async fn deletion(api: &Api<'_>, email: &str, key: String) -> anyhow::Result<Done> {
    let id = create(api, "deletion", email, &key).await?;
    let request = api
        .until(&id, &["pending_review", "grace", "deleting", "notifying", "closed"])
        .await?;
    if text(&request, "state") == "pending_review" {
        api.post(&format!("/api/v1/requests/{id}/approve"), json!({})).await?;
    }
    let request = api.until(&id, &["closed"]).await?;
    if text(&request, "outcome") != "completed" {
        bail!("request {id} was closed as {}", text(&request, "outcome"));
    }
    Ok(done(&request))
}

async fn create(api: &Api<'_>, kind: &str, email: &str, key: &str) -> anyhow::Result<String> {
    // The demo fetches the package itself: with a mailed link it would wait for the person.
    let body = json!({
        "type": kind,
        "identities": {"email": email},
        "framework": "gdpr",
        "start": true,
        "notify": false,
    });
    let request = api.post_once("/api/v1/requests", body, key).await?;
    let id = text(&request, "id");
    if id.is_empty() {
        bail!("the manager did not say which request it made");
    }
    Ok(id.to_owned())
}

fn done(request: &Value) -> Done {
    let jobs = list(request, "tasks")
        .iter()
        .map(|task| text(task, "vendor_job_id").to_owned());
    Done {
        id: text(request, "id").to_owned(),
        reference: text(request, "reference").to_owned(),
        state: text(request, "state").to_owned(),
        outcome: request.get("outcome").and_then(Value::as_str).map(str::to_owned),
        vendor_jobs: jobs.filter(|job| !job.is_empty()).collect(),
        found: None,
        package: None,
    }
}

/// How much was found, and under which names. Values stay where they are.
fn found(dossier: &Value) -> Value {
    let mut names: BTreeMap<String, (u64, Vec<Value>)> = BTreeMap::new();
    for object in list(dossier, "objects") {
        let entry = names.entry(text(object, "name").to_owned()).or_default();
        entry.0 += object.get("records").and_then(Value::as_u64).unwrap_or_default();
        for field in list(object, "fields") {
            let name = match field {
                Value::String(name) => name.as_str(),
                field => text(field, "path"),
            };
            if !entry.1.iter().any(|known| known == name) {
                entry.1.push(name.into());
            }
        }
    }
    let records: u64 = names.values().map(|(records, _)| records).sum();
    let fields: usize = names.values().map(|(_, fields)| fields.len()).sum();
    let by_name: serde_json::Map<String, Value> = names
        .iter()
        .map(|(name, (records, fields))| (name.clone(), json!({"records": records, "fields": fields})))
        .collect();
    json!({"objects": names.len(), "records": records, "fields": fields, "by_name": by_name})
}

/// The package is a ZIP with a readable page and the data.
fn look_into(package: Vec<u8>) -> anyhow::Result<()> {
    let archive = zip::ZipArchive::new(Cursor::new(package)).context("the package is no ZIP")?;
    for name in ["index.html", "dossier.json"] {
        if !archive
            .file_names()
            .flatten()
            .any(|member| member.rsplit('/').next() == Some(name))
        {
            bail!("the package holds no {name}");
        }
    }
    Ok(())
}
