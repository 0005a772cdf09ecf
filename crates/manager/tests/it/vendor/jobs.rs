//! The vendor's jobs: taken, worked on poll by poll, done with an export.

use std::io::{Cursor, Write as _};

use bytes::Bytes;
use http::{Request, Response};
use rightful_http::client::Body;
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{VendorState, answer, json_answer};

/// What the vendor knows of jobs, and how it works on them.
pub(crate) struct Jobs {
    /// Every job that was taken.
    pub(crate) all: Vec<Job>,
    /// Every body that was posted.
    pub(crate) posted: Vec<Value>,
    /// What it holds about people.
    pub(crate) held: Vec<Held>,
    /// How many polls of a job it takes until it is done.
    pub(crate) polls: u32,
    /// The word for a job that is not done.
    pub(crate) word: &'static str,
    /// Given out instead of the right exports.
    pub(crate) export: Option<Vec<u8>>,
    /// Where exports lie, instead of the right place.
    pub(crate) location: Option<&'static str>,
    /// Put over every answer about a job.
    pub(crate) patch: Value,
    /// Whether a deletion deletes.
    pub(crate) deletes: bool,
    /// How requests for exports were authorized: never.
    pub(crate) export_credentials: usize,
}

/// A job.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) account_id: u64,
    pub(crate) asked: Value,
    pub(crate) polled: u32,
    pub(crate) done: bool,
    pub(crate) failed: bool,
}

/// A record about somebody.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) data_type: &'static str,
    pub(crate) identifier: String,
    pub(crate) object: &'static str,
    pub(crate) record: Value,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            posted: Vec::new(),
            held: Vec::new(),
            polls: 2,
            word: "processing",
            export: None,
            location: None,
            patch: json!({}),
            deletes: true,
            export_credentials: 0,
        }
    }
}

impl VendorState {
    /// Holds a record about somebody.
    pub(crate) fn holds(&mut self, data_type: &'static str, identifier: &str, object: &'static str, record: Value) {
        self.jobs.held.push(Held {
            data_type,
            identifier: identifier.to_owned(),
            object,
            record,
        });
    }

    /// Answers a call about jobs.
    pub(super) fn jobs(&mut self, call: &str, request: &Request<Bytes>, account_id: u64) -> Response<Body> {
        let path = "api.vendor.test/v2/subject-access-requests";
        if call == format!("POST {path}") {
            let asked: Value = serde_json::from_slice(request.body()).unwrap();
            self.jobs.posted.push(asked.clone());
            let job = Job {
                id: 9000 + self.jobs.all.len() as u64,
                account_id,
                asked,
                polled: 0,
                done: false,
                failed: false,
            };
            self.jobs.all.push(job.clone());
            return json_answer(201, &self.shown(&job));
        }
        if call == format!("GET {path}") {
            let page = request.uri().query().unwrap_or_default();
            for place in 0..self.jobs.all.len() {
                self.look_at(place);
            }
            let jobs: Vec<Value> = if page.contains("page=1&") {
                let newest_first = self.jobs.all.iter().rev();
                newest_first.map(|job| self.shown(job)).collect()
            } else {
                Vec::new()
            };
            return json_answer(200, &Value::from(jobs));
        }
        let id = call.rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
        let place = self
            .jobs
            .all
            .iter()
            .position(|job| Some(job.id) == id && job.account_id == account_id);
        let Some(place) = place.filter(|_| call.starts_with("GET")) else {
            return json_answer(404, &json!({"code": "not_found", "message": "no such request"}));
        };
        self.look_at(place);
        let job = self.jobs.all[place].clone();
        json_answer(200, &self.shown(&job))
    }

    fn look_at(&mut self, place: usize) {
        let polls = self.jobs.polls;
        self.jobs.all[place].polled += 1;
        if self.jobs.all[place].polled >= polls && !self.jobs.all[place].done {
            self.jobs.all[place].done = true;
            self.carry_out(place);
        }
    }

    fn carry_out(&mut self, place: usize) {
        let asked = self.jobs.all[place].asked.clone();
        if asked["request_type"] == "delete" && self.jobs.deletes {
            self.jobs.held.retain(|held| {
                !(asked["identifier"] == held.identifier.as_str() && asked["data_type"] == held.data_type)
            });
        }
    }

    fn shown(&self, job: &Job) -> Value {
        let mut shown = job.asked.clone();
        shown["id"] = job.id.into();
        shown["account_id"] = job.account_id.into();
        shown["status"] = match (job.failed, job.done, job.polled) {
            (true, ..) => "failure",
            (_, true, _) => "completed",
            (_, _, 0) => "pending",
            _ => self.jobs.word,
        }
        .into();
        if job.done && job.asked["request_type"] == "access" {
            let usual = format!("https://api.vendor.test/exports/{}.zip", job.id);
            shown["export_location"] = self.jobs.location.map_or(usual, str::to_owned).into();
            shown["expired_at_time"] = "2026-12-24T08:00:00Z".into();
        }
        let patch = self.jobs.patch.as_object().cloned().unwrap_or_default();
        for (name, value) in patch {
            shown[name.as_str()] = value;
        }
        shown
    }

    /// Hands an export out, to whoever knows where it lies.
    pub(super) fn export(&mut self, call: &str, request: &Request<Bytes>) -> Response<Body> {
        if request.headers().contains_key(http::header::AUTHORIZATION) {
            self.jobs.export_credentials += 1;
        }
        let id = call.rsplit('/').next().and_then(|name| name.strip_suffix(".zip"));
        let job = self
            .jobs
            .all
            .iter()
            .find(|job| Some(job.id.to_string().as_str()) == id && job.done);
        match (job, &self.jobs.export) {
            (None, _) => answer(403, "application/xml", "<Error/>".to_owned()),
            (_, Some(export)) => zipped(export.clone()),
            (Some(job), None) => zipped(self.archive(job)),
        }
    }

    fn archive(&self, job: &Job) -> Vec<u8> {
        let mut objects: Vec<(&str, String)> = Vec::new();
        for held in &self.jobs.held {
            if job.asked["identifier"] != held.identifier.as_str() || job.asked["data_type"] != held.data_type {
                continue;
            }
            match objects.iter_mut().find(|(object, _)| *object == held.object) {
                Some((_, lines)) => lines.push_str(&[held.record.to_string(), "\n".to_owned()].concat()),
                None => objects.push((held.object, format!("{}\n", held.record))),
            }
        }
        let members: Vec<(String, Vec<u8>)> = objects
            .into_iter()
            .map(|(object, lines)| (format!("app_backend/{object}.ndjson"), lines.into_bytes()))
            .collect();
        archive(&members)
    }
}

/// A ZIP of these members.
pub(crate) fn archive<N: AsRef<str>, B: AsRef<[u8]>>(members: &[(N, B)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(name.as_ref(), SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_ref()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn zipped(bytes: Vec<u8>) -> Response<Body> {
    Response::builder().status(200).body(Body::full(bytes)).unwrap()
}
