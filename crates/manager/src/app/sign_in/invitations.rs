//! Letting colleagues in: a link that lives for three days.

use jiff::{SignedDuration, Timestamp};
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::{
    passwords::{self, PasswordRule},
    session::SessionToken,
};
use store::{StoreError, Tx, retried};

use super::{Visitor, ticket};
use crate::{
    By, Manager, OperatorId, Role,
    app::CreateOperatorError,
    rows::{self, operator::OperatorRow, ticket::Purpose},
};

/// How long an invitation is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(72);

/// An invitation that was made.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Who.
    pub id: OperatorId,
    /// The link, where no mail could bring it.
    pub link: Option<Secret>,
    /// Until when it is good.
    pub until: Timestamp,
}

/// An invitation, as the invited person sees it.
#[derive(Debug, Clone)]
pub struct InvitationView {
    /// The address they were invited under.
    pub email: String,
    /// What they will be there for.
    pub role: Role,
}

/// Why nobody is invited, or can't accept.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// There is no such invitation (any more).
    #[error("this invitation is not good any more: ask for a new one")]
    Gone,
    /// They are in already.
    #[error("this person has accepted the invitation already")]
    Accepted,
    /// What was given can't be taken.
    #[error(transparent)]
    Operator(#[from] CreateOperatorError),
    /// The password can't be chosen.
    #[error("password: {0}")]
    Password(#[from] PasswordRule),
    /// The database failed.
    #[error("the invitation could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Invites somebody.
    pub async fn invite(&self, email: &str, role: Role, by: &By) -> Result<Invited, InviteError> {
        retried(|| self.invite_once(email, role, by)).await
    }

    async fn invite_once(&self, email: &str, role: Role, by: &By) -> Result<Invited, InviteError> {
        let (operator, index) = self.prepare_invited(email, role)?;
        let mut tx = self.store().write().await?;
        rows::operator::insert(&mut tx, &operator, &index)
            .await
            .map_err(CreateOperatorError::from_insert)?;
        let invited = self.hand_out(&mut tx, &operator, by).await?;
        tx.commit().await?;
        Ok(invited)
    }

    /// Invites somebody once more; the earlier link is worth nothing from then on.
    pub async fn invite_again(&self, id: OperatorId, by: &By) -> Result<Invited, InviteError> {
        retried(|| self.invite_again_once(id, by)).await
    }

    async fn invite_again_once(&self, id: OperatorId, by: &By) -> Result<Invited, InviteError> {
        let mut tx = self.store().write().await?;
        let operator = rows::operator::locked(&mut tx, id).await?.ok_or(InviteError::Gone)?;
        if operator.activated_at.is_some() || operator.deactivated_at.is_some() {
            return Err(InviteError::Accepted);
        }
        let invited = self.hand_out(&mut tx, &operator, by).await?;
        tx.commit().await?;
        Ok(invited)
    }

    async fn hand_out(&self, tx: &mut Tx, operator: &OperatorRow, by: &By) -> Result<Invited, StoreError> {
        rows::ticket::withdraw(tx, operator.id, Purpose::Invitation).await?;
        let (secret, until) = ticket::issue(tx, Purpose::Invitation, Some(operator.id), None, GOOD_FOR).await?;
        let link = Secret::new(self.settings().page(&format!("/invitation/{}", secret.reveal())));
        let mailed = self.mail_invitation(tx, operator, &link, until).await?;
        let facts = [(Detail::Role, Fact::Word(operator.role.name()))];
        tx.audit(by.event(Event::UserInvited, operator.id.object(), facts));
        Ok(Invited {
            id: operator.id,
            link: (!mailed).then_some(link),
            until,
        })
    }

    /// The invitation behind a link, while it is good.
    pub async fn invitation(&self, secret: &Secret) -> Result<Option<InvitationView>, StoreError> {
        let mut read = self.store().read().await?;
        let Some(operator) = invited(&mut read, secret).await? else {
            return Ok(None);
        };
        Ok(Some(InvitationView {
            email: self.operator_email(&operator)?,
            role: operator.role,
        }))
    }

    /// Accepts an invitation: the person chooses a password and is in.
    pub async fn accept_invitation(
        &self,
        secret: &Secret,
        password: &Secret,
        visitor: &Visitor,
    ) -> Result<SessionToken, InviteError> {
        if self.invitation(secret).await?.is_none() {
            return Err(InviteError::Gone);
        }
        passwords::check(password)?;
        let hash = self.passwords().hash(password).await.ok_or(CreateOperatorError::Hash)?;
        retried(|| self.accept_invitation_once(secret, &hash, visitor)).await
    }

    async fn accept_invitation_once(
        &self,
        secret: &Secret,
        hash: &Secret,
        visitor: &Visitor,
    ) -> Result<SessionToken, InviteError> {
        let mut tx = self.store().write().await?;
        let Some(operator) = invited(&mut tx, secret).await? else {
            return Err(InviteError::Gone);
        };
        let operator = rows::operator::locked(&mut tx, operator.id).await?;
        let Some(mut operator) = operator.filter(|operator| operator.activated_at.is_none()) else {
            return Err(InviteError::Gone);
        };
        rows::ticket::withdraw(&mut tx, operator.id, Purpose::Invitation).await?;
        hash.reveal().clone_into(&mut operator.password_hash);
        operator.activated_at = Some(tx.now());
        let by = visitor.as_operator(operator.id);
        let facts = [(Detail::Role, Fact::Word(operator.role.name()))];
        tx.audit(by.event(Event::UserCreated, operator.id.object(), facts));
        let token = self
            .begin_session(&mut tx, &mut operator, visitor, "invitation")
            .await?;
        tx.commit().await?;
        Ok(token)
    }
}

async fn invited(tx: &mut Tx, secret: &Secret) -> Result<Option<OperatorRow>, StoreError> {
    let ticket = ticket::find(tx, secret, Purpose::Invitation).await?;
    let Some(id) = ticket.and_then(|ticket| ticket.operator) else {
        return Ok(None);
    };
    let operator = rows::operator::by_id(tx, id).await?;
    Ok(operator.filter(|operator| operator.activated_at.is_none() && operator.deactivated_at.is_none()))
}
