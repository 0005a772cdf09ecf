//! Requests that another site makes the browser send (CSRF).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use http::{HeaderMap, StatusCode, header};
use url::Url;
use vault::MacKey;

use crate::{problem::Problem, session::SessionToken};

/// The form field that carries the token.
pub const FIELD: &str = "csrf";

/// The token for one session's forms of one purpose (`"consent 17"`: put in whatever the form decides about, so that
/// it decides about nothing else, AS-14).
pub fn token(key: &MacKey, session: &SessionToken, purpose: &str) -> String {
    BASE64.encode(key.sign(&message(session, purpose)))
}

/// Whether a form with the token `presented` was sent by our own page in this very session.
pub fn check(
    key: &MacKey,
    session: &SessionToken,
    purpose: &str,
    presented: &str,
    headers: &HeaderMap,
    public_url: &Url,
) -> Result<(), CsrfError> {
    same_origin(headers, public_url)?;
    let tag = BASE64.decode(presented).map_err(|_| CsrfError::Token)?;
    if key.verify(&message(session, purpose), &tag) {
        Ok(())
    } else {
        Err(CsrfError::Token)
    }
}

/// Whether the browser says that the request comes from our own page. Programs that are no browsers say nothing and
/// pass; nor do they carry somebody else's cookie.
pub fn same_origin(headers: &HeaderMap, public_url: &Url) -> Result<(), CsrfError> {
    if let Some(site) = headers.get("sec-fetch-site") {
        // "none" is the person's own doing (address bar, bookmark), which never submits a form.
        return if site == "same-origin" {
            Ok(())
        } else {
            Err(CsrfError::Origin)
        };
    }
    match headers.get(header::ORIGIN) {
        None => Ok(()),
        // Our pages' `Referrer-Policy: no-referrer` makes browsers send `null` here even to ourselves. The token decides.
        Some(origin) if origin == "null" => Ok(()),
        Some(origin) if origin.as_bytes() == public_url.origin().ascii_serialization().as_bytes() => Ok(()),
        Some(_) => Err(CsrfError::Origin),
    }
}

fn message(session: &SessionToken, purpose: &str) -> Vec<u8> {
    // The session's part has a fixed length, so the two cannot run into each other.
    [session.as_bytes().as_slice(), purpose.as_bytes()].concat()
}

/// Why a form is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CsrfError {
    /// The browser says another site sent it.
    #[error("the form was sent from another site")]
    Origin,
    /// The token is missing, altered, another session's or for another form.
    #[error("the form is out of date: go back, reload the page and send it again")]
    Token,
}

impl From<CsrfError> for Problem {
    fn from(error: CsrfError) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forged-form").detail(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vault::{MasterKeys, SeededEntropy, Vault};

    use super::*;

    fn key() -> MacKey {
        let entropy = SeededEntropy::new(7);
        Vault::create(&MasterKeys::generate(&entropy), Arc::new(entropy))
            .0
            .mac("csrf")
    }

    fn public_url() -> Url {
        "https://localhost:8443".parse().unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_token_is_good_for_its_session_and_purpose_only() {
        // AS-14, SEC-15
        let (mine, other) = (
            SessionToken::generate(&SeededEntropy::new(1)),
            SessionToken::generate(&SeededEntropy::new(2)),
        );
        let given = token(&key(), &mine, "consent 17");
        let result = |session: &SessionToken, purpose: &str, presented: &str| {
            check(&key(), session, purpose, presented, &HeaderMap::new(), &public_url())
        };
        assert_eq!(result(&mine, "consent 17", &given), Ok(()));
        assert_eq!(result(&other, "consent 17", &given), Err(CsrfError::Token));
        assert_eq!(result(&mine, "consent 18", &given), Err(CsrfError::Token));
        assert_eq!(result(&mine, "consent 17", ""), Err(CsrfError::Token));
        assert_eq!(result(&mine, "consent 17", &format!("{given}A")), Err(CsrfError::Token));
    }

    #[test]
    fn what_the_browser_says_of_the_origin_counts() {
        for (sent, expected) in [
            (&[][..], Ok(())),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], Ok(())),
            (&[("sec-fetch-site", "same-site")], Err(CsrfError::Origin)),
            (&[("sec-fetch-site", "cross-site")], Err(CsrfError::Origin)),
            (&[("sec-fetch-site", "none")], Err(CsrfError::Origin)),
            (&[("origin", "https://localhost:8443")], Ok(())),
            (&[("origin", "null")], Ok(())),
            (&[("origin", "https://localhost:8444")], Err(CsrfError::Origin)),
            (&[("origin", "https://evil.example")], Err(CsrfError::Origin)),
        ] {
            assert_eq!(same_origin(&headers(sent), &public_url()), expected, "{sent:?}");
        }
    }
}
