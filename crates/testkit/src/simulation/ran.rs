//! Many seeds.

use std::{
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use anyhow::Result;
use serde::Serialize;
use store::{Clock as _, SystemClock};

use super::{Lived, Template, live};

/// What many seeds came to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ran {
    /// How many seeds.
    pub seeds: u64,
    /// How long that took.
    pub seconds: f64,
    /// How many virtual days they lived through, all together.
    pub days: f64,
    /// Virtual days for each second.
    pub days_a_second: f64,
    /// How many requests came in.
    pub requests: usize,
    /// How many jobs the vendor was given.
    pub vendor_jobs: usize,
    /// How many mails arrived.
    pub mails: usize,
    /// How many questions were answered by people.
    pub answers: usize,
    /// How many durable jobs were carried out.
    pub steps: u64,
    /// How many calls were made to the vendor.
    pub calls: u64,
    /// How many of them went wrong.
    pub faults: u64,
    /// How many times a process died.
    pub deaths: u64,
    /// The seeds in which something was not as it must be.
    pub violations: Vec<Lived>,
}

/// Lives through all `seeds`, `jobs` at once, telling what happens where that is wanted; `progress` hears of each that has ended.
pub fn live_all(seeds: Range<u64>, jobs: usize, loud: bool, progress: impl Fn(&Lived) + Sync) -> Result<Ran> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let template = runtime.block_on(Template::make())?;
    let clock = SystemClock;
    let begun = clock.now();
    let next = AtomicU64::new(seeds.start);
    let ended = Mutex::new(Vec::new());
    let worker = || -> Result<()> {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return Ok(());
            }
            let mut lived = live(seed, &template, loud)?;
            if lived.violation.is_none() {
                lived.trace = Vec::new();
            }
            progress(&lived);
            ended.lock().unwrap_or_else(PoisonError::into_inner).push(lived);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(ended) => ended,
            Err(_) => Err(anyhow::anyhow!("a simulation panicked")),
        })
    })?;
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    ended.sort_by_key(|lived| lived.seed);
    let mut ran = Ran {
        seconds: clock.now().duration_since(begun).as_secs_f64(),
        ..Ran::default()
    };
    for lived in ended {
        ran.add(&lived);
        if lived.violation.is_some() {
            ran.violations.push(lived);
        }
    }
    ran.days_a_second = ran.days / ran.seconds.max(f64::EPSILON);
    Ok(ran)
}

impl Ran {
    fn add(&mut self, lived: &Lived) {
        self.seeds += 1;
        self.days += lived.days;
        self.requests += lived.requests;
        self.vendor_jobs += lived.vendor_jobs;
        self.mails += lived.mails;
        self.answers += lived.answers;
        self.steps += lived.steps;
        self.calls += lived.calls;
        self.faults += lived.faults;
        self.deaths += lived.deaths;
    }
}
