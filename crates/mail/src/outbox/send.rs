//! Sending what is in the outbox.

use std::time::Duration;

use serde::Deserialize;
use store::{
    Store, Tx,
    jobs::{Lease, StepError, backoff},
};
use tracing::{info, warn};
use vault::{OpenError, Vault, WrappedKey};

use super::{
    State, answer_place, contents_place, key_place, later,
    row::{self, Attempt, Queued},
};
use crate::{Accepted, Cause, MailId, Mailer, Outgoing, Trouble, mailer::Way, message};

/// How long after a first failure a mail is tried again at the latest; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_mins(2);
/// What the wait grows to.
const LONGEST_WAIT: Duration = Duration::from_hours(2);

#[derive(Deserialize)]
struct About {
    mail: MailId,
}

/// What became of an attempt.
enum Outcome {
    Accepted(Accepted),
    Kept,
    Failed(Trouble),
}

/// A mail that was given up.
#[derive(Debug, Clone)]
pub struct GivenUp {
    /// Which.
    pub id: MailId,
    /// What it is about, as the audit log names it.
    pub object: Option<String>,
    /// Why.
    pub cause: Cause,
    /// The mail server's codes, such as `550 5.1.1`.
    pub status: Option<String>,
}

/// Carries out a [`super::SEND`] job: hands the mail to the mail server, then records what it said. A process that dies
/// in between has the mail sent again, under the same `Message-ID`.
pub async fn send(store: &Store, vault: &Vault, mailer: &Mailer, lease: &Lease) -> Result<(), StepError> {
    send_or_tell(store, vault, mailer, lease, |_, _| {}).await
}

/// Like [`send`]; in the commit that gives a mail up, `given_up` writes it down elsewhere as well.
pub async fn send_or_tell(
    store: &Store,
    vault: &Vault,
    mailer: &Mailer,
    lease: &Lease,
    given_up: impl FnOnce(&mut Tx, GivenUp) + Send,
) -> Result<(), StepError> {
    let About { mail: id } = lease.payload()?;
    let queued = row::queued(&mut store.read().await?, id).await?;
    let Some(mail) = queued else {
        let mut tx = store.write().await?;
        tx.finish(lease).await?;
        return Ok(tx.commit().await?);
    };
    let outcome = attempt(vault, mailer, id, &mail).await?;

    let mut tx = store.write().await?;
    let now = tx.now();
    let attempt = match outcome {
        Outcome::Kept => Attempt {
            state: State::Kept,
            cause: None,
            status: None,
            answer: None,
            next_attempt_at: None,
        },
        Outcome::Accepted(Accepted { status, answer }) => Attempt {
            state: State::Sent,
            cause: None,
            status: Some(status),
            answer: seal_answer(vault, id, &mail, Some(&answer)),
            next_attempt_at: None,
        },
        Outcome::Failed(trouble) => {
            let hopeless = trouble.cause.is_final() || now >= later(mail.posted_at, mailer.give_up_after());
            let wait = backoff(lease.attempts, FIRST_WAIT, LONGEST_WAIT, &**store.entropy());
            Attempt {
                state: if hopeless { State::Failed } else { State::Queued },
                cause: Some(trouble.cause),
                status: trouble.status,
                answer: seal_answer(vault, id, &mail, trouble.answer.as_deref()),
                next_attempt_at: (!hopeless).then(|| later(now, wait)),
            }
        }
    };
    match attempt.next_attempt_at {
        Some(at) => tx.retry(lease, at).await?,
        None => tx.finish(lease).await?,
    }
    let (state, cause, status) = (attempt.state, attempt.cause, attempt.status.clone());
    row::record(&mut tx, id, attempt).await?;
    if let (State::Failed, Some(cause)) = (state, cause) {
        let (object, status) = (mail.object.clone(), status.clone());
        given_up(
            &mut tx,
            GivenUp {
                id,
                object,
                cause,
                status,
            },
        );
    }
    tx.commit().await?;
    let (status, event) = (status.as_deref(), &*mail.event);
    match (state, cause.map(Cause::words)) {
        (State::Failed, cause) => warn!(mail.id = %id, mail.event = event, status, cause, "a mail could not be sent"),
        (State::Queued, cause) => {
            warn!(mail.id = %id, mail.event = event, status, cause, "a mail could not be sent yet, will try again");
        }
        (State::Sent | State::Kept, _) => info!(mail.id = %id, mail.event = event, status, "mail sent"),
    }
    Ok(())
}

/// The one effect on the outside.
async fn attempt(vault: &Vault, mailer: &Mailer, id: MailId, mail: &Queued) -> Result<Outcome, StepError> {
    let server = match mailer.way() {
        Way::None => return Ok(Outcome::Failed(Cause::NoMailer.into())),
        Way::Mailbox { .. } => return Ok(Outcome::Kept),
        Way::Smtp { server, .. } => server,
    };
    let message = match open(vault, id, mail) {
        Ok(message) => message,
        // Another process has a newer root key: this one has to be told first.
        Err(Some(OpenError::OtherKey(_))) => {
            return Err(StepError::Failed(
                "the mail is sealed with a key that is not at hand".to_owned(),
            ));
        }
        Err(_) => return Ok(Outcome::Failed(Cause::Unreadable.into())),
    };
    Ok(match server.deliver(&message).await {
        Ok(accepted) => Outcome::Accepted(accepted),
        Err(trouble) => Outcome::Failed(trouble),
    })
}

fn open(vault: &Vault, id: MailId, mail: &Queued) -> Result<Outgoing, Option<OpenError>> {
    let row = id.to_string();
    let sealed = mail.sealed.as_ref().ok_or(None)?;
    let key = vault.unwrap(&key_place(&row), &WrappedKey::from_bytes(&*sealed.data_key)?)?;
    let contents = key.open(&contents_place(&row), &sealed.contents)?;
    let contents = serde_json::from_slice(&contents).map_err(|_| None)?;
    message::build(contents, &mail.message_id, mail.language, mail.created_at).map_err(|_| None)
}

/// What the server said, sealed like the mail itself. A key that does not open loses it, which is no reason to stop.
fn seal_answer(vault: &Vault, id: MailId, mail: &Queued, answer: Option<&str>) -> Option<Vec<u8>> {
    let row = id.to_string();
    let wrapped = WrappedKey::from_bytes(&*mail.sealed.as_ref()?.data_key).ok()?;
    let key = vault.unwrap(&key_place(&row), &wrapped).ok()?;
    Some(key.seal(&answer_place(&row), answer?.as_bytes()))
}
