//! Accounts and their users.

use oauth::Secret;
use rightful_http::passwords::{self, PasswordRule};
use serde_json::json;
use store::{StoreError, retried};

use super::{
    authority,
    profile::{Profile, email_index, is_email},
    tokens::hex,
};
use crate::{Account, AccountId, Actor, Provider, Role, UserId, rows};

/// Why an account is not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Empty, too long, or with characters that cannot be shown.
    #[error("name: expected 1 to 100 characters, none of them a control character")]
    Name,
    /// The database failed.
    #[error("could not store the account")]
    Store(#[from] StoreError),
}

/// A person to be given access to an account. No `Debug`: names are personal.
pub struct NewUser {
    /// Where.
    pub account: AccountId,
    /// The address they log in with.
    pub email: Secret,
    /// What they may do there.
    pub role: Role,
    /// The first password; not looked at for somebody who is known already.
    pub password: Secret,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
}

/// A person who now has access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreatedUser {
    /// Who.
    pub user: UserId,
    /// They were known by this address already; their password is as it was.
    pub known: bool,
}

/// Why a person is not given access.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// There is no such account.
    #[error("account: there is no account {0}")]
    Account(AccountId),
    /// Not an address.
    #[error("email: that is not an e-mail address")]
    Email,
    /// They have a role there already.
    #[error("email: that user belongs to the account already; change the role instead")]
    Member,
    /// They were deactivated.
    #[error("email: that user is deactivated")]
    Deactivated,
    /// The password would be guessed.
    #[error("password: {0}")]
    Password(PasswordRule),
    /// Too long, or with characters that cannot be shown.
    #[error("{0}: expected at most 100 characters, none of them a control character")]
    Name(&'static str),
    /// The machine could not hash it.
    #[error("password: it could not be hashed")]
    Hash,
    /// The database failed.
    #[error("could not store the user")]
    Store(#[from] StoreError),
}

/// Why a user is not changed.
#[derive(Debug, thiserror::Error)]
pub enum UserChangeError {
    /// Nobody has that address.
    #[error("email: no user has that address")]
    Unknown,
    /// The user does not belong to that account.
    #[error("account: the user does not belong to account {0}")]
    NotMember(AccountId),
    /// The database failed.
    #[error("could not store the change")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Makes an account.
    pub async fn create_account(&self, name: &str) -> Result<AccountId, CreateAccountError> {
        retried(|| self.create_account_once(name)).await
    }

    async fn create_account_once(&self, name: &str) -> Result<AccountId, CreateAccountError> {
        let name = shown(name, 100)
            .filter(|name| !name.is_empty())
            .ok_or(CreateAccountError::Name)?;
        let mut tx = self.store().write().await?;
        let id = rows::account::insert(&mut tx, name).await?;
        tx.audit(Actor::COMMAND_LINE.did("account.created", format!("account:{id}"), json!({})));
        tx.commit().await?;
        Ok(id)
    }

    /// All accounts, oldest first.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        rows::account::all(&mut self.store().read().await?).await
    }

    /// Gives a person access to an account. Somebody who is known by the address joins it and keeps their password.
    pub async fn create_user(&self, new: NewUser) -> Result<CreatedUser, CreateUserError> {
        retried(|| self.create_user_once(&new)).await
    }

    async fn create_user_once(&self, new: &NewUser) -> Result<CreatedUser, CreateUserError> {
        if !is_email(new.email.reveal().trim()) {
            return Err(CreateUserError::Email);
        }
        let name = |field, text| shown(text, 100).ok_or(CreateUserError::Name(field)).map(str::to_owned);
        let profile = Profile {
            email: Secret::new(new.email.reveal().trim().to_owned()),
            first_name: Secret::new(name("first_name", &new.first_name)?),
            last_name: Secret::new(name("last_name", &new.last_name)?),
        };
        let index = email_index(self.vault(), &new.email);
        let known = rows::user::by_email(&mut self.store().read().await?, index)
            .await?
            .is_some();
        // Hashing is slow: before the transaction, not within.
        let hash = if known {
            None
        } else {
            passwords::check(&new.password).map_err(CreateUserError::Password)?;
            Some(
                self.passwords()
                    .hash(&new.password)
                    .await
                    .ok_or(CreateUserError::Hash)?,
            )
        };

        let mut tx = self.store().write().await?;
        tx.lock("user", &hex(&index)).await?;
        if rows::account::by_id(&mut tx, new.account).await?.is_none() {
            return Err(CreateUserError::Account(new.account));
        }
        let stored = rows::user::by_email(&mut tx, index).await?;
        let created = match (stored, hash) {
            (Some(user), _) if user.deactivated_at.is_some() => return Err(CreateUserError::Deactivated),
            (Some(user), _) => {
                if rows::account::role(&mut tx, user.id, new.account).await?.is_some() {
                    return Err(CreateUserError::Member);
                }
                CreatedUser {
                    user: user.id,
                    known: true,
                }
            }
            (None, Some(hash)) => {
                let user = UserId(tx.new_id());
                let sealed = profile.seal(self.vault(), user);
                rows::user::insert(&mut tx, user, index, sealed, &hash).await?;
                CreatedUser { user, known: false }
            }
            // Users are never deleted, so this one cannot have gone since it was looked up.
            (None, None) => return Err(StoreError::Stale { what: "user" }.into()),
        };
        rows::account::set_role(&mut tx, created.user, new.account, new.role).await?;
        authority::changed(&mut tx).await?;
        let action = if created.known { "user.joined" } else { "user.created" };
        let detail = json!({"account": new.account, "role": new.role});
        tx.audit(Actor::COMMAND_LINE.did(action, format!("user:{}", created.user), detail));
        tx.commit().await?;
        Ok(created)
    }

    /// Gives a user another role in an account. It holds at the next call (AS-52, SEC-17).
    pub async fn set_role(&self, account: AccountId, email: &Secret, role: Role) -> Result<(), UserChangeError> {
        retried(|| self.set_role_once(account, email, role)).await
    }

    async fn set_role_once(&self, account: AccountId, email: &Secret, role: Role) -> Result<(), UserChangeError> {
        let index = email_index(self.vault(), email);
        let mut tx = self.store().write().await?;
        let user = rows::user::by_email(&mut tx, index)
            .await?
            .ok_or(UserChangeError::Unknown)?;
        let before = rows::account::role(&mut tx, user.id, account)
            .await?
            .ok_or(UserChangeError::NotMember(account))?;
        rows::account::set_role(&mut tx, user.id, account, role).await?;
        authority::changed(&mut tx).await?;
        let detail = json!({"account": account, "from": before, "to": role});
        tx.audit(Actor::COMMAND_LINE.did("user.role_changed", format!("user:{}", user.id), detail));
        Ok(tx.commit().await?)
    }

    /// Ends everything a user has: sessions, grants, tokens; they cannot log in again (AS-52, SEC-11).
    pub async fn deactivate_user(&self, email: &Secret) -> Result<UserId, UserChangeError> {
        retried(|| self.deactivate_user_once(email)).await
    }

    async fn deactivate_user_once(&self, email: &Secret) -> Result<UserId, UserChangeError> {
        let index = email_index(self.vault(), email);
        let mut tx = self.store().write().await?;
        let user = rows::user::by_email(&mut tx, index)
            .await?
            .ok_or(UserChangeError::Unknown)?
            .id;
        rows::user::deactivate(&mut tx, user).await?;
        rows::session::delete_of_user(&mut tx, user).await?;
        rows::code::delete_open(&mut tx, user, None).await?;
        rows::grant::revoke_of_user(&mut tx, user).await?;
        rows::token::revoke_personal_of_user(&mut tx, user).await?;
        authority::changed(&mut tx).await?;
        tx.audit(Actor::COMMAND_LINE.did("user.deactivated", format!("user:{user}"), json!({})));
        tx.commit().await?;
        Ok(user)
    }

    /// What a user is called, if there is such a user.
    pub async fn profile(&self, user: UserId) -> Result<Option<Profile>, StoreError> {
        let stored = rows::user::by_id(&mut self.store().read().await?, user).await?;
        stored
            .map(|stored| Profile::open(self.vault(), stored.id, &stored.sealed_profile))
            .transpose()
    }

    /// The accounts a user belongs to, the one they joined first in front.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<crate::Membership>, StoreError> {
        rows::account::of_user(&mut self.store().read().await?, user).await
    }
}

/// `text` without spaces around it, if it is at most `most` characters that can be shown.
pub(crate) fn shown(text: &str, most: usize) -> Option<&str> {
    let text = text.trim();
    let fine = text.chars().count() <= most && !text.chars().any(char::is_control);
    fine.then_some(text)
}
