//! The keys that S3 requests are signed with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use oauth::Secret;
use vault::Vault;

use crate::app::tokens::hex;

/// An access key and its secret.
#[derive(Debug, Clone)]
pub struct S3Keys {
    /// Names the secret; not secret itself.
    pub access: String,
    /// What signatures are made with.
    pub secret: Secret<String>,
}

impl S3Keys {
    /// The keys of the embedded endpoint where no others are set: the same for every process of this database.
    pub fn derived(vault: &Vault) -> Self {
        let tag = vault.mac("s3-access-key").sign(b"rightful-exports");
        let mut name = hex(&tag).to_uppercase();
        name.truncate(16);
        let secret = vault.mac("s3-secret-key").sign(name.as_bytes());
        Self {
            access: format!("RFTL{name}"),
            secret: Secret::new(URL_SAFE_NO_PAD.encode(secret)),
        }
    }
}
