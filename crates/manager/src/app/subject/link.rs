//! Links with a random token: whoever has the mail may open them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use oauth::Secret;
use sha2::{Digest as _, Sha256};
use store::{StoreError, Tx};

use crate::{
    Manager, RequestId,
    rows::request_link::{self, Purpose},
};

impl Manager {
    /// A new link to a request; only the hash of its 256 random bits is kept (SEC-28).
    pub(super) async fn new_link(
        &self,
        tx: &mut Tx,
        request: RequestId,
        purpose: Purpose,
    ) -> Result<Secret, StoreError> {
        let token = URL_SAFE_NO_PAD.encode(vault::random_bytes::<32>(&**tx.entropy()));
        request_link::insert(tx, &hash(&token), request, purpose).await?;
        let path = match purpose {
            Purpose::Status => "/privacy/requests/",
            Purpose::Download => "/d/",
        };
        Ok(Secret::new(self.settings().page(&format!("{path}{token}"))))
    }
}

/// By which a link is found.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
