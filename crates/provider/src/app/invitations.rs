//! Inviting people into an account, and accepting.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use mail::{Language, Letter, MailAddress, PostError};
use oauth::Secret;
use rightful_http::passwords::{self, PasswordRule};
use serde_json::json;
use store::{StoreError, retried};
use vault::Place;

use super::{
    accounts::shown,
    authority,
    profile::{Profile, email_index, is_email},
    sessions::Session,
    tokens::{self, LINK, hex},
};
use crate::{Actor, InvitationId, Provider, Role, UserId, rows, rows::invitation::StoredInvitation, steps::tidy};

/// How long an invitation lasts.
const LASTS: SignedDuration = SignedDuration::from_hours(72);

/// An invitation that waits, as the account's administrators see it.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its name.
    pub id: InvitationId,
    /// Who is invited.
    pub email: Secret,
    /// What they may do once they accept.
    pub role: Role,
    /// When it was mailed.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// It can still be accepted.
    pub lasts: bool,
}

/// An invitation, as whoever holds its link sees it.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Into which account.
    pub account: String,
    /// Who.
    pub email: Secret,
    /// What they may do there.
    pub role: Role,
    /// They have a log-in already, and need not choose a password.
    pub known: bool,
}

/// Why nobody is invited, or an invitation is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// Invitations are mailed.
    #[error("no mail can be sent from here")]
    NoMailer,
    /// Not an address.
    #[error("email: that is not an e-mail address")]
    Email,
    /// They belong to the account.
    #[error("email: that user belongs to the account already")]
    Member,
    /// The invitation was accepted, withdrawn or replaced, or has run out.
    #[error("this invitation was used already, or has run out")]
    Gone,
    /// The password would be guessed.
    #[error("new_password: {0}")]
    Password(PasswordRule),
    /// The machine could not hash it.
    #[error("new_password: it could not be hashed")]
    Hash,
    /// Too long, or with characters that cannot be shown.
    #[error("{0}: expected at most 100 characters, none of them a control character")]
    Name(&'static str),
    /// The letter could not be written.
    #[error("the invitation could not be written")]
    Letter(#[from] mail::TemplateError),
    /// The database failed.
    #[error("the invitation could not be stored")]
    Store(#[from] StoreError),
}

impl From<PostError> for InvitationError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NoMailer => Self::NoMailer,
            PostError::Store(error) => Self::Store(error),
        }
    }
}

impl Provider {
    /// Mails an invitation into the account that the administrator looks at. An earlier one to the same address is worth
    /// nothing any more. Whether the person is known elsewhere is not told.
    pub async fn invite(
        &self,
        session: &Session,
        email: &Secret,
        role: Role,
        by: Actor,
    ) -> Result<(), InvitationError> {
        retried(|| self.invite_once(session, email, role, by)).await
    }

    async fn invite_once(
        &self,
        session: &Session,
        email: &Secret,
        role: Role,
        by: Actor,
    ) -> Result<(), InvitationError> {
        let address = email.reveal().trim();
        if !is_email(address) {
            return Err(InvitationError::Email);
        }
        let to = MailAddress::parse("email", address).map_err(|_| InvitationError::Email)?;
        let (account, email_index) = (session.current.account.id, email_index(self.vault(), email));
        let mut tx = self.store().write().await?;
        tx.lock("invitation", &hex(&email_index)).await?;
        if let Some(user) = rows::user::by_email(&mut tx, email_index).await?
            && rows::account::role(&mut tx, user.id, account).await?.is_some()
        {
            return Err(InvitationError::Member);
        }
        let (id, now) = (InvitationId(tx.new_id()), tx.now());
        let invitation = StoredInvitation {
            id,
            account,
            email_index,
            sealed_email: self.vault().seal(&place(&id.to_string()), address.as_bytes()),
            role,
            created_at: now,
            expires_at: now.saturating_add(LASTS).unwrap_or(Timestamp::MAX),
        };
        let token = tokens::random(LINK, &**tx.entropy());
        rows::invitation::replace(&mut tx, tokens::hash(&token), &invitation).await?;
        let letter = Letter::Invitation {
            role: Some(role.to_string()),
            link: Secret::new(format!("{}/invitation/{}", self.settings().issuer(), token.reveal())),
            until: invitation.expires_at,
        };
        let brand = format!("{} ({})", self.settings().brand_name, session.current.account.name);
        let mail = letter.compose(Language::English, &brand, to)?.about(object(id));
        mail::post(&mut tx, self.vault(), self.mailer(), mail).await?;
        tidy::enqueue(&mut tx);
        let detail = json!({"account": account, "role": role});
        tx.audit(by.did("user.invited", object(id), detail));
        Ok(tx.commit().await?)
    }

    /// The invitations into the account that wait, newest first.
    pub async fn invitations(&self, session: &Session) -> Result<Vec<Invitation>, StoreError> {
        let stored = rows::invitation::of_account(&mut self.store().read().await?, session.current.account.id).await?;
        let now = self.clock().now();
        stored
            .into_iter()
            .map(|stored| {
                Ok(Invitation {
                    id: stored.id,
                    email: self.invited_address(&stored)?,
                    role: stored.role,
                    created_at: stored.created_at,
                    expires_at: stored.expires_at,
                    lasts: now < stored.expires_at,
                })
            })
            .collect()
    }

    /// Takes an invitation back: its link does nothing any more.
    pub async fn withdraw_invitation(
        &self,
        session: &Session,
        id: InvitationId,
        by: Actor,
    ) -> Result<(), InvitationError> {
        retried(|| self.withdraw_invitation_once(session, id, by)).await
    }

    async fn withdraw_invitation_once(
        &self,
        session: &Session,
        id: InvitationId,
        by: Actor,
    ) -> Result<(), InvitationError> {
        let account = session.current.account.id;
        let mut tx = self.store().write().await?;
        if !rows::invitation::delete(&mut tx, id, account).await? {
            return Err(InvitationError::Gone);
        }
        tx.audit(by.did("user.invitation_withdrawn", object(id), json!({ "account": account })));
        Ok(tx.commit().await?)
    }

    /// The invitation of a mailed link.
    pub async fn invited(&self, token: &Secret) -> Result<Invited, InvitationError> {
        let mut read = self.store().read().await?;
        let stored = rows::invitation::by_hash(&mut read, tokens::hash(token)).await?;
        let stored = stored.ok_or(InvitationError::Gone)?;
        let account = rows::account::by_id(&mut read, stored.account).await?;
        let user = rows::user::by_email(&mut read, stored.email_index).await?;
        if user.as_ref().is_some_and(|user| user.deactivated_at.is_some()) {
            return Err(InvitationError::Gone);
        }
        Ok(Invited {
            account: account.ok_or(InvitationError::Gone)?.name,
            email: self.invited_address(&stored)?,
            role: stored.role,
            known: user.is_some(),
        })
    }

    /// Joins the account. Somebody new chooses a password; somebody known keeps theirs, and is not logged in by this.
    pub async fn accept_invitation(
        &self,
        token: &Secret,
        password: &Secret,
        first_name: &str,
        last_name: &str,
        origin: IpAddr,
    ) -> Result<UserId, InvitationError> {
        retried(|| self.accept_invitation_once(token, password, first_name, last_name, origin)).await
    }

    async fn accept_invitation_once(
        &self,
        token: &Secret,
        password: &Secret,
        first_name: &str,
        last_name: &str,
        origin: IpAddr,
    ) -> Result<UserId, InvitationError> {
        let invited = self.invited(token).await?;
        let name = |field, text| shown(text, 100).ok_or(InvitationError::Name(field)).map(str::to_owned);
        let profile = Profile {
            email: invited.email,
            first_name: Secret::new(name("first_name", first_name)?),
            last_name: Secret::new(name("last_name", last_name)?),
        };
        let hash = if invited.known {
            None
        } else {
            passwords::check(password).map_err(InvitationError::Password)?;
            Some(self.passwords().hash(password).await.ok_or(InvitationError::Hash)?)
        };

        let index = email_index(self.vault(), &profile.email);
        let mut tx = self.store().write().await?;
        tx.lock("user", &hex(&index)).await?;
        let stored = rows::invitation::by_hash(&mut tx, tokens::hash(token)).await?;
        let invitation = stored.ok_or(InvitationError::Gone)?;
        let account = invitation.account;
        rows::invitation::delete(&mut tx, invitation.id, account).await?;
        let user = match (rows::user::by_email(&mut tx, index).await?, hash) {
            (Some(user), _) if user.deactivated_at.is_some() => return Err(InvitationError::Gone),
            (Some(user), _) => user.id,
            (None, Some(hash)) => {
                let user = UserId(tx.new_id());
                let sealed = profile.seal(self.vault(), user);
                rows::user::insert(&mut tx, user, index, sealed, &hash).await?;
                user
            }
            // Users are never deleted, so this one cannot have gone since it was looked up.
            (None, None) => return Err(StoreError::Stale { what: "user" }.into()),
        };
        if rows::account::role(&mut tx, user, account).await?.is_none() {
            rows::account::set_role(&mut tx, user, account, invitation.role).await?;
            authority::changed(&mut tx).await?;
        }
        let detail = json!({"account": account, "role": invitation.role, "invitation": invitation.id});
        let actor = Actor::user(user, Some(origin));
        tx.audit(actor.did("user.joined", format!("user:{user}"), detail));
        tx.commit().await?;
        Ok(user)
    }

    fn invited_address(&self, stored: &StoredInvitation) -> Result<Secret, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            what: "address of an invitation",
            reason,
        };
        let bytes = self
            .vault()
            .open(&place(&stored.id.to_string()), &stored.sealed_email)
            .map_err(|error| corrupt(error.to_string()))?;
        let text = str::from_utf8(&bytes).map_err(|_| corrupt("it is not text".to_owned()))?;
        Ok(Secret::new(text.to_owned()))
    }
}

fn object(id: InvitationId) -> String {
    format!("invitation:{id}")
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "invitation",
        column: "email",
        row,
    }
}
