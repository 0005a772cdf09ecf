//! Sessions: begun at a log-in, ended by their owner, an administrator or time.

use jiff::{SignedDuration, Timestamp};
use privacy::audit::{Detail, Event, Fact};
use rightful_http::session::{SessionLifetime, SessionToken};
use store::{StoreError, Tx, retried};

use super::Visitor;
use crate::{
    By, Manager, OperatorId, Role, SessionId,
    rows::{
        self,
        operator::OperatorRow,
        session::{NewSession, SessionRow},
    },
    settings::SecondFactorRule,
};

/// For how long after proving who one is one need not prove it again (SEC-12).
const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// Who is logged in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// Who.
    pub id: OperatorId,
    /// What they are there for, as of now.
    pub role: Role,
    /// Their mail address, for themselves to see.
    pub email: String,
    /// Their session.
    pub session: SessionId,
    /// Whether they proved lately who they are.
    pub is_recent: bool,
    /// Whether they must enrol an authenticator before anything else.
    pub must_enrol: bool,
}

/// One session, as its owner sees it.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was last used.
    pub used_at: Timestamp,
    /// From where.
    pub origin: Option<String>,
    /// With which browser, in words.
    pub agent: String,
}

impl Manager {
    /// Lets `operator` in. The token is new, whatever the browser had before (SEC-9).
    pub(in crate::app) async fn begin_session(
        &self,
        tx: &mut Tx,
        operator: &mut OperatorRow,
        visitor: &Visitor,
        how: &'static str,
    ) -> Result<SessionToken, StoreError> {
        let token = SessionToken::generate(&**tx.entropy());
        let longest = self.session_lifetime().absolute;
        let forgotten = tx.now().saturating_sub(longest).unwrap_or(Timestamp::UNIX_EPOCH);
        let new = NewSession {
            id: SessionId::from(tx.new_id()),
            token_hash: token.hash(),
            operator: operator.id,
            origin: Some(visitor.address.to_string()),
            agent: &visitor.agent,
        };
        rows::session::begin(tx, new, forgotten).await?;
        operator.last_log_in_at = Some(tx.now());
        rows::operator::save(tx, operator).await?;
        let by = visitor.as_operator(operator.id);
        tx.audit(by.event(
            Event::SessionStarted,
            operator.id.object(),
            [(Detail::Reason, Fact::Word(how))],
        ));
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
        let lasts = |found: &SessionRow| lifetime.lasts(found.session.began_at, found.session.used_at, now);
        let Some(SessionRow { session, operator }) = found.filter(lasts) else {
            return Ok(None);
        };
        if note && lifetime.worth_noting(session.used_at, now) {
            let noted = retried(|| async {
                let mut tx = self.store().write().await?;
                rows::session::used(&mut tx, &hash).await?;
                tx.commit().await
            });
            noted.await?;
        }
        Ok(Some(LoggedIn {
            id: operator.id,
            role: operator.role,
            email: self.operator_email(&operator)?,
            session: session.id,
            is_recent: now.duration_since(session.confirmed_at) < RECENT,
            must_enrol: self.needs_second_factor(&operator) && operator.totp.is_none(),
        }))
    }

    /// Whether the rules ask this person for a second factor. Who comes through single sign-on alone brings that
    /// provider's.
    pub(super) fn needs_second_factor(&self, operator: &OperatorRow) -> bool {
        let by_password = !operator.password_hash.is_empty();
        by_password
            && match self.settings().require_totp {
                SecondFactorRule::Nobody => false,
                SecondFactorRule::SuperAdmins => operator.role == Role::SuperAdmin,
                SecondFactorRule::Everybody => true,
            }
    }

    /// Ends a session.
    pub async fn log_out(&self, token: &SessionToken, by: &By) -> Result<(), StoreError> {
        retried(|| self.log_out_once(token, by)).await
    }

    async fn log_out_once(&self, token: &SessionToken, by: &By) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        rows::session::end(&mut tx, &token.hash()).await?;
        tx.audit(by.event(Event::SessionEnded, "session".to_owned(), []));
        tx.commit().await
    }

    /// The operator's sessions that last, the one used last first.
    pub async fn sessions(&self, operator: OperatorId) -> Result<Vec<SessionView>, StoreError> {
        let sessions = rows::session::of(&mut self.store().read().await?, operator).await?;
        let (lifetime, now) = (self.session_lifetime(), self.now());
        let lasting = sessions
            .into_iter()
            .filter(|session| lifetime.lasts(session.began_at, session.used_at, now));
        Ok(lasting
            .map(|session| SessionView {
                id: session.id,
                began_at: session.began_at,
                used_at: session.used_at,
                origin: session.origin,
                agent: session.agent,
            })
            .collect())
    }

    /// Ends one of the operator's sessions; false where there is no such one.
    pub async fn end_session(&self, operator: OperatorId, id: SessionId, by: &By) -> Result<bool, StoreError> {
        retried(|| self.end_session_once(operator, id, by)).await
    }

    async fn end_session_once(&self, operator: OperatorId, id: SessionId, by: &By) -> Result<bool, StoreError> {
        let mut tx = self.store().write().await?;
        if !rows::session::end_one(&mut tx, operator, id).await? {
            return Ok(false);
        }
        tx.audit(by.event(Event::SessionEnded, operator.object(), []));
        tx.commit().await?;
        Ok(true)
    }

    /// Ends all of the operator's sessions but `but`; how many there were.
    pub async fn end_other_sessions(
        &self,
        operator: OperatorId,
        but: Option<SessionId>,
        by: &By,
    ) -> Result<u64, StoreError> {
        retried(|| self.end_other_sessions_once(operator, but, by)).await
    }

    async fn end_other_sessions_once(
        &self,
        operator: OperatorId,
        but: Option<SessionId>,
        by: &By,
    ) -> Result<u64, StoreError> {
        let mut tx = self.store().write().await?;
        let ended = end_sessions(&mut tx, operator, but, by).await?;
        tx.commit().await?;
        Ok(ended)
    }

    pub(super) fn session_lifetime(&self) -> SessionLifetime {
        let bounded = |length: SignedDuration| length.max(SignedDuration::from_secs(1));
        SessionLifetime {
            idle: bounded(self.settings().session_idle.signed()),
            absolute: bounded(self.settings().session_ttl.signed()),
        }
    }
}

/// Ends the operator's sessions, all or all but one, in somebody else's transaction.
pub(crate) async fn end_sessions(
    tx: &mut Tx,
    operator: OperatorId,
    but: Option<SessionId>,
    by: &By,
) -> Result<u64, StoreError> {
    let ended = rows::session::end_all(tx, operator, but).await?;
    if ended > 0 {
        tx.audit(by.event(Event::SessionEnded, operator.object(), [(Detail::Count, ended.into())]));
    }
    Ok(ended)
}
