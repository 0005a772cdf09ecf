//! The manager and the provider joined in memory, with a virtual clock, and a seed that decides everything that goes
//! wrong: lost and late answers, 429, 500, torn downloads, revoked grants, people who leave, processes that die wherever
//! they commit or call, clocks that are set, two processes on one database. After every step the invariants are checked
//! on both databases. The same seed gives the same run, event by event.

mod company;
mod dice;
mod gate;
mod invariants;
mod life;
mod mails;
mod office;
mod pace;
mod plan;
mod post;
mod processors;
mod ran;
mod template;
mod time;
mod trace;
mod vendor;
mod weather;
mod wire;

use anyhow::Result;
use serde::Serialize;

use self::life::Life;
pub use self::ran::{Ran, live_all};
pub use self::template::Template;

/// What one seed came to.
#[derive(Debug, Clone, Serialize)]
pub struct Lived {
    /// The seed.
    pub seed: u64,
    /// How many virtual days it lived through.
    pub days: f64,
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
    /// What was not as it must be; nothing, if all was well.
    pub violation: Option<String>,
    /// What happened, without personal data.
    #[serde(skip)]
    pub trace: Vec<String>,
}

/// Lives through the world of `seed`, telling what happens where that is wanted. An error means that the simulation itself could not be carried out.
pub fn live(seed: u64, template: &Template, loud: bool) -> Result<Lived> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut life = Life::begin(seed, template, loud).await?;
        let lived = Box::pin(life.live()).await;
        let (calls, faults) = life.network.counts();
        Ok(Lived {
            seed,
            days: life.lived().as_secs_f64() / 86_400.0,
            requests: life.requests(),
            vendor_jobs: life.inspector.effects(),
            mails: life.post.count(),
            answers: life.answers(),
            steps: life.company.steps,
            calls,
            faults,
            deaths: life.company.deaths,
            violation: lived.err().map(|error| format!("{error:#}")),
            trace: life.network.trace.take(),
        })
    })
}
