//! Log lines on standard error.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::configuration::LogFormat;

/// Crates of ours, whose lines carry no secret and no personal value at any level. Libraries print whole requests and
/// rows at `debug` and `trace`, so those lines are never written, whatever the filter says.
const OURS: &[&str] = &[
    "rightful",
    "rightful_http",
    "manager",
    "provider",
    "connectors",
    "store",
    "vault",
    "privacy",
    "oauth",
];

/// Starts logging what `filter` lets through; `RUST_LOG` goes before it.
pub(crate) fn start(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = match EnvFilter::try_from_default_env() {
        Ok(filter) => filter,
        Err(_) => {
            EnvFilter::try_new(filter).context("the setting log is no filter such as `info` or `warn,manager=debug`")?
        }
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match format {
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
    };
    let lines = lines.with_filter(filter).with_filter(filter_fn(may_be_written));
    // A second start (two commands in one test process) keeps the first.
    tracing_subscriber::registry().with(lines).try_init().ok();
    Ok(())
}

fn may_be_written(line: &Metadata<'_>) -> bool {
    let root = line.target().split("::").next().unwrap_or_default();
    OURS.contains(&root) || *line.level() <= Level::INFO
}
