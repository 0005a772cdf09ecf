//! What a user is called: sealed at rest, found by a keyed hash of the normalised address.

use oauth::Secret;
use serde::{Deserialize, Serialize};
use store::StoreError;
use vault::{Place, Vault};

use crate::UserId;

/// A user's e-mail address and names. It cannot be printed by accident.
#[derive(Clone)]
pub struct Profile {
    /// The address they log in with, as they wrote it.
    pub email: Secret,
    /// May be empty.
    pub first_name: Secret,
    /// May be empty.
    pub last_name: Secret,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profile(..)")
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    email: std::borrow::Cow<'a, str>,
    first_name: std::borrow::Cow<'a, str>,
    last_name: std::borrow::Cow<'a, str>,
}

impl Profile {
    pub(crate) fn seal(&self, vault: &Vault, user: UserId) -> Vec<u8> {
        let sealed = Sealed {
            email: self.email.reveal().into(),
            first_name: self.first_name.reveal().into(),
            last_name: self.last_name.reveal().into(),
        };
        let json = serde_json::json!(sealed).to_string();
        vault.seal(&place(&user.to_string()), json.as_bytes())
    }

    pub(crate) fn open(vault: &Vault, user: UserId, sealed: &[u8]) -> Result<Self, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            what: "profile",
            reason,
        };
        let json = vault
            .open(&place(&user.to_string()), sealed)
            .map_err(|error| corrupt(error.to_string()))?;
        let profile: Sealed<'_> =
            serde_json::from_slice(&json).map_err(|_| corrupt("it is not what was sealed".to_owned()))?;
        let secret = |text: std::borrow::Cow<'_, str>| Secret::new(text.into_owned());
        Ok(Self {
            email: secret(profile.email),
            first_name: secret(profile.first_name),
            last_name: secret(profile.last_name),
        })
    }
}

/// What an address is found by: upper and lower case mean the same person.
pub(crate) fn email_index(vault: &Vault, email: &Secret) -> [u8; 32] {
    vault.blind_index("user-email", &email.reveal().trim().to_lowercase())
}

/// Whether `text` has the shape of an address: something, one `@`, a host; no spaces or control characters.
pub(crate) fn is_email(text: &str) -> bool {
    let shape = text.rsplit_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && local.len() <= 64 && !host.is_empty() && !host.starts_with('.') && !host.ends_with('.')
    });
    shape
        && text.len() <= 254
        && text.matches('@').count() == 1
        && !text
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "app_user",
        column: "profile",
        row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_an_at_and_a_host() {
        for (text, fine) in [
            ("ada@example.test", true),
            ("a.b+c@localhost", true),
            ("", false),
            ("ada", false),
            ("@example.test", false),
            ("ada@", false),
            ("ada@b@c", false),
            ("ada@.test", false),
            ("a da@example.test", false),
            ("ada@example.test\r\nBcc: x", false),
        ] {
            assert_eq!(is_email(text), fine, "{text}");
        }
    }
}
