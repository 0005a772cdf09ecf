//! Putting a mail into the outbox.

use serde_json::json;
use store::{
    StoreError, Tx, args,
    jobs::{LaneLimits, NewJob},
};
use vault::Vault;

use super::{LANE, SEND, State, contents_place, job_key, key_place, later, row, shred};
use crate::{Mail, MailId, Mailer, MailerKind, message::Contents};

/// What the lane of mails allows.
const LIMITS: LaneLimits = LaneLimits {
    interval: std::time::Duration::ZERO,
    burst: 1,
    most_in_flight: 4,
};

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// There is no way to send it.
    #[error("no mailer is configured: set smtp_url and mail_from, or mailbox = true")]
    NoMailer,
    /// The database failed.
    #[error("the mail could not be put into the outbox")]
    Store(#[from] StoreError),
}

/// Whether a mail with this key ([`Mail::once`]) was posted.
pub async fn is_posted(tx: &mut Tx, key: &str) -> Result<bool, StoreError> {
    let found = tx
        .fetch_optional("SELECT id FROM mail WHERE event_key = $1", args![key])
        .await?;
    Ok(found.is_some())
}

/// Seals the mail into the outbox and lets it be sent, in the commit of `tx`. A mail whose key ([`Mail::once`]) was
/// posted before is not posted again: its id is that of the first.
pub async fn post(tx: &mut Tx, vault: &Vault, mailer: &Mailer, mail: Mail) -> Result<MailId, PostError> {
    let sender = mailer.sender().ok_or(PostError::NoMailer)?;
    let id = MailId::from(tx.new_id());
    let row = id.to_string();
    let (key, wrapped) = vault.new_data_key(&key_place(&row));
    let contents = serde_json::to_vec(&Contents::new(&mail, sender)).map_err(|_| StoreError::Corrupt {
        what: "mail",
        reason: "it can't be written".to_owned(),
    })?;
    let state = match mailer.kind() {
        MailerKind::Smtp | MailerKind::None => State::Queued,
        MailerKind::Mailbox => State::Kept,
    };
    let now = tx.now();
    let shred_at = later(now, mailer.retention());
    let random = uuid::Builder::from_random_bytes(vault::random_bytes(&**tx.entropy())).into_uuid();
    let inserted = tx
        .execute(
            "INSERT INTO mail (id, event, event_key, object, language, message_id, state, created_at, posted_at, \
             attempts, next_attempt_at, ended_at, shred_at, data_key, contents) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, $9, $10, $11, $12, $13) \
             ON CONFLICT (event_key) DO NOTHING",
            args![
                id,
                &mail.event,
                mail.key.clone(),
                mail.object,
                mail.language.name(),
                format!("{}@{}", random.simple(), sender.domain()),
                state.name(),
                now,
                (state == State::Queued).then_some(now),
                (state == State::Kept).then_some(now),
                shred_at,
                wrapped.as_bytes(),
                key.seal(&contents_place(&row), &contents),
            ],
        )
        .await?;
    if inserted == 0 {
        return Ok(row::by_event_key(tx, &mail.key.unwrap_or_default()).await?);
    }
    if state == State::Queued {
        enqueue(tx, id).await?;
    }
    shred::schedule(tx, shred_at);
    Ok(id)
}

/// Tries a mail again that could not be sent. False where there is none such, or it has been shredded.
pub async fn send_again(tx: &mut Tx, id: MailId) -> Result<bool, StoreError> {
    let now = tx.now();
    let again = tx
        .execute(
            "UPDATE mail SET state = 'queued', posted_at = $2, next_attempt_at = $2, ended_at = NULL \
             WHERE id = $1 AND state = 'failed' AND contents IS NOT NULL",
            args![id, now],
        )
        .await?;
    if again > 0 {
        enqueue(tx, id).await?;
    }
    Ok(again > 0)
}

async fn enqueue(tx: &mut Tx, id: MailId) -> Result<(), StoreError> {
    if tx.lane(LANE).await?.is_none() {
        tx.set_lane(LANE, LIMITS).await?;
    }
    let run_at = tx.now();
    tx.enqueue(NewJob {
        kind: SEND,
        lane: LANE.to_owned(),
        run_at,
        payload: json!({ "mail": id }),
        key: Some(job_key(id)),
    });
    Ok(())
}
