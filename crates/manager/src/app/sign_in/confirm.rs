//! Proving once more who one is, before something that matters (SEC-12).

use std::time::Duration;

use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::session::SessionToken;
use store::{StoreError, retried};

use super::{Visitor, attempts};
use crate::{Manager, OperatorId, rows};

/// Why somebody is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// It is not their password.
    #[error("that is not your password")]
    Wrong,
    /// Too many wrong tries.
    #[error("too many wrong passwords: wait a while")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The database failed.
    #[error("the password could not be checked")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Checks the password of who is logged in, and notes that they proved themselves just now.
    pub async fn confirm_identity(
        &self,
        id: OperatorId,
        token: &SessionToken,
        password: &Secret,
        visitor: &Visitor,
    ) -> Result<(), ConfirmError> {
        self.check_own_password(id, password, visitor).await?;
        let noted = retried(|| async {
            let mut tx = self.store().write().await?;
            rows::session::confirmed(&mut tx, &token.hash()).await?;
            tx.commit().await
        });
        Ok(noted.await?)
    }

    /// Whether it is the password of who is logged in, as slowly as at a log-in.
    pub(super) async fn check_own_password(
        &self,
        id: OperatorId,
        password: &Secret,
        visitor: &Visitor,
    ) -> Result<(), ConfirmError> {
        let mut read = self.store().read().await?;
        let operator = rows::operator::by_id(&mut read, id).await?;
        let account = self.vault().blind_index("confirm", &id.to_string());
        let counted = self.counted(visitor, &account, None);
        if let Some(retry_after) = attempts::wait(&mut read, &counted).await? {
            return Err(ConfirmError::TooMany { retry_after });
        }
        drop(read);
        let may_try = self.may_still_try(&counted, |retry_after| ConfirmError::TooMany { retry_after });
        if self.password_fits(operator.as_ref(), password, may_try).await? {
            return Ok(());
        }
        let recorded = retried(|| async {
            let mut tx = self.store().write().await?;
            attempts::failed(&mut tx, &counted).await?;
            let facts = [(Detail::Reason, Fact::Word("wrong_password_again"))];
            tx.audit(visitor.as_operator(id).event(Event::SessionRefused, id.object(), facts));
            tx.commit().await
        });
        recorded.await?;
        Err(ConfirmError::Wrong)
    }
}
