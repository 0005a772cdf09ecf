//! Proof Key for Code Exchange (RFC 7636), with S256 as the only method.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::Secret;

/// The secret that a client proves at the exchange: 43 to 128 unreserved characters (RFC 7636 section 4.1).
#[derive(Debug, Clone)]
pub struct Verifier(Secret);

/// The text is not 43 to 128 characters of `A-Z a-z 0-9 - . _ ~`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code verifier has 43 to 128 unreserved characters")]
pub struct VerifierError;

impl Verifier {
    /// The verifier of 43 characters that 32 random bytes make.
    pub fn from_entropy(random: [u8; 32]) -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(random)))
    }

    /// Takes a verifier as it came in.
    pub fn parse(text: &str) -> Result<Self, VerifierError> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
            Ok(Self(Secret::new(text.to_owned())))
        } else {
            Err(VerifierError)
        }
    }

    /// The challenge to show in the authorization request (RFC 7636 section 4.2).
    pub fn challenge(&self) -> Challenge {
        Challenge(Sha256::digest(self.0.reveal()).into())
    }

    /// Lets the verifier out, for the token request or for sealed storage.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// An S256 challenge: the SHA-256 of a verifier. Written as 43 characters of base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge([u8; 32]);

/// Why a challenge is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// RFC 7636 section 4.4.1; a missing method would mean `plain`, which proves nothing to a reader of the request.
    #[error("code_challenge_method must be S256")]
    Method,
    /// Not the base64url form, without padding, of 32 bytes.
    #[error("code_challenge must be 43 characters of base64url")]
    Malformed,
}

impl Challenge {
    /// The only method.
    pub const METHOD: &'static str = "S256";

    /// Takes `code_challenge` and `code_challenge_method` as they came in.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, ChallengeError> {
        if method == Some(Self::METHOD) {
            challenge.parse()
        } else {
            Err(ChallengeError::Method)
        }
    }

    /// Whether `verifier` is the one this challenge was made from (RFC 7636 section 4.6).
    pub fn accepts(&self, verifier: &Verifier) -> bool {
        self.0.ct_eq(&verifier.challenge().0).into()
    }
}

impl FromStr for Challenge {
    type Err = ChallengeError;

    fn from_str(text: &str) -> Result<Self, ChallengeError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ChallengeError::Malformed)?;
        bytes.try_into().map(Self).map_err(|_| ChallengeError::Malformed)
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_vector_of_rfc_7636_appendix_b_passes() {
        // AS-34
        let random = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = Verifier::from_entropy(random);
        assert_eq!(verifier.reveal(), VERIFIER);
        assert_eq!(verifier.challenge().to_string(), CHALLENGE);
        assert!(Challenge::parse(CHALLENGE, Some("S256")).unwrap().accepts(&verifier));
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        // AS-34, RFC 7636 section 4.1
        let fill = |length: usize| "a".repeat(length);
        for (text, fine) in [
            (fill(42), false),
            (fill(43), true),
            (fill(128), true),
            (fill(129), false),
            (fill(42) + "~", true),
            (fill(42) + "-._~", true),
            (fill(42) + "!", false),
            (fill(42) + "=", false),
            (fill(42) + " ", false),
            (fill(42) + "é", false),
            (String::new(), false),
        ] {
            assert_eq!(Verifier::parse(&text).is_ok(), fine, "{text}");
        }
    }

    #[test]
    fn a_challenge_is_s256_and_43_characters() {
        for (challenge, method, expected) in [
            (CHALLENGE, Some("S256"), None),
            (CHALLENGE, Some("plain"), Some(ChallengeError::Method)), // AS-33
            (CHALLENGE, None, Some(ChallengeError::Method)),
            (CHALLENGE, Some("s256"), Some(ChallengeError::Method)),
            (
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
                Some("S256"),
                Some(ChallengeError::Malformed),
            ),
            (
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
                Some("S256"),
                Some(ChallengeError::Malformed),
            ),
            ("E9Melhoa", Some("S256"), Some(ChallengeError::Malformed)),
            ("", Some("S256"), Some(ChallengeError::Malformed)),
        ] {
            assert_eq!(
                Challenge::parse(challenge, method).err(),
                expected,
                "{challenge} {method:?}"
            );
        }
    }

    #[test]
    fn debug_hides_the_verifier() {
        assert!(!format!("{:?}", Verifier::parse(VERIFIER).unwrap()).contains("dBjft"));
    }

    proptest! {
        #[test]
        fn a_challenge_accepts_its_verifier_and_no_other(one in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
            let challenge: Challenge = Verifier::from_entropy(one).challenge().to_string().parse().unwrap();
            prop_assert!(challenge.accepts(&Verifier::from_entropy(one)));
            prop_assert_eq!(challenge.accepts(&Verifier::from_entropy(other)), one == other);
        }
    }
}
