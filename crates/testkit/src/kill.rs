//! `kill -9` of a manager that serves, again and again, while it carries out requests against a real provider: nothing
//! may be lost, and the vendor must have exactly the jobs that were asked for.

mod caller;
mod vendor;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Value, json};
use store::{Clock, SystemClock};
use tokio::sync::watch;
use vault::{Entropy as _, SeededEntropy};

use self::{caller::Callers, vendor::Vendor};
use crate::process::{Process, Program};

/// The shortest and the longest time that a manager lives.
const LIFE: (u64, u64) = (30, 700);

/// How long the manager waits for the vendor: what a request costs that was being sent when it was killed.
const PATIENCE: &str = "3s";

/// What is to be survived.
#[derive(Debug, Clone)]
pub struct KillTest {
    /// How many requests are taken in.
    pub requests: usize,
    /// How many times the manager is killed.
    pub kills: usize,
    /// Decides when.
    pub seed: u64,
    /// PostgreSQL for both services; none: SQLite.
    pub database: Option<String>,
    /// The program that is run: `PROGRAM rightful …` must do what `rightful …` does.
    pub program: PathBuf,
}

/// What was survived.
#[derive(Debug, Clone, Serialize)]
pub struct Survived {
    /// How many requests were answered: all of them.
    pub requests: usize,
    /// How many times the manager was killed.
    pub kills: usize,
    /// How many jobs the vendor has: one for each request.
    pub vendor_jobs: usize,
    /// How many of them were found again in the vendor's list after a kill, instead of being sent once more.
    pub adopted: usize,
    /// How many events the audit logs of both services have, all in one chain each.
    pub audit_events: [i64; 2],
    /// How long it took.
    pub seconds: f64,
    /// How long a killed manager took on average until it listened again.
    pub restart_milliseconds: u128,
}

impl KillTest {
    /// Does it; `progress` hears of every kill.
    pub async fn run(&self, mut progress: impl FnMut(usize)) -> Result<Survived> {
        let folder = tempfile::Builder::new().prefix("rightful-kill-").tempdir()?;
        let outcome = self.run_in(folder.path(), &mut progress).await;
        if outcome.is_err() {
            // The managers' own words.
            let kept = folder.keep();
            return outcome.with_context(|| format!("the data is kept in {}", kept.display()));
        }
        outcome
    }

    async fn run_in(&self, folder: &std::path::Path, progress: &mut impl FnMut(usize)) -> Result<Survived> {
        let clock = SystemClock;
        let begun = clock.now();
        let program = |name: &str| Program::new(&self.program, folder.join(name), self.database.as_deref());
        let vendor = Vendor::start(program("provider")?, self.requests).await?;
        let company = program("manager")?
            .setting("ALLOW_PRIVATE_HOSTS", "localhost")
            .setting("EXTRA_CA", &vendor.authority().display().to_string())
            .setting("HTTP_TIMEOUT", PATIENCE)
            .setting("HTTP_CONNECT_TIMEOUT", PATIENCE);
        let key = company
            .tell("manager api-key create --name kill --scope all", "")
            .await?;
        let key = key["api_key"].as_str().context("no API key")?.to_owned();
        let manager = company.serve("manager", "127.0.0.1:0").await?;
        let callers = Callers::new(&company, &vendor, &manager, key)?;
        callers.connect(&vendor).await?;

        let (killed, kills) = watch::channel(0);
        let (jobs, restarts) = tokio::try_join!(
            callers.carry_out(self.requests, self.kills, kills),
            self.kill_and_restart(&company, manager, &killed, progress),
        )?;
        let vendor_jobs = vendor.check_jobs(&jobs).await?;
        let (managers, adopted) = audited(&company, "manager").await?;
        let (providers, _) = audited(vendor.program(), "provider").await?;
        Ok(Survived {
            requests: jobs.len(),
            kills: self.kills,
            vendor_jobs,
            adopted,
            audit_events: [managers, providers],
            seconds: clock.now().duration_since(begun).as_secs_f64(),
            restart_milliseconds: restarts.as_millis() / self.kills.max(1) as u128,
        })
    }

    /// Kills the manager at random moments and starts it again at once; how long all starts took.
    async fn kill_and_restart(
        &self,
        company: &Program,
        mut manager: Process,
        killed: &watch::Sender<usize>,
        progress: &mut impl FnMut(usize),
    ) -> Result<Duration> {
        let (clock, entropy) = (SystemClock, SeededEntropy::new(self.seed));
        let listen = manager.listen.clone();
        let mut restarts = Duration::ZERO;
        for kill in 1..=self.kills {
            let mut draw = [0; 8];
            entropy.fill(&mut draw);
            let life = LIFE.0 + u64::from_le_bytes(draw) % (LIFE.1 - LIFE.0);
            let end = clock.now() + SignedDuration::try_from(Duration::from_millis(life))?;
            clock.sleep_until(end).await;
            manager.kill().await?;
            let died = clock.now();
            manager = company.serve("manager", &listen).await?;
            restarts += Duration::try_from(clock.now().duration_since(died))?;
            progress(kill);
            killed.send_replace(kill);
        }
        // The last one lives on for as long as anybody needs it.
        killed.closed().await;
        manager.kill().await?;
        Ok(restarts)
    }
}

/// The audit log is whole; how many events it has, and how many of them say that a job was found again.
async fn audited(program: &Program, service: &str) -> Result<(i64, usize)> {
    let whole = program.tell(&format!("{service} audit verify"), "").await?;
    ensure!(whole["whole"] == json!(true), "the audit log of the {service}: {whole}");
    let file = program.data().join("audit.ndjson");
    let export = format!("{service} audit export --output {}", file.display());
    program.tell(&export, "").await?;
    let events = std::fs::read_to_string(file)?;
    let adopted = events
        .lines()
        .filter(|line| serde_json::from_str::<Value>(line).is_ok_and(|event| event["action"] == json!("task.adopted")));
    Ok((whole["events"].as_i64().unwrap_or_default(), adopted.count()))
}
