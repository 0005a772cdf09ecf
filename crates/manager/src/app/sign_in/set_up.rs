//! The first administrator: nobody has a default password (SEC-5).

use jiff::{SignedDuration, Timestamp};
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::session::SessionToken;
use store::{StoreError, retried};

use super::{Visitor, ticket};
use crate::{
    By, Manager, Role,
    app::{CreateOperatorError, NewOperator},
    rows::{self, operator::OperatorRow, ticket::Purpose},
};

/// How long a set-up link is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);

/// A link under which the first administrator is made.
#[derive(Debug, Clone)]
pub struct SetUpLink {
    /// The link.
    pub link: Secret,
    /// Until when it is good.
    pub until: Timestamp,
}

/// Why there is no first administrator.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The link was used, ran out, or never was.
    #[error("this set-up link is not good any more")]
    Gone,
    /// What was given can't be taken.
    #[error(transparent)]
    Operator(#[from] CreateOperatorError),
    /// The database failed.
    #[error("the first user could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// A link for the first administrator, while there is nobody who can log in.
    pub async fn begin_set_up(&self) -> Result<Option<SetUpLink>, StoreError> {
        retried(|| self.begin_set_up_once()).await
    }

    async fn begin_set_up_once(&self) -> Result<Option<SetUpLink>, StoreError> {
        let mut tx = self.store().write().await?;
        if rows::operator::any(&mut tx).await? {
            return Ok(None);
        }
        let (secret, until) = ticket::issue(&mut tx, Purpose::SetUp, None, None, GOOD_FOR).await?;
        tx.commit().await?;
        let link = self.settings().page(&format!("/setup/{}", secret.reveal()));
        Ok(Some(SetUpLink {
            link: Secret::new(link),
            until,
        }))
    }

    /// Whether the secret of a set-up link is good.
    pub async fn can_set_up(&self, secret: &Secret) -> Result<bool, StoreError> {
        let mut read = self.store().read().await?;
        Ok(!rows::operator::any(&mut read).await? && ticket::find(&mut read, secret, Purpose::SetUp).await?.is_some())
    }

    /// Makes the first administrator and lets them in; every set-up link is worth nothing from then on.
    pub async fn set_up(
        &self,
        secret: &Secret,
        email: &str,
        password: Secret,
        visitor: &Visitor,
    ) -> Result<SessionToken, SetUpError> {
        if !self.can_set_up(secret).await? {
            return Err(SetUpError::Gone);
        }
        let new = NewOperator {
            email: email.to_owned(),
            role: Role::SuperAdmin,
            password,
        };
        let (operator, index) = self.prepare_operator(new).await?;
        retried(|| self.set_up_once(secret, operator.clone(), &index, visitor)).await
    }

    async fn set_up_once(
        &self,
        secret: &Secret,
        mut operator: OperatorRow,
        index: &[u8; 32],
        visitor: &Visitor,
    ) -> Result<SessionToken, SetUpError> {
        let mut tx = self.store().write().await?;
        tx.lock("sign-in", "set-up").await?;
        let is_good = ticket::find(&mut tx, secret, Purpose::SetUp).await?.is_some();
        if !is_good || rows::operator::any(&mut tx).await? {
            return Err(SetUpError::Gone);
        }
        rows::ticket::withdraw_all(&mut tx, Purpose::SetUp).await?;
        rows::operator::insert(&mut tx, &operator, index)
            .await
            .map_err(CreateOperatorError::from_insert)?;
        let by = By {
            origin: Some(visitor.address.to_string()),
            ..By::automation()
        };
        let facts = [
            (Detail::Role, Fact::Word(operator.role.name())),
            (Detail::Reason, Fact::Word("set_up")),
        ];
        tx.audit(by.event(Event::UserCreated, operator.id.object(), facts));
        let token = self.begin_session(&mut tx, &mut operator, visitor, "set_up").await?;
        tx.commit().await?;
        Ok(token)
    }
}
