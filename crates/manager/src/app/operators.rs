//! People who work with the portal.

mod manage;

use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::passwords::{self, PasswordRule};
use store::{StoreError, retried};
use vault::Place;

use crate::{
    By, Manager, OperatorId, Role,
    rows::{self, operator::OperatorRow},
};

pub use manage::{ChangeOperatorError, OperatorState, OperatorView};

/// A person to be let in.
#[derive(Debug, Clone)]
pub struct NewOperator {
    /// The mail address they log in with.
    pub email: String,
    /// What they are there for.
    pub role: Role,
    /// Their password.
    pub password: Secret,
}

/// Why nobody is let in.
#[derive(Debug, thiserror::Error)]
pub enum CreateOperatorError {
    /// Not a mail address.
    #[error("email is not an e-mail address")]
    Email,
    /// Somebody has this mail address.
    #[error("email belongs to another user")]
    Taken,
    /// The password can't be chosen.
    #[error("password: {0}")]
    Password(#[from] PasswordRule),
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hash,
    /// The database failed.
    #[error("the user could not be stored")]
    Store(#[from] StoreError),
}

impl CreateOperatorError {
    pub(crate) fn from_insert(error: StoreError) -> Self {
        if error.is_duplicate() {
            Self::Taken
        } else {
            error.into()
        }
    }

    /// The field that is wrong, if it is one's fault.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Email | Self::Taken => Some("email"),
            Self::Password(_) => Some("password"),
            Self::Hash | Self::Store(_) => None,
        }
    }
}

impl Manager {
    /// Lets a person in. There is nobody in a fresh manager, and no default password.
    pub async fn create_operator(&self, new: NewOperator, by: &By) -> Result<OperatorId, CreateOperatorError> {
        let (row, index) = self.prepare_operator(new).await?;
        retried(|| self.create_operator_once(&row, &index, by)).await?;
        Ok(row.id)
    }

    async fn create_operator_once(
        &self,
        row: &OperatorRow,
        index: &[u8; 32],
        by: &By,
    ) -> Result<(), CreateOperatorError> {
        let mut tx = self.store().write().await?;
        rows::operator::insert(&mut tx, row, index)
            .await
            .map_err(CreateOperatorError::from_insert)?;
        tx.audit(by.event(
            Event::UserCreated,
            row.id.object(),
            [(Detail::Role, Fact::Word(row.role.name()))],
        ));
        Ok(tx.commit().await?)
    }

    /// Somebody who may log in at once, not stored yet, and the index of their address.
    pub(super) async fn prepare_operator(
        &self,
        new: NewOperator,
    ) -> Result<(OperatorRow, [u8; 32]), CreateOperatorError> {
        let (row, index) = self.prepare_invited(&new.email, new.role)?;
        passwords::check(&new.password)?;
        let hash = self
            .passwords()
            .hash(&new.password)
            .await
            .ok_or(CreateOperatorError::Hash)?;
        let row = OperatorRow {
            password_hash: hash.into_revealed(),
            activated_at: Some(row.created_at),
            ..row
        };
        Ok((row, index))
    }

    /// Somebody who may not log in yet, not stored yet, and the index of their address.
    pub(super) fn prepare_invited(
        &self,
        email: &str,
        role: Role,
    ) -> Result<(OperatorRow, [u8; 32]), CreateOperatorError> {
        let email = normal(email);
        privacy::Identities::of_email(&email).map_err(|_| CreateOperatorError::Email)?;
        let id = OperatorId::from(self.store().new_id());
        let row = OperatorRow {
            id,
            email: self.vault().seal(&email_place(&id.to_string()), email.as_bytes()),
            role,
            password_hash: String::new(),
            language: "en".to_owned(),
            created_at: self.now(),
            activated_at: None,
            deactivated_at: None,
            last_log_in_at: None,
            totp: None,
            totp_pending: None,
            totp_step: None,
            sso_issuer: None,
            sso_subject: None,
        };
        Ok((row, self.email_index(&email)))
    }

    /// Whether somebody can log in at all.
    pub async fn has_operators(&self) -> Result<bool, StoreError> {
        rows::operator::any(&mut self.store().read().await?).await
    }

    /// The operator's mail address, to be shown to themselves.
    pub(crate) fn operator_email(&self, row: &OperatorRow) -> Result<String, StoreError> {
        let opened = self.vault().open(&email_place(&row.id.to_string()), &row.email);
        let damaged = |reason: String| StoreError::Corrupt {
            what: "operator",
            reason,
        };
        let opened = opened.map_err(|error| damaged(error.to_string()))?;
        String::from_utf8(opened.to_vec()).map_err(|_| damaged("the address is no text".to_owned()))
    }

    pub(crate) fn email_index(&self, normal: &str) -> [u8; 32] {
        self.vault().blind_index("operator.email", normal)
    }
}

/// Addresses are compared without regard to case.
pub(crate) fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

fn email_place(row: &str) -> Place<'_> {
    Place {
        table: "operator",
        column: "email",
        row,
    }
}
