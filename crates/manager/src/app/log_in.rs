//! Logging in and out.

use std::{net::IpAddr, time::Duration};

use jiff::SignedDuration;
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::session::{SessionLifetime, SessionToken};
use store::StoreError;

use super::operators::normal;
use crate::{By, Manager, OperatorId, Role, rows};

/// Wrong passwords from one address in a minute, beyond which no more are looked at (SEC-4).
const MOST_FAILURES: i64 = 10;

/// Who is logged in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// Who.
    pub id: OperatorId,
    /// What they are there for, as of now.
    pub role: Role,
    /// Their mail address, for themselves to see.
    pub email: String,
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// The address or the password is wrong; which, nobody is told.
    #[error("the e-mail address or the password is wrong")]
    Wrong,
    /// Too many wrong passwords came from this address.
    #[error("too many wrong passwords: wait a minute")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The database failed.
    #[error("could not log in")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Checks a password and begins a session. It takes as long for an unknown address as for a known one.
    pub async fn log_in(&self, email: &str, password: &Secret, address: IpAddr) -> Result<SessionToken, LogInError> {
        let caller = self.vault().blind_index("log-in.address", &address.to_string());
        let origin = Some(address.to_string());
        let mut read = self.store().read().await?;
        if rows::failed_log_in::recent(&mut read, &caller).await? >= MOST_FAILURES {
            let into_minute = u64::try_from(self.now().as_second().rem_euclid(60)).unwrap_or(0);
            let retry_after = Duration::from_secs(60 - into_minute);
            return Err(LogInError::TooMany { retry_after });
        }
        let operator = rows::operator::by_email(&mut read, &self.email_index(&normal(email))).await?;
        drop(read);
        let operator = operator.filter(|operator| operator.deactivated_at.is_none());
        let hash = operator
            .as_ref()
            .map(|operator| Secret::new(operator.password_hash.clone()));
        let fits = self
            .passwords()
            .verify(password, hash.as_ref(), async { Ok::<(), LogInError>(()) })
            .await?;

        let mut tx = self.store().write().await?;
        let (true, Some(operator)) = (fits, operator) else {
            rows::failed_log_in::count(&mut tx, &caller).await?;
            let by = By {
                origin,
                ..By::automation()
            };
            let facts = [(Detail::Reason, Fact::Word("wrong_password"))];
            tx.audit(by.event(Event::SessionRefused, "session".to_owned(), facts));
            tx.commit().await?;
            return Err(LogInError::Wrong);
        };
        let token = SessionToken::generate(&**tx.entropy());
        let longest = self.session_lifetime().absolute;
        let forgotten = tx.now().saturating_sub(longest).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        rows::session::begin(&mut tx, &token.hash(), operator.id, forgotten).await?;
        let by = By::operator(operator.id, origin);
        tx.audit(by.event(Event::SessionStarted, operator.id.object(), []));
        tx.commit().await?;
        Ok(token)
    }

    /// Who is behind a session's token, as of now; that it was used is noted.
    pub async fn logged_in(&self, token: &SessionToken) -> Result<Option<LoggedIn>, StoreError> {
        self.session(token, true).await
    }

    /// The same without noting it.
    pub(crate) async fn session_of(&self, token: &SessionToken) -> Result<Option<LoggedIn>, StoreError> {
        self.session(token, false).await
    }

    async fn session(&self, token: &SessionToken, note: bool) -> Result<Option<LoggedIn>, StoreError> {
        let hash = token.hash();
        let found = rows::session::find(&mut self.store().read().await?, &hash).await?;
        let lifetime = self.session_lifetime();
        let now = self.now();
        let Some(session) = found.filter(|session| lifetime.lasts(session.began_at, session.used_at, now)) else {
            return Ok(None);
        };
        if note && lifetime.worth_noting(session.used_at, now) {
            let mut tx = self.store().write().await?;
            rows::session::used(&mut tx, &hash).await?;
            tx.commit().await?;
        }
        Ok(Some(LoggedIn {
            id: session.operator.id,
            role: session.operator.role,
            email: self.operator_email(&session.operator)?,
        }))
    }

    /// Ends a session.
    pub async fn log_out(&self, token: &SessionToken, by: &By) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        rows::session::end(&mut tx, &token.hash()).await?;
        tx.audit(by.event(Event::SessionEnded, "session".to_owned(), []));
        tx.commit().await
    }

    fn session_lifetime(&self) -> SessionLifetime {
        let bounded = |length: SignedDuration| length.max(SignedDuration::from_secs(1));
        SessionLifetime {
            idle: bounded(self.settings().session_idle.signed()),
            absolute: bounded(self.settings().session_ttl.signed()),
        }
    }
}
