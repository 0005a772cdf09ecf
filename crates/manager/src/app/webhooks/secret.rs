//! The secret of a webhook, and what is signed with it (Standard Webhooks, symmetric signatures).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use oauth::Secret;
use ring::hmac;
use store::StoreError;
use vault::{DataKey, Entropy, Place, WrappedKey, random_bytes};

use crate::{Manager, WebhookId, rows::webhook::WebhookRow};

/// What every secret begins with; the rest is the key in Base64.
const PREFIX: &str = "whsec_";

/// A new secret.
pub(super) fn new(entropy: &dyn Entropy) -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(random_bytes::<32>(entropy))))
}

/// The signature of one attempt: `v1,` and the HMAC-SHA256 of id, time and body.
fn sign(secret: &Secret, id: &str, at: Timestamp, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.reveal().strip_prefix(PREFIX)?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{}.{body}", at.as_second()).as_bytes());
    Some(format!("v1,{}", STANDARD.encode(tag)))
}

/// A webhook's data key, and what it seals.
pub(super) struct Keyring {
    key: DataKey,
    webhook: String,
}

impl Manager {
    /// A key for a new webhook, and its sealed form for the row.
    pub(super) fn new_webhook_keyring(&self, id: WebhookId) -> (Keyring, WrappedKey) {
        let webhook = id.to_string();
        let (key, wrapped) = self.vault().new_data_key(&place("key", &webhook));
        (Keyring { key, webhook }, wrapped)
    }

    /// The key of a webhook.
    pub(super) fn webhook_keyring(&self, row: &WebhookRow) -> Result<Keyring, StoreError> {
        let webhook = row.id.to_string();
        let wrapped = WrappedKey::from_bytes(row.key.clone()).map_err(|error| damaged(&error))?;
        let key = self.vault().unwrap(&place("key", &webhook), &wrapped);
        let key = key.map_err(|error| damaged(&error))?;
        Ok(Keyring { key, webhook })
    }

    /// What `webhook-signature` says of an attempt now: one signature, or two while the secret before is still good.
    pub(super) fn webhook_signatures(
        &self,
        row: &WebhookRow,
        id: &str,
        at: Timestamp,
        body: &str,
    ) -> Result<String, StoreError> {
        let keyring = self.webhook_keyring(row)?;
        let mut secrets = vec![keyring.open(&row.secret)?];
        let before = row.previous_secret.as_deref();
        if let Some(before) = before.filter(|_| row.previous_until.is_some_and(|until| at < until)) {
            secrets.push(keyring.open(before)?);
        }
        let signatures = secrets.iter().map(|secret| sign(secret, id, at, body));
        let signatures: Option<Vec<_>> = signatures.collect();
        Ok(signatures
            .ok_or_else(|| damaged(&"it is no secret of a webhook"))?
            .join(" "))
    }
}

impl Keyring {
    pub(super) fn seal(&self, secret: &Secret) -> Vec<u8> {
        self.key
            .seal(&place("secret", &self.webhook), secret.reveal().as_bytes())
    }

    fn open(&self, sealed: &[u8]) -> Result<Secret, StoreError> {
        let opened = self.key.open(&place("secret", &self.webhook), sealed);
        let opened = opened.map_err(|error| damaged(&error))?;
        let text = String::from_utf8(opened.to_vec()).map_err(|_| damaged(&"it is no text"))?;
        Ok(Secret::new(text))
    }
}

fn place<'a>(column: &'a str, webhook: &'a str) -> Place<'a> {
    Place {
        table: "webhook",
        column,
        row: webhook,
    }
}

fn damaged(reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        what: "webhook's secret",
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_signed_as_there() {
        // Standard Webhooks, the libraries' common test vector.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let signed = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(
            signed.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
        assert_eq!(sign(&Secret::new("whsec_?".to_owned()), "msg", at, ""), None);
    }
}
