//! Filling the built-in subject store.

use std::collections::BTreeSet;

use serde_json::json;
use store::StoreError;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use crate::{
    AccountId, Actor, Provider,
    rows::{self, subject_record::NewRecord},
    sources::import_line::{ImportLine, LineError},
};

/// The longest line, in bytes.
const LONGEST_LINE: usize = 4 * 1024 * 1024;
/// A transaction takes so many lines, or so many bytes, whichever comes first.
const LINES_A_BATCH: usize = 500;
const BYTES_A_BATCH: usize = 4 * 1024 * 1024;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// How many records the lines held.
    pub records: u64,
    /// How many of them were new; the others were there already.
    pub new: u64,
}

/// Why an import ended early.
#[derive(Debug, thiserror::Error)]
pub enum ImportSubjectsError {
    /// There is no such account.
    #[error("account: there is no account {0}")]
    Account(AccountId),
    /// A line that can't be used.
    #[error("line {line}: {reason}")]
    Line {
        /// From 1.
        line: u64,
        /// What is wrong with it.
        reason: LineError,
    },
    /// The lines could not be read.
    #[error("the lines could not be read")]
    Read(#[from] std::io::Error),
    /// The database failed.
    #[error("the records could not be stored")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Reads all lines and stores nothing: whether an import of them would take every line. Returns how many records
    /// they hold.
    pub async fn check_subjects<R>(&self, reader: R) -> Result<u64, ImportSubjectsError>
    where
        R: AsyncBufRead + Unpin,
    {
        let mut lines = Lines::new(reader);
        let mut records = 0;
        while lines.next().await?.is_some() {
            records += 1;
        }
        Ok(records)
    }

    /// Stores the records that the lines hold (newline-delimited JSON, empty lines skipped), batch by batch;
    /// `progress` hears how many are done. A record that is there already, with the same subject, data source, object
    /// and content, is not stored again, so an import may be repeated. A line that can't be used ends the import: the
    /// batches before it stay. To have all or nothing, [`Provider::check_subjects`] first.
    pub async fn import_subjects<R>(
        &self,
        account: AccountId,
        reader: R,
        mut progress: impl FnMut(u64),
    ) -> Result<Imported, ImportSubjectsError>
    where
        R: AsyncBufRead + Unpin,
    {
        if rows::account::by_id(&mut self.store().read().await?, account)
            .await?
            .is_none()
        {
            return Err(ImportSubjectsError::Account(account));
        }
        let mut lines = Lines::new(reader);
        let mut imported = Imported::default();
        loop {
            let mut batch = Vec::new();
            let mut bytes = 0;
            while batch.len() < LINES_A_BATCH && bytes < BYTES_A_BATCH {
                let Some(line) = lines.next().await? else { break };
                bytes += line.record.reveal().get().len();
                batch.push(line);
            }
            if batch.is_empty() {
                return Ok(imported);
            }
            imported.records += batch.len() as u64;
            imported.new += self.store_batch(account, batch).await?;
            progress(imported.records);
        }
    }

    async fn store_batch(&self, account: AccountId, batch: Vec<ImportLine>) -> Result<u64, StoreError> {
        let count = i64::try_from(batch.len()).unwrap_or(i64::MAX);
        let mac = self.vault().mac("subject-record");
        let mut tx = self.store().write().await?;
        let (key, first) = rows::subject_account::next_records(&mut tx, self.vault(), account, count).await?;
        let sources: BTreeSet<_> = batch.iter().map(|line| line.source).collect();
        for source in sources {
            rows::subject_account::add_source(&mut tx, account, source).await?;
        }
        let records = (first..).zip(batch).map(|(seq, line)| {
            let json = line.record.reveal().get().as_bytes();
            let content = [line.source.as_str(), "\n", &line.object, "\n"].concat();
            NewRecord {
                subject: line.subject.index(self.vault(), account),
                content: mac.sign(&[content.as_bytes(), json].concat()),
                seq,
                sealed: rows::subject_record::seal(account, seq, &key, json),
                source: line.source,
                object: line.object,
            }
        });
        let new = rows::subject_record::insert(&mut tx, account, records.collect()).await?;
        let detail = json!({ "records": count, "new": new });
        tx.audit(Actor::COMMAND_LINE.did("subjects.imported", format!("account:{account}"), detail));
        tx.commit().await?;
        Ok(new)
    }
}

/// Lines as they are read.
struct Lines<R> {
    reader: R,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            line: 0,
            buffer: Vec::new(),
        }
    }

    async fn next(&mut self) -> Result<Option<ImportLine>, ImportSubjectsError> {
        loop {
            self.buffer.clear();
            let limit = LONGEST_LINE as u64 + 1;
            let mut limited = (&mut self.reader).take(limit);
            if limited.read_until(b'\n', &mut self.buffer).await? == 0 {
                return Ok(None);
            }
            self.line += 1;
            let refused = |reason| ImportSubjectsError::Line {
                line: self.line,
                reason,
            };
            let line = self.buffer.trim_ascii();
            if line.len() > LONGEST_LINE {
                return Err(refused(LineError::TooLong(LONGEST_LINE)));
            }
            // Some editors begin a file with a byte order mark.
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
            if !line.is_empty() {
                return ImportLine::parse(line).map(Some).map_err(refused);
            }
        }
    }
}
