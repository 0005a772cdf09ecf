//! The people who work on requests, through the manager's API and pages.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Result, bail, ensure};
use axum::Router;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use oauth::Secret;
use rightful_http::client::{Body, SharedTransport, Transport, TransportError};
use serde_json::{Value, json};
use url::Url;

use super::{dice::Dice, template::subject, trace::Trace, wire};
use crate::{ADMINISTRATOR_PASSWORD, Browser};

/// The network of people's browsers and programs, on which nothing is lost: it leads to both services.
pub(super) struct Lan {
    vendor: Router,
    company: Mutex<Option<Router>>,
}

impl Lan {
    pub(super) fn new(vendor: Router) -> Arc<Self> {
        Arc::new(Self {
            vendor,
            company: Mutex::new(None),
        })
    }

    /// Which of the manager's processes answers now.
    pub(super) fn lead_to(&self, company: Option<Router>) {
        *self.company.lock().unwrap_or_else(PoisonError::into_inner) = company;
    }
}

#[async_trait::async_trait]
impl Transport for Lan {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let company = self.company.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let router = match company {
            _ if host.ends_with(wire::VENDOR) => self.vendor.clone(),
            Some(company) => company,
            None => {
                let reason = "nobody listens there".to_owned();
                return Err(TransportError::NotSent { host, reason });
            }
        };
        let (status, headers, body) = wire::call(&router, request).await;
        let mut answer = Response::new(Body::full(body));
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

/// What the office knows of a request that it has taken in.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// The number of its subject.
    pub(super) subject: usize,
    /// The manager's id, once it has said so.
    pub(super) id: Option<String>,
    body: Value,
}

/// The office.
pub(super) struct Office {
    transport: SharedTransport,
    company: Url,
    key: Secret,
    pub(super) taken: Vec<Taken>,
    /// How many tasks of a request people have ended before it was known whether the vendor had taken their job.
    pub(super) abandoned: BTreeMap<String, usize>,
}

/// What an act came to.
pub(super) type Answer = (StatusCode, Value);

impl Office {
    pub(super) fn new(transport: SharedTransport, company: Url, key: Secret) -> Self {
        Self {
            transport,
            company,
            key,
            taken: Vec::new(),
            abandoned: BTreeMap::new(),
        }
    }

    /// A request comes in; it is handed in again, under the same key, until the manager has said that it has it.
    pub(super) fn expect_request(&mut self, can_mail: bool, dice: &Dice) {
        let subject_number = self.taken.len();
        let right = if dice.chance(500) { "deletion" } else { "access" };
        let body = json!({
            "type": right,
            "identities": {"email": subject(subject_number)},
            "start": dice.chance(600),
            "auto_approve": dice.chance(400),
            "verify": can_mail && dice.chance(200),
        });
        self.taken.push(Taken {
            subject: subject_number,
            id: None,
            body,
        });
    }

    /// Hands in what has not been taken in yet.
    pub(super) async fn hand_in(&mut self, trace: &Trace) -> Result<()> {
        for number in 0..self.taken.len() {
            let Some(taken) = self.taken.get(number).filter(|taken| taken.id.is_none()) else {
                continue;
            };
            let (body, key) = (taken.body.clone(), format!("request {number}"));
            let (status, said) = self.call(Method::POST, "/api/v1/requests", &key, &body).await?;
            trace.note(format_args!("request {number} is handed in -> {status}"));
            if let Some(id) = said["id"].as_str().filter(|_| status.is_success())
                && let Some(taken) = self.taken.get_mut(number)
            {
                taken.id = Some(id.to_owned());
            }
        }
        Ok(())
    }

    /// Reads a request.
    pub(super) async fn read(&self, id: &str) -> Result<Option<Value>> {
        let path = format!("/api/v1/requests/{id}");
        let (status, request) = self.call(Method::GET, &path, "", &Value::Null).await?;
        Ok(status.is_success().then_some(request))
    }

    /// Decides something about a request.
    pub(super) async fn decide(&mut self, id: &str, word: &str, body: &Value, trace: &Trace) -> Result<StatusCode> {
        let ends = matches!(
            word,
            "cancel" | "deny" | "spam" | "nonresponsive" | "duplicate" | "skip" | "stop"
        );
        let unclear = if ends { self.unclear(id).await? } else { 0 };
        let path = format!("/api/v1/requests/{id}/{word}");
        let (status, _) = self.call(Method::POST, &path, "", body).await?;
        if unclear > 0 {
            *self.abandoned.entry(id.to_owned()).or_default() += unclear;
        }
        trace.note(format_args!("somebody: {word} {id} -> {status}"));
        Ok(status)
    }

    /// Tasks of which it is not known whether the vendor has their job.
    async fn unclear(&self, id: &str) -> Result<usize> {
        let Some(request) = self.read(id).await? else {
            return Ok(0);
        };
        let tasks = request["tasks"].as_array().cloned().unwrap_or_default();
        let open = |task: &&Value| {
            let status = task["status"].as_str().unwrap_or_default();
            task["vendor_job_id"].is_null()
                && task["done_by"] == "api"
                && matches!(status, "submitting" | "waiting" | "failed")
        };
        Ok(tasks.iter().filter(open).count())
    }

    /// Does what a person would do about the request, now or at the end of all trouble.
    pub(super) async fn act(&mut self, id: &str, dice: &Dice, patient: bool, trace: &Trace) -> Result<()> {
        let Some(request) = self.read(id).await? else {
            return Ok(());
        };
        let tasks = request["tasks"].as_array().cloned().unwrap_or_default();
        let failed = tasks.iter().any(|task| task["status"] == "failed");
        let overdue = tasks.iter().find(|task| task["warning"] == "contact_overdue");
        let asked = tasks.iter().any(|task| task["waiting_for"] == "processor");
        let whim = if patient { usize::MAX } else { dice.below(100) };
        let nothing = json!({});
        let (word, body) = match (request["state"].as_str().unwrap_or_default(), whim) {
            ("closed", _) => return Ok(()),
            (_, 0) | ("grace", 6..20) => ("cancel", nothing),
            (_, 1) => ("deny", json!({"ground": "other"})),
            (_, 2 | 3) => ("pause", nothing),
            (_, 4) => ("extend", nothing),
            ("pending_verification", whim) if patient || whim < 40 => ("verify", nothing),
            ("pending_verification", 40..60) | ("delivering", 5) => ("send-again", nothing),
            ("triage", _) => ("start", nothing),
            ("paused", _) => ("resume", nothing),
            ("collecting" | "deleting" | "verifying_erasure", _) if failed => {
                let word = if dice.chance(700) || patient { "retry" } else { "skip" };
                (word, nothing)
            }
            ("collecting" | "deleting", whim) if overdue.is_some() => {
                let word = if patient || whim < 50 { "skip" } else { "resend" };
                (word, json!({"task": overdue.map(|task| &task["id"])}))
            }
            ("collecting" | "deleting", 6..9) if asked => ("remind", nothing),
            ("collecting" | "deleting", 9) if asked => ("resend", nothing),
            ("collecting" | "deleting", 5) => match dice.pick(&tasks) {
                Some(task) => ("stop", json!({"task": task["id"]})),
                None => return Ok(()),
            },
            ("verifying_erasure", _) if request["remains"] == true => {
                let word = if dice.chance(500) && !patient {
                    "repeat-deletion"
                } else {
                    "accept-remains"
                };
                (word, nothing)
            }
            ("pending_review", whim) => {
                self.package(id, false, trace).await?;
                if whim < 30 {
                    self.leave_out(id, trace).await?;
                }
                ("approve", nothing)
            }
            ("delivering", _) => return self.package(id, true, trace).await,
            _ => return Ok(()),
        };
        self.decide(id, word, &body, trace).await?;
        Ok(())
    }

    /// The package is handed over, exactly where that was approved.
    async fn package(&self, id: &str, approved: bool, trace: &Trace) -> Result<()> {
        let path = format!("/api/v1/requests/{id}/package");
        let (status, _) = self.call(Method::GET, &path, "", &Value::Null).await?;
        trace.note(format_args!("somebody: package of {id} -> {status}"));
        if status.is_server_error() {
            return Ok(());
        }
        ensure!(
            status.is_success() == approved,
            "nothing is delivered that was not approved: the package of a request that is{} answered {status}",
            if approved { "" } else { " not" }
        );
        Ok(())
    }

    /// Leaves the first object that was found out of the dossier.
    async fn leave_out(&self, id: &str, trace: &Trace) -> Result<()> {
        let path = format!("/api/v1/requests/{id}/dossier");
        let (_, dossier) = self.call(Method::GET, &path, "", &Value::Null).await?;
        if let Some(object) = dossier["objects"][0]["id"].as_str() {
            let change = json!({"changes": [{"object": object, "action": "exclude"}]});
            let (status, _) = self.call(Method::PATCH, &path, "", &change).await?;
            trace.note(format_args!("somebody: leaves an object of {id} out -> {status}"));
        }
        Ok(())
    }

    /// Adds a connection; its id.
    pub(super) async fn add_connection(&self, new: &Value) -> Result<String> {
        let (status, added) = self.call(Method::POST, "/api/v1/connections", "", new).await?;
        match added["id"].as_str() {
            Some(id) => Ok(id.to_owned()),
            None => bail!("a connection could not be added: {status} {added}"),
        }
    }

    /// Connects, or connects again, as this administrator of the vendor's. A manager that dies meanwhile leaves it undone.
    pub(super) async fn connect(&self, id: &str, email: &str, trace: &Trace) -> Result<()> {
        let path = format!("/api/v1/connections/{id}/authorize");
        let (status, begun) = self.call(Method::POST, &path, "", &json!({})).await?;
        let Some(url) = begun["authorize_url"].as_str() else {
            trace.note(format_args!("somebody: connects {id} -> {status}"));
            return Ok(());
        };
        let browser = Browser::new(Arc::clone(&self.transport));
        let connected = authorize(&browser, &url.parse()?, email).await;
        let said = connected.map_or_else(|error| error.to_string(), |status| status.to_string());
        trace.note(format_args!("somebody: connects {id} -> {said}"));
        Ok(())
    }

    /// Looks after a connection that needs a person.
    pub(super) async fn look_after(&self, id: &str, email: &str, trace: &Trace) -> Result<()> {
        let path = format!("/api/v1/connections/{id}");
        let (_, connection) = self.call(Method::GET, &path, "", &Value::Null).await?;
        match connection["state"].as_str().unwrap_or_default() {
            "needs_confirmation" => {
                let body = json!({"accept": true});
                let path = format!("{path}/confirm");
                let (status, _) = self.call(Method::POST, &path, "", &body).await?;
                trace.note(format_args!("somebody: confirms {id} -> {status}"));
                Ok(())
            }
            "pending_authorization" | "needs_reconnect" | "misconfigured" => self.connect(id, email, trace).await,
            _ => Ok(()),
        }
    }

    async fn call(&self, method: Method, path: &str, key: &str, body: &Value) -> Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(self.company.join(path)?.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key.reveal()))
            .header(header::CONTENT_TYPE, "application/json");
        if !key.is_empty() {
            request = request.header("Idempotency-Key", key);
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let Ok(answer) = self.transport.send(request.body(Bytes::from(body))?).await else {
            return Ok((StatusCode::BAD_GATEWAY, Value::Null));
        };
        let status = answer.status();
        let body = answer.into_body().read(1 << 24).await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// Logs in at the vendor and accepts; the status of the page that the manager shows in the end.
async fn authorize(browser: &Browser, url: &Url, email: &str) -> Result<StatusCode> {
    let page = browser.open(url).await?;
    let form = page.form_with("password")?.set("email", email)?;
    let page = browser
        .submit(&page, &form.set("password", ADMINISTRATOR_PASSWORD)?)
        .await?;
    let consent = page.form_with("decision")?.set("decision", "accept")?;
    Ok(browser.submit(&page, &consent).await?.status)
}
