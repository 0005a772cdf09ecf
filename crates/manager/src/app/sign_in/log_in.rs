//! Logging in: the password, and the second factor where there is one.

use std::time::Duration;

use jiff::SignedDuration;
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::session::SessionToken;
use store::{StoreError, retried};

use super::{
    Visitor,
    attempts::{self, Counted},
    second_factor, ticket,
};
use crate::{
    Manager, OperatorId,
    app::operators::normal,
    rows::{self, operator::OperatorRow, ticket::Purpose},
};

/// How long the second factor may take after the password.
const CODE_IN: SignedDuration = SignedDuration::from_mins(5);
/// How many wrong codes one password is good for.
const WRONG_CODES: i64 = 5;

/// How far somebody has come.
#[derive(Debug)]
pub enum Entered {
    /// In.
    In {
        /// The new session.
        token: SessionToken,
        /// What the browser keeps, so that it is known again.
        device: Secret,
    },
    /// The password was right; the code of the authenticator is missing.
    NeedsCode {
        /// What comes back with the code.
        ticket: Secret,
    },
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// The address or the password is wrong; which, nobody is told.
    #[error("the e-mail address or the password is wrong")]
    Wrong,
    /// The code of the authenticator is wrong, or was used before.
    #[error("that code is wrong, or it was used already")]
    WrongCode {
        /// What comes back with another code.
        ticket: Secret,
    },
    /// Too long between the password and the code, or too many wrong codes.
    #[error("that took too long or too many tries: please begin once more")]
    BeginAgain,
    /// Too many wrong tries.
    #[error("too many wrong passwords or codes: wait a while")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The database failed.
    #[error("could not log in")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Checks a password, and the code of the authenticator where one is given along with it. It takes as long for an
    /// unknown address as for a known one (SEC-7).
    pub async fn log_in(
        &self,
        email: &str,
        password: &Secret,
        code: Option<&Secret>,
        visitor: &Visitor,
    ) -> Result<Entered, LogInError> {
        let account = self.email_index(&normal(email));
        let mut read = self.store().read().await?;
        let operator = rows::operator::by_email(&mut read, &account).await?;
        let counted = self.counted(visitor, &account, operator.as_ref().map(|operator| operator.id));
        if let Some(retry_after) = attempts::wait(&mut read, &counted).await? {
            return Err(LogInError::TooMany { retry_after });
        }
        drop(read);
        let operator = operator.filter(OperatorRow::is_active);
        let may_try = self.may_still_try(&counted, |retry_after| LogInError::TooMany { retry_after });
        let fits = self.password_fits(operator.as_ref(), password, may_try).await?;
        let who = operator.filter(|_| fits).map(|operator| operator.id);
        let entered = retried(|| self.after_password_once(who, &counted, visitor)).await?;
        match (entered, code) {
            (Entered::NeedsCode { ticket }, Some(code)) => self.log_in_with_code(&ticket, code, visitor).await,
            (entered, _) => Ok(entered),
        }
    }

    /// What a password leads to that is `who`'s, or nobody's.
    async fn after_password_once(
        &self,
        who: Option<OperatorId>,
        counted: &Counted,
        visitor: &Visitor,
    ) -> Result<Entered, LogInError> {
        let mut tx = self.store().write().await?;
        let operator = match who {
            Some(id) => rows::operator::locked(&mut tx, id).await?,
            None => None,
        };
        let Some(mut operator) = operator.filter(OperatorRow::is_active) else {
            attempts::failed(&mut tx, counted).await?;
            let facts = [(Detail::Reason, Fact::Word("wrong_password"))];
            tx.audit(
                visitor
                    .as_stranger()
                    .event(Event::SessionRefused, "session".to_owned(), facts),
            );
            tx.commit().await?;
            return Err(LogInError::Wrong);
        };
        if operator.totp.is_some() {
            let (ticket, _) = ticket::issue(&mut tx, Purpose::SecondFactor, Some(operator.id), None, CODE_IN).await?;
            tx.commit().await?;
            return Ok(Entered::NeedsCode { ticket });
        }
        let token = self.begin_session(&mut tx, &mut operator, visitor, "password").await?;
        tx.commit().await?;
        Ok(Entered::In {
            token,
            device: self.new_device(operator.id),
        })
    }

    /// Checks the second factor after the password: a code of the authenticator, or a recovery code.
    pub async fn log_in_with_code(
        &self,
        secret: &Secret,
        code: &Secret,
        visitor: &Visitor,
    ) -> Result<Entered, LogInError> {
        retried(|| self.log_in_with_code_once(secret, code, visitor)).await
    }

    async fn log_in_with_code_once(
        &self,
        secret: &Secret,
        code: &Secret,
        visitor: &Visitor,
    ) -> Result<Entered, LogInError> {
        let mut tx = self.store().write().await?;
        let found = ticket::find(&mut tx, secret, Purpose::SecondFactor).await?;
        let found = found.filter(|ticket| ticket.tries < WRONG_CODES);
        let Some((ticket, id)) = found.and_then(|ticket| ticket.operator.map(|id| (ticket, id))) else {
            return Err(LogInError::BeginAgain);
        };
        let operator = rows::operator::locked(&mut tx, id).await?;
        let Some(mut operator) = operator.filter(OperatorRow::is_active) else {
            return Err(LogInError::BeginAgain);
        };
        if !second_factor::may_try(self, &mut tx, id, code).await? {
            return Err(LogInError::TooMany {
                retry_after: Duration::from_mins(10),
            });
        }
        let Some(how) = self.second_factor_fits(&mut tx, &mut operator, code).await? else {
            attempts::code_failed(self, &mut tx, id).await?;
            rows::ticket::failed(&mut tx, &ticket.hash).await?;
            let facts = [(Detail::Reason, Fact::Word("wrong_code"))];
            tx.audit(visitor.as_operator(id).event(Event::SessionRefused, id.object(), facts));
            tx.commit().await?;
            return Err(LogInError::WrongCode { ticket: secret.clone() });
        };
        rows::ticket::use_up(&mut tx, &ticket.hash).await?;
        let token = self.begin_session(&mut tx, &mut operator, visitor, how).await?;
        tx.commit().await?;
        Ok(Entered::In {
            token,
            device: self.new_device(id),
        })
    }

    /// Whether it is the operator's password; without an operator, or a password, it takes as long and is not.
    /// `may_try` is asked when the work begins.
    pub(super) async fn password_fits<E>(
        &self,
        operator: Option<&OperatorRow>,
        password: &Secret,
        may_try: impl Future<Output = Result<(), E>>,
    ) -> Result<bool, E> {
        let hash = operator.filter(|operator| !operator.password_hash.is_empty());
        let hash = hash.map(|operator| Secret::new(operator.password_hash.clone()));
        self.passwords().verify(password, hash.as_ref(), may_try).await
    }

    /// Whether there is a try left once it is one's turn: guesses that come together wait for each other, and those before
    /// may have used it up.
    pub(super) async fn may_still_try<E: From<StoreError>>(
        &self,
        counted: &Counted,
        too_many: impl FnOnce(Duration) -> E,
    ) -> Result<(), E> {
        let mut read = self.store().read().await?;
        match attempts::wait(&mut read, counted).await? {
            Some(retry_after) => Err(too_many(retry_after)),
            None => Ok(()),
        }
    }
}
