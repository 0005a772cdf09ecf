//! Two-step log-in: a code of an authenticator app, or a recovery code, beside the password (SEC-6).

use std::{net::IpAddr, time::Duration};

use jiff::{SignedDuration, Timestamp};
use oauth::Secret;
use rightful_http::{
    session::SessionToken,
    totp::{TotpSecret, recovery},
};
use serde_json::json;
use store::{StoreError, Tx, retried};
use vault::Place;

use super::{
    proof::ProofError,
    sessions::{self, Session},
    throttles::Throttled,
};
use crate::{Actor, Provider, UserId, rows, rows::two_step::StoredTotp};

/// How long the password counts while the code is looked for.
const HALF: SignedDuration = SignedDuration::from_mins(10);
/// So many wrong codes of one user within [`WINDOW`] and no more are looked at until it is over, wherever they come
/// from. Whoever tries them has the password; recovery codes, which nobody guesses, still let the user in.
const MOST_WRONG: i64 = 10;
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// What somebody needs to set up an authenticator app. It is shown once.
#[derive(Debug)]
pub struct Enrolment {
    /// To be typed.
    pub written: Secret,
    /// To be scanned.
    pub uri: Secret,
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TwoStepError {
    /// The password is wrong.
    #[error("that is not your password")]
    Password,
    /// The code is wrong, or was used before.
    #[error("that code is not right, or was used before")]
    Code,
    /// Too many wrong codes or passwords.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// An account of theirs asks for it.
    #[error("an account asks its administrators for two-step log-in: it can't be turned off")]
    Required,
    /// It is on already, or was not begun, or the log-in has waited too long.
    #[error("that is over: start again")]
    Gone,
    /// The database failed.
    #[error("two-step log-in could not be changed")]
    Store(#[from] StoreError),
}

impl From<ProofError> for TwoStepError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Wrong => Self::Password,
            ProofError::Throttled(throttled) => Self::Throttled(throttled),
            ProofError::Store(error) => Self::Store(error),
        }
    }
}

/// What became of a typed code.
enum Taken {
    ByApp,
    ByRecovery,
    Wrong,
    TooMany(Throttled),
}

impl Provider {
    /// Begins to turn two-step log-in on: a new secret, which counts once a code of it was typed.
    pub async fn begin_two_step(
        &self,
        session: &Session,
        password: &Secret,
        origin: IpAddr,
    ) -> Result<Enrolment, TwoStepError> {
        retried(|| self.begin_two_step_once(session, password, origin)).await
    }

    async fn begin_two_step_once(
        &self,
        session: &Session,
        password: &Secret,
        origin: IpAddr,
    ) -> Result<Enrolment, TwoStepError> {
        self.check_password(session, password, origin).await?;
        let secret = TotpSecret::generate(&**self.store().entropy());
        let user = session.user.to_string();
        let mut tx = self.store().write().await?;
        if rows::two_step::is_on(&mut tx, session.user).await? {
            return Err(TwoStepError::Gone);
        }
        let sealed = self.vault().seal(&place(&user), secret.bytes());
        rows::two_step::begin(&mut tx, session.user, sealed).await?;
        rows::session::proven(&mut tx, session.token.hash()).await?;
        tx.commit().await?;
        Ok(self.enrolment(session, &secret))
    }

    /// The same enrolment once more, for a code that was mistyped.
    pub async fn unconfirmed_two_step(&self, session: &Session) -> Result<Enrolment, TwoStepError> {
        let stored = rows::two_step::of_user(&mut self.store().read().await?, session.user).await?;
        let stored = stored.filter(|stored| !stored.confirmed).ok_or(TwoStepError::Gone)?;
        Ok(self.enrolment(session, &self.secret(session.user, &stored)?))
    }

    /// Turns two-step log-in on, once the app has shown its first code. Returns recovery codes to be shown once. The
    /// user's other sessions, which knew the password alone, end.
    pub async fn confirm_two_step(
        &self,
        session: &Session,
        code: &str,
        origin: IpAddr,
    ) -> Result<Vec<Secret>, TwoStepError> {
        retried(|| self.confirm_two_step_once(session, code, origin)).await
    }

    async fn confirm_two_step_once(
        &self,
        session: &Session,
        code: &str,
        origin: IpAddr,
    ) -> Result<Vec<Secret>, TwoStepError> {
        let user = session.user;
        let mut tx = self.store().write().await?;
        lock(&mut tx, user).await?;
        let stored = rows::two_step::of_user(&mut tx, user).await?;
        let stored = stored.filter(|stored| !stored.confirmed).ok_or(TwoStepError::Gone)?;
        if !self.is_recently_proven(session) {
            return Err(TwoStepError::Gone);
        }
        let Some(step) = self.secret(user, &stored)?.verify(code, tx.now(), None) else {
            return Err(TwoStepError::Code);
        };
        rows::two_step::confirm(&mut tx, user).await?;
        rows::two_step::used(&mut tx, user, step).await?;
        rows::session::delete_others(&mut tx, user, session.token.hash()).await?;
        let codes = self.new_recovery(&mut tx, user).await?;
        tx.audit(session.actor(origin).did("user.two_step_on", object(user), json!({})));
        tx.commit().await?;
        Ok(codes)
    }

    /// Turns two-step log-in off, for who has both the password and a code and may go without it.
    pub async fn end_two_step(
        &self,
        session: &Session,
        password: &Secret,
        code: &Secret,
        origin: IpAddr,
    ) -> Result<(), TwoStepError> {
        retried(|| self.end_two_step_once(session, password, code, origin)).await
    }

    async fn end_two_step_once(
        &self,
        session: &Session,
        password: &Secret,
        code: &Secret,
        origin: IpAddr,
    ) -> Result<(), TwoStepError> {
        if session.two_step_asked_by().is_some() {
            return Err(TwoStepError::Required);
        }
        let mut tx = self.with_both(session, password, code, origin).await?;
        rows::two_step::delete(&mut tx, session.user).await?;
        tx.audit(
            session
                .actor(origin)
                .did("user.two_step_off", object(session.user), json!({})),
        );
        Ok(tx.commit().await?)
    }

    /// New recovery codes in place of the older ones, for who has both the password and a code.
    pub async fn replace_recovery_codes(
        &self,
        session: &Session,
        password: &Secret,
        code: &Secret,
        origin: IpAddr,
    ) -> Result<Vec<Secret>, TwoStepError> {
        retried(|| self.replace_recovery_codes_once(session, password, code, origin)).await
    }

    async fn replace_recovery_codes_once(
        &self,
        session: &Session,
        password: &Secret,
        code: &Secret,
        origin: IpAddr,
    ) -> Result<Vec<Secret>, TwoStepError> {
        let mut tx = self.with_both(session, password, code, origin).await?;
        let codes = self.new_recovery(&mut tx, session.user).await?;
        tx.audit(
            session
                .actor(origin)
                .did("user.recovery_codes_replaced", object(session.user), json!({})),
        );
        tx.commit().await?;
        Ok(codes)
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes_left(&self, session: &Session) -> Result<i64, StoreError> {
        rows::two_step::recovery_left(&mut self.store().read().await?, session.user).await
    }

    /// Turns a user's two-step log-in off from the command line: they lost the app and the recovery codes.
    pub async fn reset_two_step(&self, email: &Secret) -> Result<UserId, super::accounts::UserChangeError> {
        retried(|| self.reset_two_step_once(email)).await
    }

    async fn reset_two_step_once(&self, email: &Secret) -> Result<UserId, super::accounts::UserChangeError> {
        let index = super::profile::email_index(self.vault(), email);
        let mut tx = self.store().write().await?;
        let user = rows::user::by_email(&mut tx, index)
            .await?
            .ok_or(super::accounts::UserChangeError::Unknown)?
            .id;
        rows::two_step::delete(&mut tx, user).await?;
        tx.audit(Actor::COMMAND_LINE.did("user.two_step_off", object(user), json!({})));
        tx.commit().await?;
        Ok(user)
    }

    /// Finishes a log-in that waits for a code. A recovery code is used up by it.
    pub async fn finish_log_in(
        &self,
        half: &SessionToken,
        code: &Secret,
        origin: IpAddr,
    ) -> Result<SessionToken, TwoStepError> {
        retried(|| self.finish_log_in_once(half, code, origin)).await
    }

    async fn finish_log_in_once(
        &self,
        half: &SessionToken,
        code: &Secret,
        origin: IpAddr,
    ) -> Result<SessionToken, TwoStepError> {
        let mut tx = self.store().write().await?;
        let now = tx.now();
        let waiting = rows::half_log_in::by_hash(&mut tx, half.hash()).await?;
        let (user, _) = waiting
            .filter(|(_, began_at)| now.duration_since(*began_at) < HALF)
            .ok_or(TwoStepError::Gone)?;
        let active = rows::user::by_id(&mut tx, user)
            .await?
            .is_some_and(|user| user.deactivated_at.is_none());
        let home = rows::account::of_user(&mut tx, user).await?.into_iter().next();
        let home = home.filter(|_| active).ok_or(TwoStepError::Gone)?;
        let nobody = Actor::nobody(Some(origin));
        let mut tx = self.take(tx, user, code, nobody).await?;
        rows::half_log_in::delete(&mut tx, half.hash()).await?;
        let token = sessions::begin(&mut tx, user, home.account.id, origin).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The transaction in which both proofs of the user were good, to go on with.
    async fn with_both(
        &self,
        session: &Session,
        password: &Secret,
        code: &Secret,
        origin: IpAddr,
    ) -> Result<Tx, TwoStepError> {
        self.check_password(session, password, origin).await?;
        let tx = self.store().write().await?;
        self.take(tx, session.user, code, session.actor(origin)).await
    }

    /// Uses a code up. A wrong one is counted, and recorded as `by`'s doing.
    async fn take(&self, mut tx: Tx, user: UserId, code: &Secret, by: Actor) -> Result<Tx, TwoStepError> {
        lock(&mut tx, user).await?;
        let (action, error) = match self.taken(&mut tx, user, code).await? {
            Taken::ByApp => return Ok(tx),
            Taken::ByRecovery => {
                tx.audit(by.did("user.recovery_code_used", object(user), json!({})));
                return Ok(tx);
            }
            Taken::Wrong => ("session.code_refused", TwoStepError::Code),
            Taken::TooMany(throttled) => ("session.code_throttled", throttled.into()),
        };
        tx.audit(by.did(action, object(user), json!({})));
        tx.commit().await?;
        Err(error)
    }

    async fn taken(&self, tx: &mut Tx, user: UserId, code: &Secret) -> Result<Taken, StoreError> {
        let now = tx.now();
        let Some(stored) = rows::two_step::of_user(tx, user)
            .await?
            .filter(|stored| stored.confirmed)
        else {
            return Ok(Taken::Wrong);
        };
        if recovery::looks_like_one(code.reveal()) {
            let tag = self.recovery_tag(user, code);
            return Ok(if rows::two_step::take_recovery(tx, user, tag).await? {
                Taken::ByRecovery
            } else {
                Taken::Wrong
            });
        }
        let since = stored.wrong_since.filter(|since| now.duration_since(*since) < WINDOW);
        let wrong = if since.is_some() { stored.wrong } else { 0 };
        if let Some(since) = since.filter(|_| wrong >= MOST_WRONG) {
            return Ok(Taken::TooMany(until_over(since, now)));
        }
        if let Some(step) = self.secret(user, &stored)?.verify(code.reveal(), now, stored.last) {
            rows::two_step::used(tx, user, step).await?;
            Ok(Taken::ByApp)
        } else {
            rows::two_step::was_wrong(tx, user, wrong + 1, since.unwrap_or(now)).await?;
            Ok(Taken::Wrong)
        }
    }

    async fn new_recovery(&self, tx: &mut Tx, user: UserId) -> Result<Vec<Secret>, StoreError> {
        let codes = recovery::generate(&**self.store().entropy());
        let tags: Vec<[u8; 32]> = codes.iter().map(|code| self.recovery_tag(user, code)).collect();
        rows::two_step::replace_recovery(tx, user, &tags).await?;
        Ok(codes)
    }

    fn recovery_tag(&self, user: UserId, code: &Secret) -> [u8; 32] {
        recovery::tag(&self.vault().mac("recovery-code"), &user.to_string(), code)
    }

    fn enrolment(&self, session: &Session, secret: &TotpSecret) -> Enrolment {
        Enrolment {
            written: secret.written(),
            uri: secret.uri(&self.settings().brand_name, session.profile.email.reveal()),
        }
    }

    fn secret(&self, user: UserId, stored: &StoredTotp) -> Result<TotpSecret, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            what: "secret of an authenticator app",
            reason,
        };
        let bytes = self
            .vault()
            .open(&place(&user.to_string()), &stored.sealed_secret)
            .map_err(|error| corrupt(error.to_string()))?;
        TotpSecret::from_bytes(&bytes).ok_or_else(|| corrupt("it has another length".to_owned()))
    }
}

/// Two log-ins at once must not both use one code.
async fn lock(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    tx.lock("user_totp", &user.to_string()).await
}

fn until_over(since: Timestamp, now: Timestamp) -> Throttled {
    let left = WINDOW - now.duration_since(since);
    Throttled {
        after: Duration::try_from(left).unwrap_or_default(),
    }
}

fn object(user: UserId) -> String {
    format!("user:{user}")
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "user_totp",
        column: "secret",
        row,
    }
}
