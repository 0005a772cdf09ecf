//! The token endpoint (RFC 6749 sections 4.1.3 and 6).

use std::net::IpAddr;

use jiff::Timestamp;
use oauth::{
    Client, ClientType, EndpointCall, GrantRequest, RedeemError, RefreshError, RefreshRules, RefreshToken, Scope,
    Secret, TokenError, TokenRequest, TokenResponse, TokenRules, Verifier, redeem, refresh,
};
use rightful_http::settings::HumanDuration;
use serde_json::json;
use store::{StoreError, Tx, retried};

use super::{
    clients::{EndpointError, ProvenClient},
    grants,
    tokens::{self, AccessToken},
    usage::Used,
};
use crate::{
    Actor, GrantId, Provider,
    rows::{
        self,
        code::Promised,
        grant::{GrantStanding, NewGrant},
    },
};

impl Provider {
    /// Answers a call of the token endpoint.
    pub async fn issue_tokens(&self, call: EndpointCall<'_>, origin: IpAddr) -> Result<TokenResponse, EndpointError> {
        let resource = self.settings().resource();
        let rules = TokenRules {
            allow_query: self.settings().token_query_parameters,
            resource: &resource,
        };
        let request = TokenRequest::read(call, rules)?;
        let proven = self.prove_client(&request.client, origin).await?;
        match request.grant {
            GrantRequest::AuthorizationCode {
                code,
                redirect_uri,
                verifier,
            } => {
                // Boxed, as is all that writes: refreshing, which comes most often, is a short way.
                let exchange = self.exchange_code(
                    proven.client(),
                    &code,
                    redirect_uri.as_deref(),
                    verifier.as_ref(),
                    origin,
                );
                Box::pin(exchange).await
            }
            GrantRequest::RefreshToken { token, scope } => self.exchange_refresh(&proven, &token, scope, origin).await,
        }
    }

    /// Exactly one of many parallel exchanges succeeds (AS-24); any further one ends the grant (AS-23).
    async fn exchange_code(
        &self,
        client: &Client,
        code: &Secret,
        redirect_uri: Option<&str>,
        verifier: Option<&Verifier>,
        origin: IpAddr,
    ) -> Result<TokenResponse, EndpointError> {
        retried(|| self.exchange_code_once(client, code, redirect_uri, verifier, origin)).await
    }

    async fn exchange_code_once(
        &self,
        client: &Client,
        code: &Secret,
        redirect_uri: Option<&str>,
        verifier: Option<&Verifier>,
        origin: IpAddr,
    ) -> Result<TokenResponse, EndpointError> {
        let hash = tokens::hash(code);
        // Most codes that are nobody's end here, without waiting for the right to write.
        if rows::code::by_hash(&mut self.store().read().await?, hash)
            .await?
            .is_none()
        {
            return Err(TokenError::InvalidGrant.into());
        }
        let mut tx = self.store().write().await?;
        tx.lock("code", &tokens::hex(&hash)).await?;
        let Some(stored) = rows::code::by_hash(&mut tx, hash).await? else {
            return Err(TokenError::InvalidGrant.into());
        };
        let by = Actor::client(client.id, Some(origin));
        let redeemed = match redeem(&stored, client, redirect_uri, verifier, tx.now()) {
            Ok(redeemed) => redeemed,
            Err(error) => {
                if let RedeemError::Replayed { grant } = &error {
                    grants::end(&mut tx, grant.grant, "the code was used again", by).await?;
                    tx.commit().await?;
                }
                return Err(error.answer().into());
            }
        };
        let Promised { grant, user, account } = redeemed.grant;
        // The user may have been deactivated, or have left the account, since they consented.
        let active = rows::user::by_id(&mut tx, user)
            .await?
            .is_some_and(|user| user.deactivated_at.is_none());
        if !active || rows::account::role(&mut tx, user, account).await?.is_none() {
            return Err(TokenError::InvalidGrant.into());
        }
        rows::code::redeemed(&mut tx, hash).await?;
        let new = NewGrant {
            id: grant,
            client: client.id,
            user,
            account,
            expires_at: None,
        };
        rows::grant::insert(&mut tx, new).await?;
        let refresh_token = self.issue_refresh(&mut tx, client, grant).await?;
        let detail = json!({"user": user, "account": account});
        tx.audit(by.did("grant.created", grants::object(grant), detail));
        let response = self.access_token(grant, tx.now()).with_refresh_token(refresh_token);
        tx.commit().await?;
        Ok(response)
    }

    async fn exchange_refresh(
        &self,
        proven: &ProvenClient,
        token: &Secret,
        scope: Option<Scope>,
        origin: IpAddr,
    ) -> Result<TokenResponse, EndpointError> {
        let client = proven.client();
        let grant = self.tokens().refresh(token).ok_or(TokenError::InvalidGrant)?;
        if client.client_type == ClientType::Public || self.settings().refresh_token_idle_ttl.is_some() {
            return Box::pin(self.refresh_noted(client, token, grant, scope, origin)).await;
        }
        // The vendor's shape: nothing to write, and most of the time nothing to read.
        let standing = self.authority().grant(proven.as_of, grant).await?;
        let stored = standing.as_ref().map(|standing| refresh_token(grant, standing, None));
        let now = self.clock().now();
        let refreshed =
            refresh(stored.as_ref(), client, scope, &self.refresh_rules(), now).map_err(|error| error.answer())?;
        self.usage()
            .note(Used::Grant(grant), standing.and_then(|standing| standing.last_used_at));
        Ok(self.access_token(refreshed.grant, now))
    }

    /// A refresh that leaves a trace: the token rotates, or its idle time begins anew.
    async fn refresh_noted(
        &self,
        client: &Client,
        token: &Secret,
        grant: GrantId,
        scope: Option<Scope>,
        origin: IpAddr,
    ) -> Result<TokenResponse, EndpointError> {
        retried(|| self.refresh_noted_once(client, token, grant, scope, origin)).await
    }

    async fn refresh_noted_once(
        &self,
        client: &Client,
        token: &Secret,
        grant: GrantId,
        scope: Option<Scope>,
        origin: IpAddr,
    ) -> Result<TokenResponse, EndpointError> {
        let hash = tokens::hash(token);
        let mut tx = self.store().write().await?;
        tx.lock("grant", &grant.to_string()).await?;
        let now = tx.now();
        let standing = rows::grant::standing(&mut tx, grant).await?;
        let rotating = client.client_type == ClientType::Public;
        let row = if rotating {
            rows::refresh_token::by_hash(&mut tx, hash).await?
        } else {
            None
        };
        let stored = standing.as_ref().and_then(|standing| {
            let mut stored = refresh_token(grant, standing, row.and_then(|row| row.rotated_at));
            match row {
                Some(row) => stored.used_at = row.issued_at,
                // A rotating token whose row is gone belonged to a grant that ended long ago.
                None if rotating && standing.alive => return None,
                None => {}
            }
            Some(stored)
        });
        let refreshed = match refresh(stored.as_ref(), client, scope, &self.refresh_rules(), now) {
            Ok(refreshed) => refreshed,
            Err(error) => {
                if let RefreshError::Reused { grant } = &error {
                    let by = Actor::client(client.id, Some(origin));
                    grants::end(&mut tx, *grant, "a replaced refresh token was used again", by).await?;
                    tx.commit().await?;
                }
                return Err(error.answer().into());
            }
        };
        let mut response = self.access_token(refreshed.grant, now);
        if refreshed.rotate {
            rows::refresh_token::rotated(&mut tx, hash).await?;
            response = response.with_refresh_token(self.issue_refresh(&mut tx, client, grant).await?);
        }
        rows::grant::used(&mut tx, grant, now).await?;
        tx.commit().await?;
        Ok(response)
    }

    async fn issue_refresh(&self, tx: &mut Tx, client: &Client, grant: GrantId) -> Result<Secret, StoreError> {
        let token = self.tokens().issue_refresh(grant, &**self.store().entropy());
        if client.client_type == ClientType::Public {
            rows::refresh_token::insert(tx, tokens::hash(&token), grant).await?;
        }
        Ok(token)
    }

    fn access_token(&self, grant: GrantId, now: Timestamp) -> TokenResponse {
        let life = self.settings().access_token_ttl;
        let token = AccessToken {
            grant,
            issued_at: now,
            expires_at: now.saturating_add(life.signed()).unwrap_or(Timestamp::MAX),
        };
        let token = self.tokens().issue_access(&token, &**self.store().entropy());
        TokenResponse::new(token, life.duration().as_secs())
    }

    fn refresh_rules(&self) -> RefreshRules {
        let settings = self.settings();
        RefreshRules {
            grace: settings.refresh_grace.signed(),
            lifetime: settings.refresh_token_ttl.map(HumanDuration::signed),
            idle_lifetime: settings.refresh_token_idle_ttl.map(HumanDuration::signed),
        }
    }
}

fn refresh_token(grant: GrantId, standing: &GrantStanding, rotated_at: Option<Timestamp>) -> RefreshToken<GrantId> {
    RefreshToken {
        client: standing.client,
        grant,
        scope: Scope::All,
        grant_revoked: !standing.alive || standing.role.is_none(),
        granted_at: standing.created_at,
        used_at: standing
            .last_used_at
            .map_or(standing.created_at, |used| used.max(standing.created_at)),
        rotated_at,
    }
}
