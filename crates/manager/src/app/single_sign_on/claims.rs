//! The ID token (OpenID Connect Core 1.0 section 3.1.3.7).

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use oauth::Secret;
use serde::Deserialize;

use super::{SingleSignOnError, keys, provider::Client};

/// By how many seconds our clock and theirs may differ.
const LEEWAY: i64 = 60;
/// How many seconds ago somebody may have proved who they are, where they must do so once more.
const RECENT: i64 = 600;

/// Public keys only: with a shared secret whoever knows the client secret could write tokens, and `none` proves nothing
/// (SEC-25).
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What an ID token says, once it was verified.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    exp: i64,
    iat: i64,
    nonce: String,
    aud: OneOrMany,
    azp: Option<String>,
    auth_time: Option<i64>,
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    email_verified: Option<bool>,
}

/// What the userinfo endpoint says.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    sub: String,
    email: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    email_verified: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Some write `"true"`.
fn lenient<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Bool(is) => Some(is),
        serde_json::Value::String(text) => Some(text == "true"),
        _ => None,
    })
}

/// The claims of an ID token, if it is good: signed with a key of this issuer, for us, of this log-in, and fresh.
pub(super) fn verified(
    token: &Secret,
    known: &JwkSet,
    client: &Client,
    nonce: &str,
    now: Timestamp,
) -> Result<Claims, SingleSignOnError> {
    keys::install();
    let bad = |reason| SingleSignOnError::Token { reason };
    let header = decode_header(token.reveal()).map_err(|_| bad("it is no token"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(bad("it is signed by an algorithm that is not allowed"));
    }
    // Keys come from where the issuer says, never from the token's own header.
    let key = match &header.kid {
        Some(kid) => known.find(kid),
        None => match known.keys.as_slice() {
            [only] => Some(only),
            _ => None,
        },
    };
    let key = key.ok_or_else(|| bad("it is signed with an unknown key"))?;
    if key
        .common
        .key_algorithm
        .is_some_and(|algorithm| algorithm.to_string() != format!("{:?}", header.alg))
    {
        return Err(bad("it is signed by another algorithm than its key is for"));
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| bad("its key can't be used"))?;
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[&client.issuer]);
    validation.set_audience(&[&client.id]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // By our own clock, below.
    validation.validate_exp = false;
    let claims = decode::<Claims>(token.reveal(), &key, &validation)
        .map_err(|_| bad("its signature, issuer, audience or form is wrong"))?
        .claims;
    let now = now.as_second();
    if claims.exp.saturating_add(LEEWAY) <= now {
        return Err(bad("it has expired"));
    }
    if claims.iat.saturating_sub(LEEWAY) > now {
        return Err(bad("it was made in the future"));
    }
    if claims.nonce != nonce {
        return Err(bad("it belongs to another log-in"));
    }
    let (many, only) = match &claims.aud {
        OneOrMany::One(one) => (false, one == &client.id),
        OneOrMany::Many(many) => (many.len() > 1, many.contains(&client.id)),
    };
    let for_us = claims.azp.as_ref().map_or(!many, |azp| *azp == client.id);
    if !only || !for_us {
        return Err(bad("it is for somebody else"));
    }
    if claims.sub.is_empty() || claims.sub.len() > 255 {
        return Err(bad("it names nobody"));
    }
    Ok(claims)
}

impl Claims {
    /// Where somebody must prove who they are once more, they did so just now.
    pub(super) fn must_be_recent(&self, now: Timestamp) -> Result<(), SingleSignOnError> {
        let recent = self
            .auth_time
            .is_some_and(|at| at.saturating_add(RECENT) > now.as_second());
        if recent {
            Ok(())
        } else {
            Err(SingleSignOnError::Token {
                reason: "you were not asked to log in once more",
            })
        }
    }

    /// Takes over what the userinfo endpoint says of the same person.
    pub(super) fn take_email(&mut self, told: Told) -> Result<(), SingleSignOnError> {
        // Section 5.3.2: it must be the same subject.
        if told.sub != self.sub {
            return Err(SingleSignOnError::Token {
                reason: "it tells of somebody else",
            });
        }
        self.email = told.email;
        self.email_verified = told.email_verified;
        Ok(())
    }

    /// The mail address, if the identity provider stands by it. One that says nothing about it is the company's own and
    /// manages its addresses.
    pub(super) fn vouched_email(&self) -> Result<&str, SingleSignOnError> {
        match (&self.email, self.email_verified) {
            (_, Some(false)) => Err(SingleSignOnError::Token {
                reason: "the e-mail address has not been verified there",
            }),
            (Some(email), _) => Ok(email),
            (None, _) => Err(SingleSignOnError::Token {
                reason: "it tells no e-mail address",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::{Value, json};

    use super::*;

    fn pair() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
    }

    fn known() -> JwkSet {
        let x = BASE64.encode(pair().public_key());
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "one", "alg": "EdDSA", "use": "sig"});
        serde_json::from_value(json!({"keys": [key]})).unwrap()
    }

    fn signed(header: &Value, claims: &Value) -> String {
        let written = [header, claims].map(|part| BASE64.encode(part.to_string()));
        let message = written.join(".");
        let signature = pair().sign(message.as_bytes());
        format!("{message}.{}", BASE64.encode(signature))
    }

    fn good() -> Value {
        json!({
            "iss": "https://login.example", "aud": "rightful", "sub": "grace-1", "nonce": "n", "iat": 1_000_000,
            "exp": 1_000_600, "email": "grace@example.com", "email_verified": true,
        })
    }

    fn checked(token: &str) -> Result<Claims, SingleSignOnError> {
        let client = Client {
            issuer: "https://login.example".to_owned(),
            id: "rightful".to_owned(),
            secret: None,
        };
        let now = Timestamp::from_second(1_000_300).unwrap();
        verified(&Secret::new(token.to_owned()), &known(), &client, "n", now)
    }

    #[test]
    fn a_good_token_is_believed() {
        let header = json!({"alg": "EdDSA", "kid": "one"});
        let claims = checked(&signed(&header, &good())).unwrap();
        assert_eq!(
            (claims.sub.as_str(), claims.vouched_email().unwrap()),
            ("grace-1", "grace@example.com")
        );
        checked(&signed(&json!({"alg": "EdDSA"}), &good())).unwrap();
    }

    #[test]
    fn tokens_of_others_for_others_or_of_another_time_are_not() {
        // SEC-23, SEC-25
        let header = json!({"alg": "EdDSA", "kid": "one"});
        for (name, value) in [
            ("iss", json!("https://evil.example")),
            ("iss", Value::Null),
            ("aud", json!("somebody-else")),
            ("aud", json!(["somebody-else"])),
            ("aud", json!(["rightful", "somebody-else"])),
            ("azp", json!("somebody-else")),
            ("nonce", json!("another")),
            ("nonce", Value::Null),
            ("exp", json!(1_000_200)),
            ("exp", json!("never")),
            ("exp", Value::Null),
            ("iat", json!(1_000_400)),
            ("sub", json!("")),
            ("sub", Value::Null),
        ] {
            let mut claims = good();
            claims[name] = value.clone();
            assert!(checked(&signed(&header, &claims)).is_err(), "{name} {value}");
        }
        let mut several = good();
        several["aud"] = json!(["rightful", "somebody-else"]);
        several["azp"] = json!("rightful");
        checked(&signed(&header, &several)).unwrap();
    }

    #[test]
    fn a_token_that_the_issuers_keys_did_not_sign_is_not() {
        // SEC-25
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "HS256", "kid": "one"}),
            json!({"alg": "RS256", "kid": "one"}),
            json!({"alg": "ES256", "kid": "one"}),
            json!({"alg": "EdDSA", "kid": "two"}),
            json!({"alg": "EdDSA", "kid": "two", "jwk": known().keys[0]}),
        ] {
            assert!(checked(&signed(&header, &good())).is_err(), "{header}");
        }
        let token = signed(&json!({"alg": "EdDSA", "kid": "one"}), &good());
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let (head, body) = rest.split_once('.').unwrap();
        let mut other = good();
        other["sub"] = json!("mallory");
        let other = BASE64.encode(other.to_string());
        for broken in [
            format!("{head}.{other}.{signature}"),
            format!("{head}.{body}."),
            format!("{head}.{body}"),
            String::new(),
        ] {
            assert!(checked(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn an_address_that_the_provider_does_not_stand_by_is_nobodys() {
        let header = json!({"alg": "EdDSA", "kid": "one"});
        for (verified, believed) in [
            (json!(false), false),
            (json!("false"), false),
            (json!("true"), true),
            (Value::Null, true),
        ] {
            let mut claims = good();
            claims["email_verified"] = verified.clone();
            let claims = checked(&signed(&header, &claims)).unwrap();
            assert_eq!(claims.vouched_email().is_ok(), believed, "{verified}");
        }
    }
}
