//! Tokens that people and internal teams use themselves, without an application between.

use jiff::Timestamp;
use oauth::Secret;
use serde_json::json;
use store::{StoreError, retried};

use super::{
    accounts::shown,
    authority,
    members::Member,
    profile::{Profile, email_index},
    sessions::Session,
    tokens::{self, PERSONAL, SERVICE},
};
use crate::{AccountId, Actor, DataSource, Provider, TokenId, UserId, rows};

/// A token that was just made. It is shown once.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// Its public name.
    pub id: TokenId,
    /// The token.
    pub token: Secret,
}

/// A personal token as a list shows it.
#[derive(Debug, Clone)]
pub struct ListedToken {
    /// Its public name.
    pub id: TokenId,
    /// As its owner calls it.
    pub name: String,
    /// Whose it is, where that is not the user who looks.
    pub owner: Option<Profile>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A service token as a list shows it.
#[derive(Debug, Clone)]
pub struct ListedService {
    /// Its public name.
    pub id: TokenId,
    /// What the team is called.
    pub name: String,
    /// What it answers for.
    pub sources: Vec<DataSource>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Why a token is not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum TokenChangeError {
    /// Empty or too long.
    #[error("name: give the token a name of 1 to 100 characters")]
    Name,
    /// Nobody has that address.
    #[error("email: no user has that address")]
    User,
    /// The user is deactivated.
    #[error("email: that user is deactivated")]
    Deactivated,
    /// The user does not belong to that account, or to none.
    #[error("account: the user does not belong to it")]
    NotMember,
    /// A team that answers for nothing.
    #[error("data_source: name at least one")]
    NoSource,
    /// There is no such token, or it is not theirs.
    #[error("there is no such token")]
    NotFound,
    /// The database failed.
    #[error("could not store the token")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Makes a personal token for a user by address, in one account or the one they joined first.
    pub async fn create_personal_token(
        &self,
        email: &Secret,
        account: Option<AccountId>,
        name: &str,
    ) -> Result<IssuedToken, TokenChangeError> {
        let mut read = self.store().read().await?;
        let user = rows::user::by_email(&mut read, email_index(self.vault(), email))
            .await?
            .ok_or(TokenChangeError::User)?;
        if user.deactivated_at.is_some() {
            return Err(TokenChangeError::Deactivated);
        }
        let memberships = rows::account::of_user(&mut read, user.id).await?;
        drop(read);
        let account = memberships
            .iter()
            .map(|membership| membership.account.id)
            .find(|id| account.is_none_or(|account| account == *id))
            .ok_or(TokenChangeError::NotMember)?;
        self.issue_personal_token(user.id, account, name, Actor::COMMAND_LINE)
            .await
    }

    /// Makes a personal token in the account that the user looks at: their own, or as an administrator another
    /// member's.
    pub async fn create_token_of(
        &self,
        session: &Session,
        owner: UserId,
        name: &str,
        by: Actor,
    ) -> Result<IssuedToken, TokenChangeError> {
        let account = session.current.account.id;
        if owner != session.user {
            let members = self.token_owners(session).await?;
            if !members.iter().any(|member| member.user == owner) {
                return Err(TokenChangeError::NotMember);
            }
        }
        self.issue_personal_token(owner, account, name, by).await
    }

    /// For whom the user may make a token beside themselves: for an administrator, the account's active members.
    pub async fn token_owners(&self, session: &Session) -> Result<Vec<Member>, StoreError> {
        if !session.is_administrator() {
            return Ok(Vec::new());
        }
        let mut members = self.members(session).await?;
        members.retain(|member| !member.deactivated && member.user != session.user);
        Ok(members)
    }

    async fn issue_personal_token(
        &self,
        user: UserId,
        account: AccountId,
        name: &str,
        by: Actor,
    ) -> Result<IssuedToken, TokenChangeError> {
        retried(|| self.issue_personal_token_once(user, account, name, by)).await
    }

    async fn issue_personal_token_once(
        &self,
        user: UserId,
        account: AccountId,
        name: &str,
        by: Actor,
    ) -> Result<IssuedToken, TokenChangeError> {
        let name = checked(name)?;
        let mut tx = self.store().write().await?;
        let issued = IssuedToken {
            id: TokenId(tx.new_id()),
            token: tokens::random(PERSONAL, &**self.store().entropy()),
        };
        rows::token::insert_personal(&mut tx, issued.id, tokens::hash(&issued.token), user, account, name).await?;
        let detail = json!({"user": user, "account": account});
        tx.audit(by.did("personal_token.created", object(issued.id), detail));
        tx.commit().await?;
        Ok(issued)
    }

    /// The personal tokens that the user may see in the account they look at: their own, or for an administrator all.
    pub async fn list_personal_tokens(&self, session: &Session) -> Result<Vec<ListedToken>, StoreError> {
        let mut read = self.store().read().await?;
        let all = rows::token::personal_of_account(&mut read, session.current.account.id).await?;
        let mut listed = Vec::new();
        for token in all {
            let own = token.user == session.user;
            if !own && !session.is_administrator() {
                continue;
            }
            let owner = if own {
                None
            } else {
                let stored = rows::user::by_id(&mut read, token.user).await?;
                stored
                    .map(|stored| Profile::open(self.vault(), stored.id, &stored.sealed_profile))
                    .transpose()?
            };
            listed.push(ListedToken {
                id: token.id,
                name: token.name,
                owner,
                created_at: token.created_at,
                last_used_at: token.last_used_at,
            });
        }
        Ok(listed)
    }

    /// Ends a personal token for good: one's own, or as an administrator any of the account.
    pub async fn revoke_personal_token(
        &self,
        session: &Session,
        id: TokenId,
        by: Actor,
    ) -> Result<(), TokenChangeError> {
        retried(|| self.revoke_personal_token_once(session, id, by)).await
    }

    async fn revoke_personal_token_once(
        &self,
        session: &Session,
        id: TokenId,
        by: Actor,
    ) -> Result<(), TokenChangeError> {
        let mut tx = self.store().write().await?;
        let here = session.current.account.id;
        rows::token::personal_by_id(&mut tx, id)
            .await?
            .filter(|token| token.account == here && (token.user == session.user || session.is_administrator()))
            .ok_or(TokenChangeError::NotFound)?;
        rows::token::revoke_personal(&mut tx, id).await?;
        authority::changed(&mut tx).await?;
        tx.audit(by.did("personal_token.revoked", object(id), json!({})));
        Ok(tx.commit().await?)
    }

    /// The internal teams' tokens, the first to be made in front.
    pub async fn service_tokens(&self) -> Result<Vec<ListedService>, StoreError> {
        let services = rows::token::services(&mut self.store().read().await?).await?;
        Ok(services
            .into_iter()
            .map(|service| ListedService {
                id: service.id,
                name: service.name,
                sources: service.sources,
                last_used_at: service.last_used_at,
            })
            .collect())
    }

    /// Ends an internal team's token for good. It holds at the next call; what waits for the team goes on waiting.
    pub async fn revoke_service_token(&self, id: TokenId) -> Result<(), TokenChangeError> {
        retried(|| self.revoke_service_token_once(id)).await
    }

    async fn revoke_service_token_once(&self, id: TokenId) -> Result<(), TokenChangeError> {
        let mut tx = self.store().write().await?;
        if !rows::token::revoke_service(&mut tx, id).await? {
            return Err(TokenChangeError::NotFound);
        }
        authority::changed(&mut tx).await?;
        tx.audit(Actor::COMMAND_LINE.did("service_token.revoked", object(id), json!({})));
        Ok(tx.commit().await?)
    }

    /// Makes a token with which an internal team answers for its data sources.
    pub async fn create_service_token(
        &self,
        name: &str,
        sources: &[DataSource],
    ) -> Result<IssuedToken, TokenChangeError> {
        retried(|| self.create_service_token_once(name, sources)).await
    }

    async fn create_service_token_once(
        &self,
        name: &str,
        sources: &[DataSource],
    ) -> Result<IssuedToken, TokenChangeError> {
        let name = checked(name)?;
        if sources.is_empty() {
            return Err(TokenChangeError::NoSource);
        }
        let mut tx = self.store().write().await?;
        let issued = IssuedToken {
            id: TokenId(tx.new_id()),
            token: tokens::random(SERVICE, &**self.store().entropy()),
        };
        rows::token::insert_service(&mut tx, issued.id, tokens::hash(&issued.token), name, sources).await?;
        let detail = json!({"sources": sources});
        tx.audit(Actor::COMMAND_LINE.did("service_token.created", object(issued.id), detail));
        tx.commit().await?;
        Ok(issued)
    }
}

fn checked(name: &str) -> Result<&str, TokenChangeError> {
    shown(name, 100)
        .filter(|name| !name.is_empty())
        .ok_or(TokenChangeError::Name)
}

fn object(id: TokenId) -> String {
    format!("token:{id}")
}
