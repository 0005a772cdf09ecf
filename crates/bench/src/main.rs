//! What performance is: figures of the real binary beside their limits, taken in one run on one machine.
//!
//! Absolute figures hold for the day and the machine; the ratios are what counts.

#![expect(
    clippy::indexing_slicing,
    reason = "indexing a JSON value gives null, it does not panic"
)]
#![expect(clippy::cast_precision_loss, reason = "counts and times here are far below 2^52")]

mod bare;
mod exchange;
mod import;
mod jobs;
mod load;
mod pages;
mod process;
mod report;
mod requests;
mod vendor;

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::{process::Server, report::Report, vendor::Vendor};

/// Measure Rightful beside its limits
#[derive(Debug, Parser)]
struct Options {
    /// What to measure; everything if nothing is named
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Seconds for each load
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections that a load keeps open
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Authorization codes that are exchanged
    #[arg(long, default_value_t = 2000)]
    codes: usize,
    /// Access requests, and deletions, that are carried out end to end
    #[arg(long, default_value_t = 500)]
    requests: usize,
    /// How many jobs wait while some are carried out
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    jobs: Vec<usize>,
    /// Requests in the database while pages are loaded
    #[arg(long, default_value_t = 1_000_000)]
    stored: usize,
    /// Rows of the list that is imported
    #[arg(long, default_value_t = 100_000)]
    rows: usize,
    /// A PostgreSQL server to measure on, instead of SQLite
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
    /// Be the bare endpoint that everything is compared with
    #[arg(long, hide = true)]
    bare: bool,
    /// Measure this many waiting jobs, here
    #[arg(long, hide = true)]
    waiting_jobs: Option<usize>,
}

/// A part of the measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Tokens: bearer checks, refresh grants, code exchanges
    Tokens,
    /// Requests end to end
    Requests,
    /// Waiting jobs
    Jobs,
    /// Pages over very many requests
    Pages,
    /// A list of very many requests, imported twice
    Import,
}

impl Options {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    if options.bare {
        return bare::serve().await;
    }
    let database = options.database.as_deref();
    if let Some(size) = options.waiting_jobs {
        return jobs::measure_here(database, size).await;
    }
    process::build_the_binary().await?;
    let mut report = Report::new(database);
    if options.wants(Part::Tokens) || options.wants(Part::Requests) || options.wants(Part::Pages) {
        let vendor = Vendor::prepare(database).await?;
        if options.wants(Part::Tokens) {
            tokens(&vendor, &options, &mut report).await?;
        }
        if options.wants(Part::Requests) {
            requests::measure(&vendor, options.requests, &mut report).await?;
        }
        if options.wants(Part::Pages) {
            pages::measure(&vendor, options.stored, &mut report).await?;
        }
    }
    if options.wants(Part::Jobs) {
        jobs::measure(database, &options.jobs, &mut report).await?;
    }
    if options.wants(Part::Import) {
        import::measure(database, options.rows, &mut report).await?;
    }
    report.print();
    Ok(())
}

async fn tokens(vendor: &Vendor, options: &Options, report: &mut Report) -> Result<()> {
    let (time, connections) = (Duration::from_secs(options.seconds), options.connections);
    let bare = Server::bare().await?;
    let get_limit = load::run(&bare, &get("/me", ""), connections, time).await?;
    let form = post("/token", &"x=1&".repeat(40));
    let post_limit = load::run(&bare, &form, connections, time).await?;
    report.limit("bare axum GET, JSON", get_limit, &bare);
    report.limit("bare axum POST, JSON", post_limit, &bare);
    drop(bare);

    let provider = vendor.serve_plain().await?;
    let me = load::run(&provider, &get_with_token(&vendor.access_token), connections, time).await?;
    report.beside("GET /v2/me", me, get_limit, &provider);
    let refresh = post("/oauth2/token", &vendor.refresh_form);
    let refresh = load::run(&provider, &refresh, connections, time).await?;
    report.beside("refresh grant", refresh, post_limit, &provider);
    exchange::measure(vendor, &provider, (options.codes, connections), post_limit, report).await
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n")
}

fn get_with_token(token: &str) -> String {
    get("/v2/me", &format!("authorization: Bearer {token}\r\n"))
}

fn post(path: &str, form: &str) -> String {
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {length}\r\n\r\n{form}"
    )
}
