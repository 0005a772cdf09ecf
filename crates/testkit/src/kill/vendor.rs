//! The vendor, who is never killed, and what it has been asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use url::Url;

use crate::process::{Process, Program};

pub(super) const EMAIL: &str = "admin@vendor.example";
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// The vendor's most.
const PER_PAGE: usize = 100;

pub(super) struct Vendor {
    program: Program,
    process: Process,
    account: String,
    token: String,
}

/// The n-th data subject.
pub(super) fn subject(n: usize) -> String {
    format!("subject-{n}@example.com")
}

impl Vendor {
    /// Starts one with an account, an administrator and something about every subject.
    pub(super) async fn start(program: Program, subjects: usize) -> Result<Self> {
        let program = program
            .setting("RATE_LIMIT", "100000/s")
            .setting("RATE_BURST", "100000")
            .setting("OAUTH_RATE_LIMIT", "100000/s");
        let account = program.tell("provider account create --name Acme", "").await?;
        let account = account["account_id"].as_i64().context("no account_id")?.to_string();
        let user = format!("provider user create --account {account} --email {EMAIL} --role administrator");
        program.tell(&format!("{user} --password-stdin"), PASSWORD).await?;
        let lines: Vec<String> = (0..subjects).map(|n| record(n).to_string()).collect();
        let file = program.data().join("subjects.ndjson");
        std::fs::write(&file, lines.join("\n"))?;
        let import = format!("provider subject import --account {account} {}", file.display());
        program.tell(&import, "").await?;
        let token = program
            .tell(&format!("provider token create --email {EMAIL}"), "")
            .await?;
        let process = program.serve("provider", "127.0.0.1:0").await?;
        Ok(Self {
            token: token["token"].as_str().context("no token")?.to_owned(),
            program,
            process,
            account,
        })
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.program.authority()
    }

    pub(super) fn url(&self) -> &Url {
        &self.process.url
    }

    /// Registers the manager as an application: its client id and secret.
    pub(super) async fn register(&self, redirect_uri: &str) -> Result<(String, String)> {
        let create = format!(
            "provider app create --account {} --name Manager --type confidential --redirect-uri {redirect_uri}",
            self.account
        );
        let app = self.program.tell(&create, "").await?;
        let text = |name: &str| app[name].as_str().map(str::to_owned).context("no credentials");
        Ok((text("client_id")?, text("client_secret")?))
    }

    /// The vendor has these jobs, each once, and no other. Returns how many.
    pub(super) async fn check_jobs(&self, told: &BTreeSet<String>) -> Result<usize> {
        let mut asked: BTreeMap<(String, String), String> = BTreeMap::new();
        let mut listed = BTreeSet::new();
        let transport = super::caller::transport([self.authority()])?;
        for page in 1.. {
            let path = format!("/v2/subject-access-requests?page={page}&per_page={PER_PAGE}");
            let jobs = super::caller::get(&transport, &self.process.url.join(&path)?, &self.token).await?;
            let jobs = jobs.as_array().context("the vendor's list is no list")?;
            for job in jobs {
                let text = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
                let id = job["id"].to_string();
                let before = asked.insert((text("identifier"), text("request_type")), id.clone());
                ensure!(
                    before.is_none(),
                    "the vendor has the jobs {before:?} and {id} for one task"
                );
                listed.insert(id);
            }
            if jobs.len() < PER_PAGE {
                break;
            }
        }
        ensure!(
            listed == *told,
            "the vendor has jobs that the manager does not know: {:?}; and lacks {:?}",
            listed.difference(told).collect::<Vec<_>>(),
            told.difference(&listed).collect::<Vec<_>>()
        );
        Ok(listed.len())
    }
}

fn record(n: usize) -> Value {
    json!({
        "data_source": "app_backend", "data_type": "visitor", "identifier_type": "email",
        "identifier": subject(n), "object": "profile", "record": {"number": n},
    })
}
