//! A list of very many requests, handed in from the shell, twice: the second time nothing is left to take in.

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{
    process::{Ran, rightful, watched},
    report::Report,
};

/// Imports `rows` requests into a manager of its own.
pub(crate) async fn measure(database: Option<&str>, rows: usize, report: &mut Report) -> Result<()> {
    let data = tempfile::tempdir()?;
    let file = data.path().join("requests.csv");
    let list = list(rows)?;
    let bytes = list.len();
    std::fs::write(&file, list)?;
    let file = file.display().to_string();
    let arguments = ["manager", "request", "import", &file];
    for (name, column) in [
        ("import, new requests", "created"),
        ("import, the same file again", "existing"),
    ] {
        let ran = watched(rightful(data.path(), database)?, &arguments).await?;
        let count = |name: &str| ran.answer[name].as_u64().unwrap_or_default();
        let all = u64::try_from(rows)?;
        let others = count("created") + count("existing") + count("refused") - count(column);
        ensure!(
            count(column) == all && others == 0,
            "{name}: not what was to come of {rows} rows: {}",
            without_rows(&ran.answer)
        );
        let each = ran.processor / u32::try_from(rows).context("too many rows")?;
        report.command(name, rows as f64 / ran.took.as_secs_f64(), each, ran.peak_memory);
        report.note("taken in", &seconds(&ran));
    }
    report.note("the file", &format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)));
    Ok(())
}

/// Addresses are this run's own, so that what an earlier run left on a server does not count.
fn list(rows: usize) -> Result<String> {
    let run = std::process::id();
    let mut list = "type,framework,email\n".to_owned();
    for n in 0..rows {
        let right = if n % 4 == 0 { "deletion" } else { "access" };
        writeln!(list, "{right},gdpr,subject-{run}-{n}@example.com")?;
    }
    Ok(list)
}

fn seconds(ran: &Ran) -> String {
    let used: Duration = ran.processor;
    format!("{:.1} s, {:.1} s of CPU", ran.took.as_secs_f64(), used.as_secs_f64())
}

fn without_rows(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(members) = answer.as_object_mut() {
        members.remove("rows");
    }
    answer
}
