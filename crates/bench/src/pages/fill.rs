//! Very many requests, put into the tables as the manager would leave them.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use manager::RequestId;
use privacy::{Identities, IdentityType, Reference};
use rightful::Service;
use serde_json::{Value as Json, json};
use store::{AssertSqlSafe, MasterKeySource, OpenStore, Store, SystemClock, Tx, Value, args, sqlite_url};
use vault::{Place, SystemEntropy, Vault};

use crate::vendor::Vendor;

/// Rows in one statement.
const ROWS: usize = 200;
/// Requests in one commit.
const COMMIT: usize = 10_000;

/// What to look for in the filled database.
pub(super) struct Filled {
    pub(super) middle: RequestId,
    pub(super) email: String,
    pub(super) reference: String,
}

/// Of 1000 requests: 500 closed, 400 collecting (60 of them failed, 20 past due), 50 to review, 50 to start.
pub(super) async fn fill(vendor: &Vendor, count: usize) -> Result<Filled> {
    let folder = vendor.folder();
    let file = sqlite_url(folder, Service::Manager.name());
    let store = Store::open(OpenStore {
        url: vendor.database().unwrap_or(&file),
        schema: Service::Manager.schema(),
        migrations: manager::MIGRATIONS,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        crash_points: None,
    })
    .await?;
    let vault = store
        .unlock_vault(MasterKeySource::File(&folder.join("master.key")))
        .await?;
    let begun = store.now().saturating_sub(SignedDuration::from_hours(24 * 30))?;
    let step = SignedDuration::from_hours(24 * 30) / i32::try_from(count)?;
    let mut middle = None;
    for first in (0..count).step_by(COMMIT) {
        let mut tx = store.write().await?;
        for from in (first..count.min(first + COMMIT)).step_by(ROWS) {
            let numbers = from..count.min(from + ROWS);
            let rows: Vec<Stored> = numbers
                .map(|number| {
                    let at = begun.saturating_add(step * i32::try_from(number).unwrap_or(i32::MAX));
                    Stored::new(&vault, number, at.unwrap_or(begun))
                })
                .collect::<Result<_>>()?;
            if middle.is_none() && from >= count / 2 {
                middle = rows
                    .first()
                    .map(|row| (row.id.clone(), row.email.clone(), row.reference.clone()));
            }
            insert(&mut tx, &rows).await?;
        }
        tx.commit().await?;
    }
    if store.is_shared() {
        // As autovacuum does by itself a little later.
        let mut tx = store.write().await?;
        tx.execute("ANALYZE", args![]).await?;
        tx.commit().await?;
    }
    store.close().await;
    let (id, email, reference) = middle.context("no requests")?;
    Ok(Filled {
        middle: id.parse()?,
        email,
        reference,
    })
}

struct Stored {
    id: String,
    reference: String,
    email: String,
    at: Timestamp,
    right: &'static str,
    state: &'static str,
    task: (&'static str, Json),
    due: Timestamp,
    key: Vec<u8>,
    identities: Vec<u8>,
    hash: [u8; 32],
}

impl Stored {
    fn new(vault: &Vault, number: usize, at: Timestamp) -> Result<Self> {
        let millis = u64::try_from(at.as_millisecond())?;
        let random = vault::random_bytes::<10>(&SystemEntropy);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random)
            .into_uuid()
            .to_string();
        let email = format!("stored-{number}@example.com");
        let (key, wrapped) = vault.new_data_key(&place("key", &id));
        let identities = Identities::of_email(&email)?;
        let normal = IdentityType::Email.normalize(&email);
        let (state, status) = match number % 1000 {
            0..500 => ("closed", "complete"),
            500..840 => ("collecting", "processing"),
            840..900 => ("collecting", "failed"),
            900..950 => ("pending_review", "complete"),
            _ => ("triage", "not_started"),
        };
        let days = if number % 1000 >= 820 && number % 1000 < 840 {
            -1
        } else {
            35
        };
        Ok(Self {
            reference: reference(number).to_string(),
            at,
            right: if number.is_multiple_of(3) { "deletion" } else { "access" },
            state,
            task: (status, task(status, at)),
            due: at.saturating_add(SignedDuration::from_hours(24 * days))?,
            key: wrapped.as_bytes().to_vec(),
            identities: key.seal(&place("identities", &id), identities.reveal_json().reveal()),
            hash: vault.blind_index("request_identity/email", normal.reveal()),
            id,
            email,
        })
    }

    fn stage(&self) -> String {
        let at = self.at;
        let stage = match self.state {
            "closed" => json!({ "stage": "closed", "since": at, "outcome": "completed" }),
            "pending_review" => json!({ "stage": "pending_review", "since": at, "approvals": [] }),
            other => json!({ "stage": other, "since": at }),
        };
        stage.to_string()
    }

    fn request(&self) -> Vec<Value> {
        let deadline = json!({
            "framework": "gdpr", "received_at": self.at, "due": self.due, "extension": null, "extended_at": null,
        });
        let closed = (self.state == "closed").then_some(self.at);
        args![
            &self.id,
            &self.reference,
            3_i64,
            self.right,
            self.state,
            self.stage(),
            "{}",
            deadline.to_string(),
            self.due,
            "api",
            "[]",
            self.key.clone(),
            self.identities.clone(),
            self.at,
            closed
        ]
    }

    fn task(&self) -> Vec<Value> {
        let (status, state) = &self.task;
        args![
            // One task each: its id may be the request's.
            &self.id,
            &self.id,
            "0191e0a4-0000-7000-8000-000000000000",
            "optimizely",
            0_i64,
            self.right,
            i64::from(self.right == "deletion"),
            "visitor",
            "email",
            *status,
            state.to_string(),
            format!("job-{}", self.id),
            self.at
        ]
    }
}

/// Scattered as random ones are, and never the same twice: of a million random ones, two often are.
fn reference(number: usize) -> Reference {
    let scattered = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes();
    Reference::from_random(scattered.first_chunk().copied().unwrap_or_default())
}

fn task(status: &str, at: Timestamp) -> Json {
    let state = match status {
        "complete" => json!({ "state": "skipped", "since": at }),
        "not_started" => json!({ "state": "active", "since": at, "phase": { "phase": "queued" } }),
        "failed" => json!({
            "state": "failed", "since": at, "cause": { "code": "vendor_failure", "message": "The vendor gave the job up." },
            "retry_from": "start", "phase": { "phase": "queued" },
        }),
        _ => json!({
            "state": "active", "since": at,
            "phase": { "phase": "processing", "job": { "id": "1", "status": "processing" } },
        }),
    };
    json!({ "kind": "access", "attempts": 0, "spent_jobs": [], "state": state })
}

fn place<'a>(column: &'a str, row: &'a str) -> Place<'a> {
    Place {
        table: "request",
        column,
        row,
    }
}

async fn insert(tx: &mut Tx, rows: &[Stored]) -> Result<()> {
    let requests = rows.iter().map(Stored::request).collect();
    let columns = "id, reference, version, request_type, state, stage, options, deadline, due_at, source, left_out, \
                   key, identities, created_at, closed_at";
    many(tx, "request", columns, requests).await?;
    let identities = rows.iter().map(|row| args![&row.id, "email", row.hash]).collect();
    many(tx, "request_identity", "request, identifier_type, hash", identities).await?;
    let tasks = rows.iter().map(Stored::task).collect();
    let columns = "id, request, connection, connector, position, kind, round, data_type, identifier_type, status, \
                   state, vendor_job_id, created_at";
    many(tx, "task", columns, tasks).await
}

async fn many(tx: &mut Tx, table: &str, columns: &str, rows: Vec<Vec<Value>>) -> Result<()> {
    let width = columns.split(',').count();
    let places = |row: usize| {
        let places: Vec<String> = (1..=width).map(|place| format!("${}", row * width + place)).collect();
        format!("({})", places.join(", "))
    };
    let all: Vec<String> = (0..rows.len()).map(places).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES {}", all.join(", "));
    tx.execute(AssertSqlSafe(sql), rows.into_iter().flatten().collect())
        .await?;
    Ok(())
}
