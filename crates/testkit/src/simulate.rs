//! The command line of `simulate`.

use std::{ffi::OsString, io::Write as _, process::ExitCode};

use anyhow::Result;
use clap::Parser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::{
    kill::KillTest,
    simulation::{self, Ran},
};

/// How many events before a failure are shown without `--trace`.
const LAST_EVENTS: usize = 40;

/// Lives through weeks of the manager and the provider in seconds, with every fault that a seed decides; or kills real
/// processes.
#[derive(Debug, Parser)]
#[command(name = "simulate", version)]
struct Simulate {
    /// How many seeds
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// One seed alone
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Tell what happens, event by event
    #[arg(long)]
    trace: bool,
    /// How many seeds at once [default: as many as there are processors]
    #[arg(long)]
    jobs: Option<usize>,
    /// Kill a real manager process so many times instead of simulating
    #[arg(long, value_name = "TIMES")]
    kill: Option<usize>,
    /// With --kill: how many requests are carried out meanwhile
    #[arg(long, requires = "kill", default_value_t = 1000)]
    requests: usize,
    /// With --kill: PostgreSQL instead of SQLite, an empty database
    #[arg(long, requires = "kill", value_name = "URL")]
    database: Option<String>,
    /// Answer with one JSON document
    #[arg(long)]
    json: bool,
}

/// Reads the command line and does what it says.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let told = match Simulate::try_parse_from(arguments) {
        Ok(told) => told,
        Err(error) => {
            error.print().ok();
            return ExitCode::from(2);
        }
    };
    let done = match told.kill {
        Some(kills) => kill(&told, kills),
        None => seeds(&told),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn seeds(told: &Simulate) -> Result<bool> {
    let seeds = match told.seed {
        Some(seed) => seed..seed + 1,
        None => told.from..told.from + told.seeds,
    };
    let jobs = told
        .jobs
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let bar = progress(told, seeds.end - seeds.start, "seeds");
    let ran = simulation::live_all(seeds, jobs, told.trace, |_| bar.inc(1))?;
    bar.finish_and_clear();
    if told.json {
        answer(&json!(ran).to_string());
    } else {
        tell(&ran, told.trace);
    }
    Ok(ran.violations.is_empty())
}

fn tell(ran: &Ran, trace: bool) {
    for failed in &ran.violations {
        if !trace {
            let from = failed.trace.len().saturating_sub(LAST_EVENTS);
            failed.trace.iter().skip(from).for_each(|line| answer(line));
        }
        let violation = failed.violation.as_deref().unwrap_or_default();
        answer(&format!("seed {}: {violation}", failed.seed));
        answer(&format!("  replay it: simulate --seed {} --trace", failed.seed));
    }
    answer(&format!(
        "{} seeds in {:.1} s: {:.0} virtual days ({:.1} weeks a second); {} requests, {} jobs at the vendor, {} mails, {} \
         answers of people, {} steps, {} calls of which {} went wrong, {} deaths of processes; {} seeds failed",
        ran.seeds,
        ran.seconds,
        ran.days,
        ran.days / 7.0 / ran.seconds,
        ran.requests,
        ran.vendor_jobs,
        ran.mails,
        ran.answers,
        ran.steps,
        ran.calls,
        ran.faults,
        ran.deaths,
        ran.violations.len(),
    ));
}

fn kill(told: &Simulate, kills: usize) -> Result<bool> {
    let test = KillTest {
        requests: told.requests,
        kills,
        seed: told.seed.unwrap_or(told.from),
        database: told.database.clone(),
        program: std::env::current_exe()?,
    };
    let bar = progress(told, kills as u64, "kills");
    let runtime = tokio::runtime::Runtime::new()?;
    let survived = runtime.block_on(test.run(|_| bar.inc(1)));
    bar.finish_and_clear();
    let survived = survived?;
    if told.json {
        answer(&json!(survived).to_string());
    } else {
        answer(&format!(
            "{} requests carried out through {} kills in {:.1} s: the vendor has {} jobs, none doubled, none missing; \
             {} were found again after a kill; a restart takes {} ms; both audit logs are whole ({} and {} events)",
            survived.requests,
            survived.kills,
            survived.seconds,
            survived.vendor_jobs,
            survived.adopted,
            survived.restart_milliseconds,
            survived.audit_events[0],
            survived.audit_events[1],
        ));
    }
    Ok(true)
}

fn progress(told: &Simulate, length: u64, what: &str) -> ProgressBar {
    let target = if told.json {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left"));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Whoever closed the stream does not want to know.
fn answer(text: &str) {
    writeln!(std::io::stdout(), "{text}").ok();
}

fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").ok();
}
