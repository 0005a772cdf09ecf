//! Whether an account asks its administrators for two-step log-in (SEC-6).

use serde_json::json;
use store::{StoreError, retried};

use super::sessions::Session;
use crate::{Actor, Membership, Provider, Role, rows};

/// Why the rule stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum TwoStepRuleError {
    /// Whoever asks it of others has it.
    #[error("turn on your own two-step log-in first")]
    OwnMissing,
    /// The database failed.
    #[error("the rule could not be stored")]
    Store(#[from] StoreError),
}

impl Session {
    /// The account, if there is one, whose administrators need two-step log-in, this user among them.
    pub fn two_step_asked_by(&self) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.two_step_required && membership.role == Role::Administrator)
    }

    /// Until two-step log-in is set up, the user gets no further than there.
    pub fn must_set_up_two_step(&self) -> bool {
        !self.two_step && self.two_step_asked_by().is_some()
    }
}

impl Provider {
    /// From now on the account asks its administrators for two-step log-in, or no longer does. Their open sessions are
    /// asked at the next click; tokens that they have go on working.
    pub async fn set_two_step_rule(
        &self,
        session: &Session,
        required: bool,
        by: Actor,
    ) -> Result<(), TwoStepRuleError> {
        retried(|| self.set_two_step_rule_once(session, required, by)).await
    }

    async fn set_two_step_rule_once(
        &self,
        session: &Session,
        required: bool,
        by: Actor,
    ) -> Result<(), TwoStepRuleError> {
        if required && !session.two_step {
            return Err(TwoStepRuleError::OwnMissing);
        }
        let account = session.current.account.id;
        let mut tx = self.store().write().await?;
        rows::account::set_two_step_required(&mut tx, account, required).await?;
        let detail = json!({ "required": required });
        tx.audit(by.did("account.two_step_rule_set", format!("account:{account}"), detail));
        Ok(tx.commit().await?)
    }
}
