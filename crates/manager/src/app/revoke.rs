//! Giving a grant back.

use oauth::{Revocation, Secret};
use tracing::warn;

use super::{
    credentials::{Endpoints, Tokens},
    token_endpoint,
};
use crate::{Manager, rows::connection::ConnectionRow};

impl Manager {
    /// Revokes a grant where its server says that it can (RFC 7009); whether it was revoked. The refresh token is the
    /// grant, so that one is named.
    pub(crate) async fn revoke(
        &self,
        row: &ConnectionRow,
        tokens: &Tokens,
        endpoints: Option<&Endpoints>,
        client_secret: &Secret,
    ) -> bool {
        let announced = endpoints.and_then(|endpoints| Some((endpoints, endpoints.revoke.as_deref()?)));
        let Some((endpoints, url)) = announced else {
            return false;
        };
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh, "refresh_token"),
            None => (&tokens.access, "access_token"),
        };
        let call = Revocation { token, hint }.call(&endpoints.client(&row.client_id, client_secret));
        match token_endpoint::post(&**self.transport(), url, call).await {
            Ok(answer) if answer.status == 200 => true,
            Ok(answer) => {
                warn!(connection.id = %row.id, status = answer.status, "the vendor did not revoke the grant");
                false
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(connection.id = %row.id, error, "the grant could not be revoked");
                false
            }
        }
    }
}
