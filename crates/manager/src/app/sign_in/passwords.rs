//! Changing a password, and choosing a new one where the old one is forgotten.

use jiff::{SignedDuration, Timestamp};
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::passwords::{self, PasswordRule};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, Tx,
    jobs::{Lease, NewJob, StepError},
    retried,
};
use vault::Place;

use super::{ConfirmError, Visitor, attempts, sessions::end_sessions, ticket};
use crate::{
    By, Manager, OperatorId, SessionId,
    app::operators::normal,
    rows::{self, operator::OperatorRow, ticket::Purpose},
    steps,
};

/// How long the link of a mail is good (SEC-8: at most an hour).
const LINK: SignedDuration = SignedDuration::from_mins(60);

/// Why the password stays.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The old one is wrong, or was wrong too often.
    #[error(transparent)]
    Old(#[from] ConfirmError),
    /// The new one can't be chosen.
    #[error("{0}")]
    New(#[from] PasswordRule),
    /// They have none: they come through single sign-on.
    #[error("you log in through single sign-on and have no password here")]
    None,
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hash,
    /// The database failed.
    #[error("the password could not be stored")]
    Store(#[from] StoreError),
}

/// Why no new password is chosen.
#[derive(Debug, thiserror::Error)]
pub enum NewPasswordError {
    /// The link was used, ran out, or never was.
    #[error("this link is not good any more: ask for a new one")]
    Gone,
    /// The new one can't be chosen.
    #[error("{0}")]
    Rule(#[from] PasswordRule),
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hash,
    /// The database failed.
    #[error("the password could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Changes one's own password (SEC-3); the other sessions end where that is wanted (SEC-11).
    pub async fn change_password(
        &self,
        (id, session): (OperatorId, SessionId),
        old: &Secret,
        new: &Secret,
        end_others: bool,
        visitor: &Visitor,
    ) -> Result<(), ChangePasswordError> {
        let known = rows::operator::by_id(&mut self.store().read().await?, id).await?;
        if known.is_none_or(|operator| operator.password_hash.is_empty()) {
            return Err(ChangePasswordError::None);
        }
        self.check_own_password(id, old, visitor).await?;
        passwords::check(new)?;
        let hash = self.passwords().hash(new).await.ok_or(ChangePasswordError::Hash)?;
        let others_than = end_others.then_some(session);
        retried(|| self.change_password_once(id, &hash, others_than, visitor)).await
    }

    /// Sessions end where one is named: all others than that.
    async fn change_password_once(
        &self,
        id: OperatorId,
        hash: &Secret,
        others_than: Option<SessionId>,
        visitor: &Visitor,
    ) -> Result<(), ChangePasswordError> {
        let mut tx = self.store().write().await?;
        let Some(mut operator) = rows::operator::locked(&mut tx, id).await? else {
            return Err(ChangePasswordError::None);
        };
        hash.reveal().clone_into(&mut operator.password_hash);
        rows::operator::save(&mut tx, &operator).await?;
        rows::ticket::withdraw(&mut tx, id, Purpose::PasswordReset).await?;
        let by = visitor.as_operator(id);
        tx.audit(by.event(Event::UserPasswordChanged, id.object(), []));
        if others_than.is_some() {
            end_sessions(&mut tx, id, others_than, &by).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Asks for a link to choose a new password. The answer is the same, and as quick, whoever's address it is (SEC-7):
    /// looking it up and writing the mail is done afterwards, by a job.
    pub async fn ask_for_new_password(&self, email: &str, visitor: &Visitor) -> Result<(), StoreError> {
        retried(|| self.ask_for_new_password_once(email, visitor)).await
    }

    async fn ask_for_new_password_once(&self, email: &str, visitor: &Visitor) -> Result<(), StoreError> {
        let email = normal(email);
        let account = self.vault().blind_index("password-reset", &email);
        let counted = self.counted(visitor, &account, None);
        let mut tx = self.store().write().await?;
        // Asking counts like failing: nobody's mailbox is flooded.
        if attempts::wait(&mut tx, &counted).await?.is_some() {
            return Ok(());
        }
        attempts::failed(&mut tx, &counted).await?;
        if email.len() <= 320 {
            let id = tx.new_id().to_string();
            let asked = Asked {
                email: crate::hex::hex(&self.vault().seal(&asked_place(&id), email.as_bytes())),
                origin: visitor.address.to_string(),
                id,
            };
            tx.enqueue(NewJob {
                kind: steps::SEND_PASSWORD_LINK,
                lane: steps::INTERNAL.to_owned(),
                run_at: tx.now(),
                payload: serde_json::to_value(asked).unwrap_or_default(),
                key: None,
            });
        }
        tx.commit().await
    }

    /// Whether the link behind this secret is good.
    pub async fn can_choose_password(&self, secret: &Secret) -> Result<bool, StoreError> {
        let ticket = ticket::find(&mut self.store().read().await?, secret, Purpose::PasswordReset).await?;
        Ok(ticket.is_some())
    }

    /// Chooses a new password. Nobody is let in by it: the log-in follows, with its second factor (SEC-8). All sessions
    /// end.
    pub async fn choose_password(
        &self,
        secret: &Secret,
        new: &Secret,
        visitor: &Visitor,
    ) -> Result<(), NewPasswordError> {
        if !self.can_choose_password(secret).await? {
            return Err(NewPasswordError::Gone);
        }
        passwords::check(new)?;
        let hash = self.passwords().hash(new).await.ok_or(NewPasswordError::Hash)?;
        retried(|| self.choose_password_once(secret, &hash, visitor)).await
    }

    async fn choose_password_once(
        &self,
        secret: &Secret,
        hash: &Secret,
        visitor: &Visitor,
    ) -> Result<(), NewPasswordError> {
        let mut tx = self.store().write().await?;
        let found = ticket::find(&mut tx, secret, Purpose::PasswordReset).await?;
        let id = found.and_then(|ticket| ticket.operator).ok_or(NewPasswordError::Gone)?;
        let operator = rows::operator::locked(&mut tx, id).await?;
        let still = ticket::find(&mut tx, secret, Purpose::PasswordReset).await?.is_some();
        let Some(mut operator) = operator.filter(|operator| still && operator.is_active()) else {
            return Err(NewPasswordError::Gone);
        };
        rows::ticket::withdraw(&mut tx, id, Purpose::PasswordReset).await?;
        hash.reveal().clone_into(&mut operator.password_hash);
        rows::operator::save(&mut tx, &operator).await?;
        let by = visitor.as_operator(id);
        let facts = [(Detail::Reason, Fact::Word("forgotten"))];
        tx.audit(by.event(Event::UserPasswordChanged, id.object(), facts));
        end_sessions(&mut tx, id, None, &by).await?;
        Ok(tx.commit().await?)
    }
}

/// Who asked for a new password.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    /// What the address is sealed for.
    id: String,
    email: String,
    origin: String,
}

/// The step behind [`Manager::ask_for_new_password`]: mails the link to whose address it is.
pub(crate) async fn send_password_link(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let asked: Asked = lease.payload()?;
    let email = manager.opened_email(&asked)?;
    let mut tx = manager.store().write().await?;
    let operator = rows::operator::by_email(&mut tx, &manager.email_index(&email)).await?;
    // Who has no password, because they come through single sign-on, is not given one by mail.
    let wanted = |operator: &OperatorRow| operator.is_active() && !operator.password_hash.is_empty();
    if let Some(operator) = operator.filter(wanted) {
        let (link, until) = manager.issue_password_link(&mut tx, operator.id).await?;
        manager
            .mail_password_link(&mut tx, &operator, &link, until, &asked.id)
            .await?;
        let by = By {
            origin: Some(asked.origin),
            ..By::automation()
        };
        tx.audit(by.event(Event::UserPasswordAsked, operator.id.object(), []));
    }
    tx.finish(lease).await?;
    Ok(tx.commit().await?)
}

impl Manager {
    /// A new link to choose a password; earlier ones are worth nothing from then on. Its host is ours by configuration,
    /// never that of a request (SEC-8).
    pub(crate) async fn issue_password_link(
        &self,
        tx: &mut Tx,
        id: OperatorId,
    ) -> Result<(Secret, Timestamp), StoreError> {
        rows::ticket::withdraw(tx, id, Purpose::PasswordReset).await?;
        let (secret, until) = ticket::issue(tx, Purpose::PasswordReset, Some(id), None, LINK).await?;
        let link = self.settings().page(&format!("/password/{}", secret.reveal()));
        Ok((Secret::new(link), until))
    }

    fn opened_email(&self, asked: &Asked) -> Result<String, StoreError> {
        let damaged = || StoreError::Corrupt {
            what: "job",
            reason: "the address can't be read".to_owned(),
        };
        let sealed = crate::hex::unhex(&asked.email).ok_or_else(damaged)?;
        let opened = self
            .vault()
            .open(&asked_place(&asked.id), &sealed)
            .map_err(|_| damaged())?;
        String::from_utf8(opened.to_vec()).map_err(|_| damaged())
    }
}

fn asked_place(row: &str) -> Place<'_> {
    Place {
        table: "job",
        column: "email",
        row,
    }
}
