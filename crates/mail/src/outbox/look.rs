//! Looking into the outbox.

use std::fmt::Write as _;

use jiff::Timestamp;
use oauth::Secret;
use serde::{Serialize, Serializer};
use serde_json::json;
use store::{AssertSqlSafe, Row, StoreError, Tx, args};
use vault::{OpenError, Vault, WrappedKey};

use super::{State, answer_place, contents_place, key_place, row::Sealed};
use crate::{Cause, Language, MailAddress, MailId, message::Contents};

/// Which mails to list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Those about this object only.
    pub object: Option<String>,
    /// Those in this state only.
    pub state: Option<State>,
    /// Those posted before this one only: where the list before ended.
    pub before: Option<MailId>,
    /// At most so many.
    pub limit: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            object: None,
            state: None,
            before: None,
            limit: 100,
        }
    }
}

/// A mail in the outbox, without what it says: nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: MailId,
    /// The word for what it is about: for a letter, the name of an [`crate::Event`].
    pub event: String,
    /// What it is about, as the audit log names it.
    pub object: Option<String>,
    /// Its language.
    pub language: Language,
    /// What became of it.
    pub state: State,
    /// When it was posted.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was sent, kept or given up.
    pub ended_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub cause: Option<Cause>,
    /// The mail server's codes at the last attempt, such as `550 5.1.1`.
    pub status: Option<String>,
    /// True once what it said has been shredded.
    pub is_shredded: bool,
}

impl Serialize for Listed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cause =
            |cause: Cause| json!({"code": cause.name(), "message": cause.words(), "server_status": self.status});
        json!({
            "id": self.id.to_string(),
            "event": self.event,
            "about": self.object,
            "language": self.language.name(),
            "state": self.state.name(),
            "created_at": self.created_at,
            "attempts": self.attempts,
            "next_attempt_at": self.next_attempt_at,
            "ended_at": self.ended_at,
            "cause": self.cause.map(cause),
        })
        .serialize(serializer)
    }
}

/// A mail with what it says.
#[derive(Debug)]
pub struct ReadMail {
    /// What can be told without reading it.
    pub listed: Listed,
    /// Without the angle brackets.
    pub message_id: String,
    /// Who writes.
    pub from: MailAddress,
    /// To whom.
    pub to: MailAddress,
    /// Where an answer goes, if not to the sender.
    pub reply_to: Option<MailAddress>,
    /// Its subject.
    pub subject: Secret,
    /// Its text.
    pub text: Secret,
    /// The same for readers of HTML.
    pub html: Option<Secret>,
    /// What the mail server said last.
    pub answer: Option<Secret>,
}

/// Why a mail can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is none, or none any more.
    #[error("there is no such mail, or it has been shredded")]
    NotFound,
    /// It does not open.
    #[error("the sealed mail could not be opened")]
    Sealed(#[from] OpenError),
    /// What was sealed is no mail.
    #[error("the sealed mail means nothing")]
    Corrupt,
    /// The database failed.
    #[error("the outbox could not be read")]
    Store(#[from] StoreError),
}

const COLUMNS: &str =
    "id, event, object, language, state, created_at, attempts, next_attempt_at, ended_at, cause, status, data_key";

/// The mails in the outbox, the newest first.
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Listed>, StoreError> {
    // Ids are lower-case hexadecimal: every one of them comes before this.
    let before = filter.before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    let mut wanted = String::new();
    let mut args = args![before, filter.limit];
    for (column, value) in [
        ("object", filter.object.as_deref()),
        ("state", filter.state.map(State::name)),
    ] {
        if let Some(value) = value {
            args.push(value.into());
            write!(wanted, " AND {column} = ${}", args.len()).ok();
        }
    }
    let sql = format!("SELECT {COLUMNS} FROM mail WHERE id < $1{wanted} ORDER BY id DESC LIMIT $2");
    let rows = tx.fetch_all(AssertSqlSafe(sql), args).await?;
    rows.iter().map(listed).collect()
}

/// One mail with what it says: for the local mailbox, and for people who look after mails that were not sent.
pub async fn read(tx: &mut Tx, vault: &Vault, id: MailId) -> Result<ReadMail, ReadError> {
    let row = tx.fetch_optional("SELECT * FROM mail WHERE id = $1", args![id]).await?;
    let row = row.ok_or(ReadError::NotFound)?;
    let listed = listed(&row)?;
    let message_id = row.get("message_id")?;
    let sealed = Sealed::from_row(&row)?.ok_or(ReadError::NotFound)?;
    let name = id.to_string();
    let key = vault.unwrap(&key_place(&name), &WrappedKey::from_bytes(sealed.data_key)?)?;
    let contents = key.open(&contents_place(&name), &sealed.contents)?;
    let contents: Contents = serde_json::from_slice(&contents).map_err(|_| ReadError::Corrupt)?;
    let answer = sealed
        .answer
        .map(|answer| key.open(&answer_place(&name), &answer))
        .transpose()?;
    let address = |written| MailAddress::try_from(written).map_err(|_| ReadError::Corrupt);
    Ok(ReadMail {
        listed,
        message_id,
        from: address(contents.from)?,
        to: address(contents.to)?,
        reply_to: contents.reply_to.map(address).transpose()?,
        subject: Secret::new(contents.subject),
        text: Secret::new(contents.text),
        html: contents.html.map(Secret::new),
        answer: answer.map(|answer| Secret::new(String::from_utf8_lossy(&answer).into_owned())),
    })
}

fn listed(row: &Row) -> Result<Listed, StoreError> {
    Ok(Listed {
        id: row.parse("id")?,
        event: row.get("event")?,
        object: row.get("object")?,
        language: row.parse("language")?,
        state: row.parse("state")?,
        created_at: row.get("created_at")?,
        attempts: u32::try_from(row.get::<i64>("attempts")?).unwrap_or(u32::MAX),
        next_attempt_at: row.get("next_attempt_at")?,
        ended_at: row.get("ended_at")?,
        cause: row.parse_optional("cause")?,
        status: row.get("status")?,
        is_shredded: row.get::<Option<Vec<u8>>>("data_key")?.is_none(),
    })
}
