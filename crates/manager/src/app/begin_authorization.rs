//! Sending somebody to the vendor to authorize a connection.

use std::fmt::Write as _;

use connectors::Authorization;
use jiff::SignedDuration;
use oauth::{AuthorizeUrl, ServerMetadata, State, Verifier, is_https, metadata_url};
use privacy::audit::Event;
use sha2::{Digest as _, Sha256};
use store::{StoreError, retried};
use url::Url;
use vault::random_bytes;

use super::{ConnectionState, credentials::Endpoints, token_endpoint};
use crate::{
    By, ConnectionId, Manager,
    rows::{self, authorization::FlowRow},
};

/// How long somebody has for logging in and consenting at the vendor.
const FLOW_TTL: SignedDuration = SignedDuration::from_mins(10);

/// Why nobody is sent to the vendor.
#[derive(Debug, thiserror::Error)]
pub enum BeginAuthorizationError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// The connection takes no part.
    #[error("the connection is disabled")]
    Disabled,
    /// There is nothing to authorize: a person is asked by mail.
    #[error("this connection needs no authorization")]
    NotNeeded,
    /// The authorization server's description of itself can't be had or is not believed.
    #[error("{system} can't be connected: {reason}")]
    Discovery {
        /// The vendor's title.
        system: &'static str,
        /// In plain words.
        reason: String,
    },
    /// The database failed.
    #[error("the authorization could not be begun")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Begins an authorization: the URL to send the browser to. It is good for ten minutes and one callback, which must
    /// come from the browser session whose hash is `session`, where one is given.
    pub async fn begin_authorization(
        &self,
        id: ConnectionId,
        session: Option<[u8; 32]>,
        by: &By,
    ) -> Result<Url, BeginAuthorizationError> {
        let row = rows::connection::by_id(&mut self.store().read().await?, id).await?;
        let row = row.ok_or(BeginAuthorizationError::NotFound)?;
        if row.state == ConnectionState::Disabled {
            return Err(BeginAuthorizationError::Disabled);
        }
        let keyring = self.keyring(&row)?;
        let set_up = keyring.set_up(&row)?;
        let vendor = set_up.vendor().ok_or(BeginAuthorizationError::NotNeeded)?;
        let authorization = vendor.authorization();
        let system = connectors::connector(&row.connector).map_or("the vendor", connectors::Connector::title);
        let found = self.endpoints(&authorization, vendor.settings().discover).await;
        let (endpoints, authorize) = match found {
            Ok(found) => found,
            Err(reason) => {
                let error = BeginAuthorizationError::Discovery { system, reason };
                let message = error.to_string();
                retried(|| self.note_unreachable(id, message.clone())).await?;
                return Err(error);
            }
        };

        let state = State::from_entropy(random_bytes(&**self.store().entropy()));
        let verifier = Verifier::from_entropy(random_bytes(&**self.store().entropy()));
        let redirect_uri = self.settings().redirect_uri();
        let (scope_name, scope) = authorization
            .parameters
            .iter()
            .find(|(name, _)| name.starts_with("scope"))
            .map_or(("scope", authorization.scope), |(name, value)| (*name, value.as_str()));
        let account = authorization.parameters.iter().find(|(name, _)| *name == "account_id");
        let url = AuthorizeUrl {
            endpoint: &authorize,
            client_id: &row.client_id,
            redirect_uri: &redirect_uri,
            scope: (scope_name, scope),
            state: &state,
            challenge: &verifier.challenge(),
            account_id: account.map(|(_, value)| value.as_str()),
        }
        .url();
        let created_at = self.now();
        let flow = FlowRow {
            state_hash: digest(state.reveal()),
            connection: id,
            session_hash: session.map(|hash| hash.to_vec()),
            verifier: keyring.seal("verifier", verifier.reveal()),
            redirect_uri,
            endpoints: endpoints.to_text(),
            begun_by: by.actor.to_string(),
            created_at,
            expires_at: created_at.saturating_add(FLOW_TTL).unwrap_or(created_at),
        };
        let begun = retried(|| async {
            let mut tx = self.store().write().await?;
            rows::authorization::begin(&mut tx, &flow).await?;
            tx.audit(by.event(Event::ConnectionAuthorizing, id.object(), []));
            tx.commit().await
        });
        begun.await?;
        Ok(url)
    }

    /// A connection that nobody has authorized yet says why that can't be done.
    async fn note_unreachable(&self, id: ConnectionId, message: String) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        if let Some(mut row) = row.filter(|row| row.state == ConnectionState::PendingAuthorization) {
            row.note_trouble(&mut tx, "vendor_unavailable", message);
            rows::connection::save(&mut tx, &row).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The endpoints to use, and the parsed authorization endpoint; an error is a reason in words.
    async fn endpoints(&self, authorization: &Authorization, discover: bool) -> Result<(Endpoints, Url), String> {
        let unusable = |_| "the settings hold an address that is no URL".to_owned();
        let issuer = Url::parse(&authorization.issuer).map_err(unusable)?;
        let known = Endpoints {
            issuer: authorization.issuer.clone(),
            authorize: authorization.authorize_url.clone(),
            token: authorization.token_url.clone(),
            revoke: authorization.revoke_url.clone(),
            iss_advertised: false,
            basic: false,
        };
        let authorize = Url::parse(&known.authorize).map_err(unusable)?;
        if !discover {
            return Ok((known, authorize));
        }
        let url = metadata_url(&issuer);
        let answer = token_endpoint::get(&**self.transport(), url.as_str()).await;
        let answer = answer.map_err(|error| error.to_string())?;
        match answer.status {
            200 => {}
            // A server that doesn't describe itself is called where the connector says.
            404 => return Ok((known, authorize)),
            status => return Err(format!("its description at {url} answers with status {status}")),
        }
        let metadata: ServerMetadata =
            serde_json::from_slice(&answer.body).map_err(|_| format!("its description at {url} can't be read"))?;
        let discovered = metadata
            .validate(&authorization.issuer, is_https)
            .map_err(|error| error.to_string())?;
        let endpoints = Endpoints {
            issuer: discovered.issuer,
            authorize: discovered.authorization_endpoint.to_string(),
            token: discovered.token_endpoint.to_string(),
            revoke: discovered.revocation_endpoint.map(String::from),
            iss_advertised: discovered.iss_advertised,
            basic: discovered.client_method == oauth::ClientMethod::Basic,
        };
        Ok((endpoints, discovered.authorization_endpoint))
    }
}

/// How a random value is stored that must only be found again: SHA-256 in hexadecimal.
pub(crate) fn digest(random: &str) -> String {
    let hash = Sha256::digest(random);
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
