//! Tokens as they travel. Access tokens, and refresh tokens of confidential applications, are signed and not stored;
//! everything else is 32 random bytes of which the database keeps the SHA-256 (AS-55).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use oauth::Secret;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use vault::{Entropy, MacKey, Vault, random_bytes};

use crate::GrantId;

/// A prefix tells people and secret scanners what they have found; it decides nothing.
const ACCESS: &str = "rfa_";
const REFRESH: &str = "rfr_";
pub(crate) const CODE: &str = "rfc_";
pub(crate) const CLIENT_SECRET: &str = "rfk_";
pub(crate) const PERSONAL: &str = "rfp_";
/// A link that was mailed.
pub(crate) const LINK: &str = "rfl_";
pub(crate) const SERVICE: &str = "rfs_";

const MAC_BYTES: usize = 32;
const ACCESS_BYTES: usize = 16 + 8 + 8 + 16;
const REFRESH_BYTES: usize = 16 + 16;

/// The keys that sign tokens.
pub(crate) struct TokenKeys {
    access: MacKey,
    refresh: MacKey,
}

/// An access token that we issued, whether or not it still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccessToken {
    pub(crate) grant: GrantId,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl TokenKeys {
    pub(crate) fn new(vault: &Vault) -> Self {
        Self {
            access: vault.mac("access-token"),
            refresh: vault.mac("refresh-token"),
        }
    }

    /// `grant (16) | issued (8) | expires (8) | random (16) | tag (32)`.
    pub(crate) fn issue_access(&self, token: &AccessToken, entropy: &dyn Entropy) -> Secret {
        let mut bytes = Vec::with_capacity(ACCESS_BYTES + MAC_BYTES);
        bytes.extend_from_slice(token.grant.0.as_bytes());
        bytes.extend_from_slice(&token.issued_at.as_microsecond().to_be_bytes());
        bytes.extend_from_slice(&token.expires_at.as_microsecond().to_be_bytes());
        bytes.extend_from_slice(&random_bytes::<16>(entropy));
        sealed(ACCESS, bytes, &self.access)
    }

    /// The access token that `text` is, if we issued it.
    pub(crate) fn access(&self, text: &Secret) -> Option<AccessToken> {
        let bytes = opened(ACCESS, text, ACCESS_BYTES, &self.access)?;
        let (grant, rest) = bytes.split_first_chunk::<16>()?;
        let (issued_at, rest) = rest.split_first_chunk::<8>()?;
        let (expires_at, _) = rest.split_first_chunk::<8>()?;
        Some(AccessToken {
            grant: GrantId(Uuid::from_bytes(*grant)),
            issued_at: Timestamp::from_microsecond(i64::from_be_bytes(*issued_at)).ok()?,
            expires_at: Timestamp::from_microsecond(i64::from_be_bytes(*expires_at)).ok()?,
        })
    }

    /// `grant (16) | random (16) | tag (32)`.
    pub(crate) fn issue_refresh(&self, grant: GrantId, entropy: &dyn Entropy) -> Secret {
        let mut bytes = Vec::with_capacity(REFRESH_BYTES + MAC_BYTES);
        bytes.extend_from_slice(grant.0.as_bytes());
        bytes.extend_from_slice(&random_bytes::<16>(entropy));
        sealed(REFRESH, bytes, &self.refresh)
    }

    /// The grant of the refresh token that `text` is, if we issued it.
    pub(crate) fn refresh(&self, text: &Secret) -> Option<GrantId> {
        let bytes = opened(REFRESH, text, REFRESH_BYTES, &self.refresh)?;
        let (grant, _) = bytes.split_first_chunk::<16>()?;
        Some(GrantId(Uuid::from_bytes(*grant)))
    }
}

/// 32 random bytes behind a prefix, in characters that mean themselves in every encoding (AS-36).
pub(crate) fn random(prefix: &str, entropy: &dyn Entropy) -> Secret {
    Secret::new(format!("{prefix}{}", BASE64.encode(random_bytes::<32>(entropy))))
}

/// What is stored of a random token: they are random enough to need no salt and no slow hash.
pub(crate) fn hash(token: &Secret) -> [u8; 32] {
    Sha256::digest(token.reveal().as_bytes()).into()
}

/// For the names of locks.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn sealed(prefix: &str, mut bytes: Vec<u8>, key: &MacKey) -> Secret {
    let tag = key.sign(&bytes);
    bytes.extend_from_slice(&tag);
    Secret::new(format!("{prefix}{}", BASE64.encode(bytes)))
}

fn opened(prefix: &str, text: &Secret, length: usize, key: &MacKey) -> Option<Vec<u8>> {
    let mut bytes = BASE64.decode(text.reveal().strip_prefix(prefix)?).ok()?;
    if bytes.len() != length + MAC_BYTES {
        return None;
    }
    let tag = bytes.split_off(length);
    key.verify(&bytes, &tag).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vault::{MasterKeys, SeededEntropy};

    use super::*;

    fn keys() -> TokenKeys {
        let entropy = SeededEntropy::new(1);
        TokenKeys::new(&Vault::create(&MasterKeys::generate(&entropy), Arc::new(entropy)).0)
    }

    fn token() -> AccessToken {
        AccessToken {
            grant: GrantId(Uuid::from_u128(7)),
            issued_at: Timestamp::from_second(1_000).unwrap(),
            expires_at: Timestamp::from_second(8_200).unwrap(),
        }
    }

    #[test]
    fn a_token_comes_back_as_what_it_was() {
        let keys = keys();
        let entropy = SeededEntropy::new(2);
        let issued = keys.issue_access(&token(), &entropy);
        assert_eq!(keys.access(&issued), Some(token()));
        let refresh = keys.issue_refresh(token().grant, &entropy);
        assert_eq!(keys.refresh(&refresh), Some(token().grant));
        assert_ne!(issued.reveal(), keys.issue_access(&token(), &entropy).reveal());
    }

    #[test]
    fn no_changed_token_and_none_of_another_kind_is_taken() {
        // AS-67
        let keys = keys();
        let entropy = SeededEntropy::new(2);
        let issued = keys.issue_access(&token(), &entropy).into_revealed();
        for at in ACCESS.len()..issued.len() {
            let mut changed = issued.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = Secret::new(String::from_utf8(changed).unwrap());
            assert_eq!(keys.access(&changed), None, "{at}");
        }
        let refresh = keys.issue_refresh(token().grant, &entropy);
        assert_eq!(keys.access(&refresh), None);
        let disguised = refresh.reveal().replace(REFRESH, ACCESS);
        assert_eq!(keys.access(&Secret::new(disguised)), None);
        for text in ["", "rfa_", "rfa_AAAA", &issued[4..], &format!("{issued}A")] {
            assert_eq!(keys.access(&Secret::new(text.to_owned())), None);
        }
    }

    #[test]
    fn random_tokens_are_long_and_never_the_same() {
        // AS-27
        let entropy = SeededEntropy::new(3);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let code = random(CODE, &entropy).into_revealed();
            assert_eq!(code.len(), CODE.len() + 43);
            assert!(seen.insert(code));
        }
    }
}
