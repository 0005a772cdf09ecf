//! Whose API call is this?

use oauth::{BearerCall, BearerError, ClientId, Secret};
use store::StoreError;

use super::{present::AsOf, tokens, usage::Used};
use crate::{AccountId, DataSource, GrantId, Provider, Role, TokenId, UserId};

/// Who calls the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A user, by a personal token or through an application they authorized.
    User(ApiUser),
    /// One of the vendor's internal teams.
    Service(Service),
}

/// A user who calls the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiUser {
    /// Who.
    pub user: UserId,
    /// The account that the credential is bound to.
    pub account: AccountId,
    /// The user's present role there: the token's rights.
    pub role: Role,
    /// By what.
    pub credential: Credential,
    pub(crate) as_of: AsOf,
}

/// What a user's call carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An access token of an application.
    Grant {
        /// The consent behind it.
        grant: GrantId,
        /// The application.
        client: ClientId,
    },
    /// A personal token.
    Personal {
        /// Its id.
        token: TokenId,
    },
}

/// An internal team that calls the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The token's id.
    pub token: TokenId,
    /// What the team is called.
    pub name: String,
    /// The data sources it answers for.
    pub sources: Vec<DataSource>,
}

/// Why a call is not served.
#[derive(Debug, thiserror::Error)]
pub enum BearerRefusal {
    /// The credential is missing, in the wrong place, or does not count.
    #[error(transparent)]
    Bearer(#[from] BearerError),
    /// The database failed.
    #[error("the credential could not be looked up")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Whose call it is. Unknown, expired and revoked tokens are all the same (AS-59).
    pub async fn authenticate(&self, call: BearerCall<'_>) -> Result<Caller, BearerRefusal> {
        let token = call.token()?;
        let caller = self.holder(&token).await?;
        Ok(caller.ok_or(BearerError::InvalidToken)?)
    }

    async fn holder(&self, token: &Secret) -> Result<Option<Caller>, StoreError> {
        if let Some(access) = self.tokens().access(token) {
            if self.clock().now() >= access.expires_at {
                return Ok(None);
            }
            return self.holder_of_grant(access.grant).await;
        }
        if token.reveal().starts_with(tokens::PERSONAL) {
            return self.holder_of_personal(tokens::hash(token)).await;
        }
        if token.reveal().starts_with(tokens::SERVICE) {
            return self.holder_of_service(tokens::hash(token)).await;
        }
        Ok(None)
    }

    async fn holder_of_grant(&self, id: GrantId) -> Result<Option<Caller>, StoreError> {
        let as_of = self.authority().now().await?;
        let Some(grant) = self.authority().grant(as_of, id).await?.filter(|grant| grant.alive) else {
            return Ok(None);
        };
        let Some(role) = grant.role else { return Ok(None) };
        self.usage().note(Used::Grant(id), grant.last_used_at);
        Ok(Some(Caller::User(ApiUser {
            user: grant.user,
            account: grant.account,
            role,
            credential: Credential::Grant {
                grant: id,
                client: grant.client,
            },
            as_of,
        })))
    }

    async fn holder_of_personal(&self, hash: [u8; 32]) -> Result<Option<Caller>, StoreError> {
        let as_of = self.authority().now().await?;
        let Some(token) = self.authority().personal(as_of, hash).await? else {
            return Ok(None);
        };
        let Some(role) = token.role else { return Ok(None) };
        self.usage().note(Used::Token(token.id), token.last_used_at);
        Ok(Some(Caller::User(ApiUser {
            user: token.user,
            account: token.account,
            role,
            credential: Credential::Personal { token: token.id },
            as_of,
        })))
    }

    async fn holder_of_service(&self, hash: [u8; 32]) -> Result<Option<Caller>, StoreError> {
        let Some(service) = self.authority().service(self.authority().now().await?, hash).await? else {
            return Ok(None);
        };
        self.usage().note(Used::Token(service.id), service.last_used_at);
        Ok(Some(Caller::Service(Service {
            token: service.id,
            name: service.name.clone(),
            sources: service.sources.clone(),
        })))
    }
}
