//! The secret part of a link to a form.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use sha2::{Digest as _, Sha256};
use vault::{Entropy, random_bytes};

/// What a mailed link holds: 32 random bytes (SEC-9). We keep only its [`hash`](Self::hash).
#[derive(Clone, PartialEq, Eq)]
pub struct ContactToken([u8; 32]);

/// The text can't be the token of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct NotAToken;

impl ContactToken {
    /// A new one.
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_bytes(entropy))
    }

    /// What is stored and looked up: SHA-256, for the token is random enough to need no more.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// The path of the form, with the token in it: for the mail alone.
    pub(crate) fn path(&self) -> String {
        format!("/c/{}", BASE64.encode(self.0))
    }
}

impl fmt::Debug for ContactToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactToken(..)")
    }
}

impl FromStr for ContactToken {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let bytes = BASE64.decode(text).map_err(|_| NotAToken)?;
        bytes.try_into().map(Self).map_err(|_| NotAToken)
    }
}

#[cfg(test)]
mod tests {
    use vault::SeededEntropy;

    use super::*;

    #[test]
    fn a_token_comes_back_from_its_link_and_nothing_else_does() {
        let token = ContactToken::generate(&SeededEntropy::new(1));
        let path = token.path();
        let text = path.strip_prefix("/c/").unwrap();
        assert_eq!(text.parse::<ContactToken>().unwrap(), token);
        assert_ne!(token.hash(), token.0);
        assert!(!format!("{token:?}").contains(text));
        for wrong in ["", "x", &text[1..], &format!("{text}A"), &format!("{text}=")] {
            assert!(wrong.parse::<ContactToken>().is_err(), "{wrong}");
        }
    }
}
