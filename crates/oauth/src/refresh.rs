//! Refresh tokens on the server's side.

use jiff::{SignedDuration, Timestamp};

use crate::{Client, ClientId, ClientType, Scope, TokenError};

/// A refresh token as it was stored, with what is known of its grant. `G` is how the caller refers to the grant, which
/// is also the family of tokens that rotation makes.
#[derive(Debug, Clone)]
pub struct RefreshToken<G> {
    /// Whom it was issued to.
    pub client: ClientId,
    /// The grant it belongs to.
    pub grant: G,
    /// What the user granted.
    pub scope: Scope,
    /// The grant is gone: revoked by the user, an administrator, the client or a replay.
    pub grant_revoked: bool,
    /// When the user authorized: the start of the absolute lifetime, which rotation does not renew.
    pub granted_at: Timestamp,
    /// When this token was issued or last used, whichever is later: the start of the idle lifetime.
    pub used_at: Timestamp,
    /// When another took its place, if one did.
    pub rotated_at: Option<Timestamp>,
}

/// What the settings say about refresh tokens.
#[derive(Debug, Clone, Copy)]
pub struct RefreshRules {
    /// Setting `refresh_grace`: how long a rotated token still works, for a client that lost the response.
    pub grace: SignedDuration,
    /// Setting `refresh_token_ttl`, counted from the authorization; `None` is without end, as the vendor has it.
    pub lifetime: Option<SignedDuration>,
    /// Setting `refresh_token_idle_ttl`, counted from the last use; `None` is without end.
    pub idle_lifetime: Option<SignedDuration>,
}

/// What a refresh gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed<G> {
    /// The grant to issue an access token from.
    pub grant: G,
    /// What the access token allows.
    pub scope: Scope,
    /// Issue a new refresh token and mark this one rotated (public clients, RFC 9700 section 2.2.2). Otherwise the
    /// client keeps the one it has and the response carries none, which is the vendor's shape.
    pub rotate: bool,
}

/// Why a refresh is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError<G> {
    /// Nothing changes.
    #[error(transparent)]
    Refused(#[from] TokenError),
    /// A rotated token came back after its grace: thief and owner cannot be told apart, so the family must be revoked
    /// (RFC 9700 section 4.14.2). The answer is [`TokenError::Revoked`].
    #[error("the refresh token was replaced before")]
    Reused {
        /// The grant to revoke.
        grant: G,
    },
}

impl<G> RefreshError<G> {
    /// What the client is told.
    pub fn answer(&self) -> TokenError {
        match self {
            Self::Refused(error) => error.clone(),
            Self::Reused { .. } => TokenError::Revoked,
        }
    }
}

/// RFC 6749 section 6: may this authenticated client refresh, now? `token` is what was found for the hash, `None` if
/// nothing was; `requested` is the scope of the request.
pub fn refresh<G: Clone>(
    token: Option<&RefreshToken<G>>,
    by: &Client,
    requested: Option<Scope>,
    rules: &RefreshRules,
    now: Timestamp,
) -> Result<Refreshed<G>, RefreshError<G>> {
    // Another client's token is answered like one that never was.
    let token = token
        .filter(|token| token.client == by.id)
        .ok_or(TokenError::InvalidGrant)?;
    if token.grant_revoked {
        return Err(TokenError::Revoked.into());
    }
    if token
        .rotated_at
        .is_some_and(|rotated_at| elapsed(rotated_at, now, rules.grace))
    {
        return Err(RefreshError::Reused {
            grant: token.grant.clone(),
        });
    }
    let ended = rules
        .lifetime
        .is_some_and(|lifetime| elapsed(token.granted_at, now, lifetime))
        || rules
            .idle_lifetime
            .is_some_and(|lifetime| elapsed(token.used_at, now, lifetime));
    if ended {
        return Err(TokenError::Revoked.into());
    }
    if !by.grants.code {
        return Err(TokenError::UnauthorizedClient.into());
    }
    Ok(Refreshed {
        grant: token.grant.clone(),
        scope: requested.unwrap_or(token.scope),
        rotate: by.client_type == ClientType::Public,
    })
}

fn elapsed(since: Timestamp, now: Timestamp, term: SignedDuration) -> bool {
    now.duration_since(since) >= term
}

#[cfg(test)]
mod tests;
