//! Who there is, and what administrators change about them.

use jiff::Timestamp;
use mail::Language;
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use store::{StoreError, Tx, retried};

use super::{email_place, normal};
use crate::{
    By, Manager, OperatorId, Role,
    app::sign_in::end_sessions,
    rows::{self, operator::OperatorRow, ticket::Purpose},
};

words! {
    /// Whether an operator may log in.
    OperatorState, UnknownOperatorState, "a user is active, invited or deactivated":
    /// May.
    Active = "active",
    /// Has not accepted the invitation.
    Invited = "invited",
    /// May not any more.
    Deactivated = "deactivated",
}

/// An operator, as administrators see them.
#[derive(Debug, Clone)]
pub struct OperatorView {
    /// Their id.
    pub id: OperatorId,
    /// Their mail address.
    pub email: String,
    /// What they are there for.
    pub role: Role,
    /// Whether they may log in.
    pub state: OperatorState,
    /// Whether they have a password here.
    pub has_password: bool,
    /// Whether an authenticator is set up.
    pub has_second_factor: bool,
    /// Whether the identity provider knows them.
    pub has_single_sign_on: bool,
    /// The language of mails to them.
    pub language: Language,
    /// Since when they are there.
    pub created_at: Timestamp,
    /// When they last logged in.
    pub last_log_in_at: Option<Timestamp>,
    /// Until when their invitation is good.
    pub invited_until: Option<Timestamp>,
}

/// Why an operator stays as they are.
#[derive(Debug, thiserror::Error)]
pub enum ChangeOperatorError {
    /// There is no such one.
    #[error("no such user")]
    NotFound,
    /// Nobody could make users any more.
    #[error("this is the last super admin: make another one first")]
    LastSuperAdmin,
    /// Not a mail address.
    #[error("email is not an e-mail address")]
    Email,
    /// Somebody has this mail address.
    #[error("email belongs to another user")]
    Taken,
    /// The database failed.
    #[error("the user could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// All operators, oldest first.
    pub async fn operators(&self) -> Result<Vec<OperatorView>, StoreError> {
        let mut read = self.store().read().await?;
        let mut views = Vec::new();
        for row in rows::operator::all(&mut read).await? {
            views.push(self.operator_view(&mut read, &row).await?);
        }
        Ok(views)
    }

    /// One operator.
    pub async fn operator(&self, id: OperatorId) -> Result<Option<OperatorView>, StoreError> {
        let mut read = self.store().read().await?;
        match rows::operator::by_id(&mut read, id).await? {
            Some(row) => Ok(Some(self.operator_view(&mut read, &row).await?)),
            None => Ok(None),
        }
    }

    /// The operator with this mail address.
    pub async fn operator_by_email(&self, email: &str) -> Result<Option<OperatorView>, StoreError> {
        let mut read = self.store().read().await?;
        match rows::operator::by_email(&mut read, &self.email_index(&normal(email))).await? {
            Some(row) => Ok(Some(self.operator_view(&mut read, &row).await?)),
            None => Ok(None),
        }
    }

    async fn operator_view(&self, tx: &mut Tx, row: &OperatorRow) -> Result<OperatorView, StoreError> {
        let state = match (row.deactivated_at, row.activated_at) {
            (Some(_), _) => OperatorState::Deactivated,
            (None, Some(_)) => OperatorState::Active,
            (None, None) => OperatorState::Invited,
        };
        let invited_until = match state {
            OperatorState::Invited => rows::ticket::good_until(tx, row.id, Purpose::Invitation).await?,
            _ => None,
        };
        Ok(OperatorView {
            id: row.id,
            email: self.operator_email(row)?,
            role: row.role,
            state,
            has_password: !row.password_hash.is_empty(),
            has_second_factor: row.totp.is_some(),
            has_single_sign_on: row.sso_subject.is_some(),
            language: row.language.parse().unwrap_or(Language::English),
            created_at: row.created_at,
            last_log_in_at: row.last_log_in_at,
            invited_until,
        })
    }

    /// Gives an operator another role; it holds from their next request on (SEC-17).
    pub async fn change_role(&self, id: OperatorId, role: Role, by: &By) -> Result<(), ChangeOperatorError> {
        retried(|| self.change_role_once(id, role, by)).await
    }

    async fn change_role_once(&self, id: OperatorId, role: Role, by: &By) -> Result<(), ChangeOperatorError> {
        let mut tx = self.store().write().await?;
        let mut row = found(&mut tx, id).await?;
        if row.role == role {
            return Ok(());
        }
        let before = std::mem::replace(&mut row.role, role);
        if before == Role::SuperAdmin {
            another_super_admin(&mut tx, id).await?;
        }
        rows::operator::save(&mut tx, &row).await?;
        let facts = [
            (Detail::From, Fact::Word(before.name())),
            (Detail::To, Fact::Word(role.name())),
        ];
        tx.audit(by.event(Event::UserRoleChanged, id.object(), facts));
        Ok(tx.commit().await?)
    }

    /// Keeps an operator out: their sessions, invitations and links end at once (SEC-11). What they did stays.
    pub async fn deactivate(&self, id: OperatorId, by: &By) -> Result<(), ChangeOperatorError> {
        retried(|| self.deactivate_once(id, by)).await
    }

    async fn deactivate_once(&self, id: OperatorId, by: &By) -> Result<(), ChangeOperatorError> {
        let mut tx = self.store().write().await?;
        let mut row = found(&mut tx, id).await?;
        if row.deactivated_at.is_some() {
            return Ok(());
        }
        if row.role == Role::SuperAdmin {
            another_super_admin(&mut tx, id).await?;
        }
        row.deactivated_at = Some(tx.now());
        rows::operator::save(&mut tx, &row).await?;
        for purpose in [Purpose::Invitation, Purpose::PasswordReset, Purpose::SecondFactor] {
            rows::ticket::withdraw(&mut tx, id, purpose).await?;
        }
        tx.audit(by.event(Event::UserDisabled, id.object(), []));
        end_sessions(&mut tx, id, None, by).await?;
        Ok(tx.commit().await?)
    }

    /// Lets an operator in again, with the password and the authenticator they had.
    pub async fn reactivate(&self, id: OperatorId, by: &By) -> Result<(), ChangeOperatorError> {
        retried(|| self.reactivate_once(id, by)).await
    }

    async fn reactivate_once(&self, id: OperatorId, by: &By) -> Result<(), ChangeOperatorError> {
        let mut tx = self.store().write().await?;
        let mut row = found(&mut tx, id).await?;
        if row.deactivated_at.take().is_none() {
            return Ok(());
        }
        rows::operator::save(&mut tx, &row).await?;
        tx.audit(by.event(Event::UserEnabled, id.object(), []));
        Ok(tx.commit().await?)
    }

    /// Writes to an operator in another language from now on.
    pub async fn change_language(&self, id: OperatorId, language: Language) -> Result<(), ChangeOperatorError> {
        retried(|| self.change_language_once(id, language)).await
    }

    async fn change_language_once(&self, id: OperatorId, language: Language) -> Result<(), ChangeOperatorError> {
        let mut tx = self.store().write().await?;
        let mut row = found(&mut tx, id).await?;
        language.name().clone_into(&mut row.language);
        rows::operator::save(&mut tx, &row).await?;
        Ok(tx.commit().await?)
    }

    /// A link under which an operator chooses another password, to be handed over by an administrator; until when it is
    /// good.
    pub async fn make_password_link(
        &self,
        id: OperatorId,
        by: &By,
    ) -> Result<(Secret, Timestamp), ChangeOperatorError> {
        retried(|| self.make_password_link_once(id, by)).await
    }

    async fn make_password_link_once(
        &self,
        id: OperatorId,
        by: &By,
    ) -> Result<(Secret, Timestamp), ChangeOperatorError> {
        let mut tx = self.store().write().await?;
        let row = found(&mut tx, id).await?;
        if !row.is_active() {
            return Err(ChangeOperatorError::NotFound);
        }
        let (link, until) = self.issue_password_link(&mut tx, id).await?;
        tx.audit(by.event(Event::UserPasswordAsked, id.object(), []));
        tx.commit().await?;
        Ok((link, until))
    }

    /// Gives an operator another mail address to log in with.
    pub async fn change_email(&self, id: OperatorId, email: &str, by: &By) -> Result<(), ChangeOperatorError> {
        retried(|| self.change_email_once(id, email, by)).await
    }

    async fn change_email_once(&self, id: OperatorId, email: &str, by: &By) -> Result<(), ChangeOperatorError> {
        let email = normal(email);
        privacy::Identities::of_email(&email).map_err(|_| ChangeOperatorError::Email)?;
        let mut tx = self.store().write().await?;
        found(&mut tx, id).await?;
        let sealed = self.vault().seal(&email_place(&id.to_string()), email.as_bytes());
        rows::operator::save_email(&mut tx, id, &sealed, &self.email_index(&email))
            .await
            .map_err(|error| {
                if error.is_duplicate() {
                    ChangeOperatorError::Taken
                } else {
                    error.into()
                }
            })?;
        tx.audit(by.event(Event::UserEmailChanged, id.object(), []));
        Ok(tx.commit().await?)
    }
}

async fn found(tx: &mut Tx, id: OperatorId) -> Result<OperatorRow, ChangeOperatorError> {
    // Roles are decided about with an eye on all the others.
    tx.lock("sign-in", "operators").await?;
    rows::operator::locked(tx, id)
        .await?
        .ok_or(ChangeOperatorError::NotFound)
}

async fn another_super_admin(tx: &mut Tx, than: OperatorId) -> Result<(), ChangeOperatorError> {
    let super_admins = rows::operator::of_roles(tx, &[Role::SuperAdmin]).await?;
    if super_admins.iter().any(|other| other.id != than) {
        Ok(())
    } else {
        Err(ChangeOperatorError::LastSuperAdmin)
    }
}
