//! The outbox's rows.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use super::State;
use crate::{Cause, Language, MailId};

/// What sending needs of a row.
pub(super) struct Queued {
    pub(super) message_id: String,
    pub(super) event: String,
    pub(super) object: Option<String>,
    pub(super) language: Language,
    pub(super) created_at: Timestamp,
    pub(super) posted_at: Timestamp,
    pub(super) sealed: Option<Sealed>,
}

/// What is sealed in a row, until it is shredded.
pub(super) struct Sealed {
    pub(super) data_key: Vec<u8>,
    pub(super) contents: Vec<u8>,
    pub(super) answer: Option<Vec<u8>>,
}

impl Sealed {
    pub(super) fn from_row(row: &Row) -> Result<Option<Self>, StoreError> {
        let key: Option<Vec<u8>> = row.get("data_key")?;
        let contents: Option<Vec<u8>> = row.get("contents")?;
        let answer = row.get("answer")?;
        Ok(key.zip(contents).map(|(data_key, contents)| Self {
            data_key,
            contents,
            answer,
        }))
    }
}

/// The mail, where it is still to be sent.
pub(super) async fn queued(tx: &mut Tx, id: MailId) -> Result<Option<Queued>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM mail WHERE id = $1 AND state = 'queued'", args![id])
        .await?;
    row.map(|row| {
        Ok(Queued {
            message_id: row.get("message_id")?,
            event: row.get("event")?,
            object: row.get("object")?,
            language: row.parse("language")?,
            created_at: row.get("created_at")?,
            posted_at: row.get("posted_at")?,
            sealed: Sealed::from_row(&row)?,
        })
    })
    .transpose()
}

/// The mail that was posted first with this key.
pub(super) async fn by_event_key(tx: &mut Tx, key: &str) -> Result<MailId, StoreError> {
    tx.fetch_one("SELECT id FROM mail WHERE event_key = $1", args![key])
        .await?
        .parse("id")
}

/// What came of an attempt.
pub(super) struct Attempt {
    pub(super) state: State,
    pub(super) cause: Option<Cause>,
    pub(super) status: Option<String>,
    pub(super) answer: Option<Vec<u8>>,
    pub(super) next_attempt_at: Option<Timestamp>,
}

/// Records an attempt at a mail that was to be sent.
pub(super) async fn record(tx: &mut Tx, id: MailId, attempt: Attempt) -> Result<(), StoreError> {
    let ended_at = (attempt.state != State::Queued).then(|| tx.now());
    tx.execute(
        "UPDATE mail SET state = $2, cause = $3, status = $4, answer = $5, next_attempt_at = $6, ended_at = $7, \
         attempts = attempts + 1 WHERE id = $1 AND state = 'queued'",
        args![
            id,
            attempt.state.name(),
            attempt.cause.map(Cause::name),
            attempt.status,
            attempt.answer,
            attempt.next_attempt_at,
            ended_at,
        ],
    )
    .await?;
    Ok(())
}
