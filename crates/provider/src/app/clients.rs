//! Is this the application that it says it is?

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use oauth::{Client, ClientCredentials, Secret, TokenError, authenticate};
use store::StoreError;

use super::{present::AsOf, throttles::Throttled, tokens};
use crate::{Provider, rows::application::StoredApplication};

/// Why a client-authenticated endpoint refuses.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// By the protocol.
    #[error(transparent)]
    Refused(#[from] TokenError),
    /// Too many calls, or too many wrong secrets from there.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database failed.
    #[error("the request could not be handled")]
    Store(#[from] StoreError),
}

/// An application that has shown who it is, as far as its type can.
pub(crate) struct ProvenClient {
    application: Arc<StoredApplication>,
    /// When it was that.
    pub(crate) as_of: AsOf,
}

impl ProvenClient {
    pub(crate) fn client(&self) -> &Client {
        &self.application.client
    }
}

impl Provider {
    /// Authenticates an application and counts the call against its share. Wrong secrets count against the address they
    /// come from, so that nobody can shut an application out by naming it (AS-43).
    pub(crate) async fn prove_client(
        &self,
        credentials: &ClientCredentials,
        origin: IpAddr,
    ) -> Result<ProvenClient, EndpointError> {
        let throttles = self.throttles();
        let as_of = self.authority().now().await?;
        if credentials.secret.is_some() {
            throttles
                .wrong_secrets
                .may_try_as_of::<EndpointError>(as_of, origin)
                .await?;
        }
        let application = self.authority().application(as_of, credentials.client).await?;
        let matches = secret_matches(application.as_deref(), credentials.secret.as_ref(), self.clock().now());
        let client = application.as_ref().map(|application| &application.client);
        if let Err(refused) = authenticate(credentials, client, matches) {
            if credentials.secret.is_some() {
                Box::pin(throttles.wrong_secrets.note_wrong::<EndpointError>(origin)).await?;
                tracing::info!(client = %credentials.client, "an application sent a wrong secret");
            }
            return Err(refused.into());
        }
        let Some(application) = application else {
            return Err(TokenError::InvalidClient { by_header: false }.into());
        };
        if credentials.secret.is_some() {
            throttles.take_proven::<EndpointError>(credentials.client).await?;
        } else {
            throttles
                .take_named::<EndpointError>(credentials.client, origin)
                .await?;
        }
        Ok(ProvenClient { application, as_of })
    }
}

fn secret_matches(application: Option<&StoredApplication>, secret: Option<&Secret>, now: Timestamp) -> bool {
    let (Some(application), Some(secret)) = (application, secret) else {
        return false;
    };
    let current = application.secret_hash.as_deref();
    let old = application.old_secret.as_ref();
    let old = old.and_then(|(hash, until)| (now < *until).then_some(hash.as_slice()));
    let presented = Secret::new(tokens::hash(secret));
    current.into_iter().chain(old).any(|stored| presented.matches(stored))
}
