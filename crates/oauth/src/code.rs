//! Authorization codes.

use jiff::Timestamp;

use crate::{Challenge, Client, ClientId, Scope, TokenError, Verifier};

/// An authorization code as it was stored. `G` is how the caller refers to the grant behind it.
#[derive(Debug, Clone)]
pub struct AuthorizationCode<G> {
    /// Whom it was issued to.
    pub client: ClientId,
    /// The redirect URI of the authorization request, byte for byte.
    pub redirect_uri: String,
    /// The PKCE challenge of the authorization request.
    pub challenge: Option<Challenge>,
    /// What the user granted.
    pub scope: Scope,
    /// The grant (user, account, client) that tokens will hang off.
    pub grant: G,
    /// The first moment at which it is too late: at most ten minutes after issue (RFC 6749 section 4.1.2).
    pub expires_at: Timestamp,
    /// When it was exchanged, if it was.
    pub redeemed_at: Option<Timestamp>,
}

/// What a code was good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed<G> {
    /// The grant to issue tokens from.
    pub grant: G,
    /// What it allows.
    pub scope: Scope,
}

/// Why a code is not exchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError<G> {
    /// Nothing changes.
    #[error(transparent)]
    Refused(#[from] TokenError),
    /// It was exchanged before, by its own client with the right proof: everything issued from it must be revoked
    /// (RFC 6749 section 4.1.2). The answer is [`TokenError::InvalidGrant`].
    #[error("the code was used before")]
    Replayed {
        /// The grant to revoke.
        grant: G,
    },
}

impl<G> RedeemError<G> {
    /// What the client is told.
    pub fn answer(&self) -> TokenError {
        match self {
            Self::Refused(error) => error.clone(),
            Self::Replayed { .. } => TokenError::InvalidGrant,
        }
    }
}

/// RFC 6749 section 4.1.3, RFC 7636 section 4.6: may this code be exchanged by this authenticated client, now?
///
/// Whose code it is and who knows its secrets is asked before whether it was used: another client, a wrong redirect
/// URI or a wrong verifier can neither burn a code nor have a grant revoked, and all refusals sound the same.
pub fn redeem<G: Clone>(
    code: &AuthorizationCode<G>,
    by: &Client,
    redirect_uri: Option<&str>,
    verifier: Option<&Verifier>,
    now: Timestamp,
) -> Result<Redeemed<G>, RedeemError<G>> {
    if !by.grants.code {
        return Err(TokenError::UnauthorizedClient.into());
    }
    let proven = match (&code.challenge, verifier) {
        (Some(challenge), Some(verifier)) => challenge.accepts(verifier),
        (None, None) => !by.requires_pkce(),
        // A verifier without a challenge is a downgrade in progress (RFC 9700 section 4.8).
        (Some(_), None) | (None, Some(_)) => false,
    };
    if code.client != by.id || redirect_uri != Some(code.redirect_uri.as_str()) || !proven {
        return Err(TokenError::InvalidGrant.into());
    }
    if code.redeemed_at.is_some() {
        return Err(RedeemError::Replayed {
            grant: code.grant.clone(),
        });
    }
    if now >= code.expires_at {
        return Err(TokenError::InvalidGrant.into());
    }
    Ok(Redeemed {
        grant: code.grant.clone(),
        scope: code.scope,
    })
}

#[cfg(test)]
mod tests;
