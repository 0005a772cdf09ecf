//! `rightful provider subject …`

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use provider::{AccountId, ImportSubjectsError, Imported, Provider};
use serde_json::json;
use tokio::io::BufReader;

use super::account_id;
use crate::{command_line::SubjectCommand, commands::Call, progress::Progress};

pub(super) async fn run(call: &Call, provider: &Provider, command: SubjectCommand) -> anyhow::Result<()> {
    let SubjectCommand::Import { account, file } = command;
    let account = account_id(&account)?;
    let imported = if file == Path::new("-") {
        let lines = BufReader::new(tokio::io::stdin());
        let progress = Progress::counting(call.output, "records", None);
        provider
            .import_subjects(account, lines, |done| progress.at(done))
            .await?
    } else {
        import_file(call, provider, account, &file).await?
    };
    let Imported { records, new } = imported;
    let answer = json!({"account_id": account, "records": records, "new": new});
    call.output
        .answer(&answer, || format!("{records} records read, {new} of them new"))?;
    Ok(())
}

/// Every line is checked before the first is stored: a file is taken as a whole or not at all.
async fn import_file(call: &Call, provider: &Provider, account: AccountId, file: &PathBuf) -> anyhow::Result<Imported> {
    let open = || async {
        let file = tokio::fs::File::open(file).await;
        file.map(|file| BufReader::with_capacity(256 * 1024, file))
    };
    let unreadable = |error: io::Error| anyhow::Error::new(error).context(format!("could not read {}", file.display()));
    let refused = |error: ImportSubjectsError| {
        let untouched = matches!(error, ImportSubjectsError::Line { .. });
        let error = anyhow::Error::new(error);
        if untouched {
            error.context(format!("{}: nothing was imported", file.display()))
        } else {
            error
        }
    };
    let records = provider
        .check_subjects(open().await.map_err(unreadable)?)
        .await
        .map_err(refused)?;
    let progress = Progress::counting(call.output, "records", Some(records));
    provider
        .import_subjects(account, open().await.map_err(unreadable)?, |done| progress.at(done))
        .await
        .context("a repeated import takes what is missing")
}
