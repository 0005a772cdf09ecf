//! The session's cookie.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use cookie::{Cookie, CookieBuilder, SameSite};
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};
use vault::{Entropy, random_bytes};

/// What the browser holds: 32 random bytes (SEC-9, SEC-28). We keep only its [`hash`](Self::hash).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// A new one. Take a new one at every log-in, so that one planted before it is worth nothing.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_bytes(entropy))
    }

    /// What is stored and looked up: SHA-256, for the token is random enough to need no more.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// One service's cookie: `Secure`, `HttpOnly`, `SameSite=Lax`, for the whole host and no other (SEC-13).
#[derive(Debug, Clone, Copy)]
pub struct SessionCookie {
    name: &'static str,
}

impl SessionCookie {
    /// The cookie called `name`. Name it `__Host-…` and differently in each service: two may share a host, and
    /// cookies know no ports.
    pub const fn named(name: &'static str) -> Self {
        Self { name }
    }

    /// The token the request carries. Two cookies of the name are no cookie: one of them is planted.
    pub fn read(&self, headers: &HeaderMap) -> Option<SessionToken> {
        let mut tokens = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(self.name)?.strip_prefix('='));
        let token = BASE64.decode(tokens.next()?).ok()?;
        if tokens.next().is_some() {
            return None;
        }
        token.try_into().ok().map(SessionToken)
    }

    /// The `Set-Cookie` value that hands out `token`. The cookie ends with the browser; the session by its own rule.
    pub fn set(&self, token: &SessionToken) -> HeaderValue {
        header_of(Cookie::build((self.name, BASE64.encode(token.0))))
    }

    /// The `Set-Cookie` value that takes the cookie away.
    pub fn clear(&self) -> HeaderValue {
        header_of(Cookie::build((self.name, "")).removal())
    }
}

/// A cookie of ours: for this host over TLS alone, out of the reach of scripts.
pub(crate) fn header_of(builder: CookieBuilder<'_>) -> HeaderValue {
    let cookie = builder
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .path("/")
        .build();
    // A name chosen by us and base64url: always a header value.
    HeaderValue::from_str(&cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use vault::SeededEntropy;

    use super::*;

    const COOKIE: SessionCookie = SessionCookie::named("__Host-rightful-test");

    fn sent(cookies: &[&str]) -> HeaderMap {
        let value = |text: &&str| (header::COOKIE, text.parse().unwrap());
        cookies.iter().map(value).collect()
    }

    #[test]
    fn a_cookie_comes_back_as_the_token_it_was() {
        let token = SessionToken::generate(&SeededEntropy::new(1));
        let set = COOKIE.set(&token);
        let (pair, attributes) = set.to_str().unwrap().split_once(';').unwrap();
        // SEC-13
        assert_eq!(attributes, " HttpOnly; SameSite=Lax; Secure; Path=/");
        assert_eq!(
            COOKIE.read(&sent(&["other=1", &format!("a=b; {pair}; c=d")])),
            Some(token.clone())
        );
        assert_ne!(token.hash(), *token.as_bytes());
    }

    #[test]
    fn a_doubled_foreign_or_broken_cookie_is_none() {
        let token = SessionToken::generate(&SeededEntropy::new(1));
        let set = COOKIE.set(&token);
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        for cookies in [
            format!("{pair}; {pair}"),
            format!("x{pair}"),
            pair[..40].to_owned(),
            format!("{pair}AAAA"),
            String::new(),
        ] {
            assert_eq!(COOKIE.read(&sent(&[&cookies])), None, "{cookies}");
        }
    }

    #[test]
    fn a_cleared_cookie_is_expired() {
        let clear = COOKIE.clear();
        assert!(
            clear
                .to_str()
                .unwrap()
                .starts_with("__Host-rightful-test=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0")
        );
    }
}
