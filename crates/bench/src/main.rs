//! What performance is: figures of the real binary beside their limits, taken in one run on one machine.
//!
//! Absolute figures hold for the day and the machine; the ratios are what counts.

#![expect(
    clippy::indexing_slicing,
    reason = "indexing a JSON value gives null, it does not panic"
)]
#![expect(clippy::cast_precision_loss, reason = "counts and times here are far below 2^52")]

mod bare;
mod load;
mod process;
mod report;
mod requests;
mod vendor;

use std::time::Duration;

use anyhow::Result;
use clap::Parser;

use crate::{process::Server, report::Report, vendor::Vendor};

/// Measure Rightful beside its limits
#[derive(Debug, Parser)]
struct Options {
    /// Seconds for each load
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections that a load keeps open
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Access requests that are carried out end to end
    #[arg(long, default_value_t = 500)]
    requests: usize,
    /// A PostgreSQL server to measure on, instead of SQLite
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
    /// Be the bare endpoint that everything is compared with
    #[arg(long, hide = true)]
    bare: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    if options.bare {
        return bare::serve().await;
    }
    process::build_the_binary().await?;
    let mut report = Report::new(options.database.as_deref());
    let time = Duration::from_secs(options.seconds);

    let bare = Server::bare().await?;
    let get = load::run(bare.address, &get("/me", ""), options.connections, time).await?;
    let form = post("/token", &"x=1&".repeat(40));
    let post_limit = load::run(bare.address, &form, options.connections, time).await?;
    report.limit("bare axum GET, JSON", get, &bare);
    report.limit("bare axum POST, JSON", post_limit, &bare);
    drop(bare);

    let vendor = Vendor::prepare(options.database.as_deref()).await?;
    let provider = vendor.serve_plain().await?;
    let me = get_with_token(&vendor.access_token);
    let me = load::run(provider.address, &me, options.connections, time).await?;
    report.beside("GET /v2/me", me, get, &provider);
    let refresh = post("/oauth2/token", &vendor.refresh_form);
    let refresh = load::run(provider.address, &refresh, options.connections, time).await?;
    report.beside("refresh grant", refresh, post_limit, &provider);
    drop(provider);

    requests::measure(&vendor, options.requests, &mut report).await?;
    report.print();
    Ok(())
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
