//! Revocation (RFC 7009) and introspection (RFC 7662).

use std::net::IpAddr;

use oauth::{ClientMethod, EndpointCall, Introspection, Scope, Secret, TokenError, TokenLookup};
use store::StoreError;

use super::{
    clients::{EndpointError, ProvenClient},
    grants,
    tokens::AccessToken,
};
use crate::{Actor, GrantId, Provider};

impl Provider {
    /// Ends the grant behind an application's own token. Tokens hang off their grant, so the access token takes the
    /// refresh token with it and the other way round (RFC 7009 section 2.1). Other tokens are left as they are, and the
    /// answer is the same (AS-61).
    pub async fn revoke_token(&self, call: EndpointCall<'_>, origin: IpAddr) -> Result<(), EndpointError> {
        let lookup = TokenLookup::read_revocation(call, self.settings().token_query_parameters)?;
        let proven = self.prove_client(&lookup.client, origin).await?;
        let Some(id) = self.grant_behind(&lookup.token) else {
            return Ok(());
        };
        let grant = self.authority().grant(proven.as_of, id).await?;
        if grant.is_some_and(|grant| grant.alive && grant.client == proven.client().id) {
            let mut tx = self.store().write().await?;
            let by = Actor::client(proven.client().id, Some(origin));
            grants::end(&mut tx, id, "the application gave it back", by).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Tells an application about an access token of its own. Everything else is inactive, whatever the reason
    /// (AS-65, AS-66), refresh tokens too: nobody may take them for what opens the API (AS-67).
    pub async fn introspect_token(
        &self,
        call: EndpointCall<'_>,
        origin: IpAddr,
    ) -> Result<Introspection, EndpointError> {
        let lookup = TokenLookup::read_introspection(call, self.settings().token_query_parameters)?;
        let proven = self.prove_client(&lookup.client, origin).await?;
        // RFC 7662 section 2.1: whoever only names itself would be a scanner's friend.
        if lookup.client.method == ClientMethod::None || lookup.client.secret.is_none() {
            let by_header = lookup.client.method == ClientMethod::Basic;
            return Err(TokenError::InvalidClient { by_header }.into());
        }
        let Some(token) = self.tokens().access(&lookup.token) else {
            return Ok(Introspection::inactive());
        };
        Ok(self
            .describe(&token, &proven)
            .await?
            .unwrap_or(Introspection::inactive()))
    }

    async fn describe(
        &self,
        token: &AccessToken,
        asked_by: &ProvenClient,
    ) -> Result<Option<Introspection>, StoreError> {
        if self.clock().now() >= token.expires_at {
            return Ok(None);
        }
        let grant = self.authority().grant(asked_by.as_of, token.grant).await?;
        let usable = grant.filter(|grant| grant.alive && grant.role.is_some() && grant.client == asked_by.client().id);
        Ok(usable.map(|grant| Introspection {
            scope: Some(Scope::All.as_str().to_owned()),
            client_id: Some(grant.client.to_string()),
            token_type: Some("bearer".to_owned()),
            sub: Some(grant.user.to_string()),
            aud: Some(self.settings().resource()),
            iss: Some(self.settings().issuer().to_owned()),
            ..Introspection::active(token.issued_at, Some(token.expires_at))
        }))
    }

    /// The hint does not matter: our tokens tell what they are (AS-60). An expired token names nothing any more.
    fn grant_behind(&self, token: &Secret) -> Option<GrantId> {
        let access = self.tokens().access(token);
        let access = access.filter(|access| self.clock().now() < access.expires_at);
        access
            .map(|access| access.grant)
            .or_else(|| self.tokens().refresh(token))
    }
}
