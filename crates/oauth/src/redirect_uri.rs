//! Where answers may go: what can be registered, and what a request may name.

use std::fmt;

use url::Url;

use crate::{Client, ClientType, Grants, Parameters};

/// A redirect URI as it was registered, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

/// A redirect URI that passed the rules of registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The URI to store.
    pub uri: RedirectUri,
    /// It is plain http to another machine: allowed for implicit-only applications, to be marked wherever it is shown.
    pub insecure: bool,
}

/// Why a redirect URI cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// RFC 6749 section 3.1.2.
    #[error("a redirect URI must be absolute, like https://app.example/callback")]
    NotAbsolute,
    /// Longer than [`RedirectUri::LIMIT`] bytes.
    #[error("a redirect URI has at most 2000 characters")]
    TooLong,
    /// Spaces, control characters, backslashes, quotes or letters beyond ASCII: browsers rewrite them, so they never match.
    #[error(
        "a redirect URI has only printable ASCII characters; write host names in their xn-- form and encode the rest"
    )]
    Characters,
    /// RFC 6749 section 3.1.2.
    #[error("a redirect URI must have no #fragment")]
    Fragment,
    /// A user name hides the real host from people.
    #[error("a redirect URI must have no user name or password")]
    UserInfo,
    /// Patterns are not supported: comparison is exact (RFC 9700 section 2.1).
    #[error("a redirect URI must name one host, without *")]
    Wildcard,
    /// Its query already has a parameter that answers carry.
    #[error("the query of a redirect URI must not hold code, state, error, iss or another parameter of the answer")]
    ReservedParameter,
    /// RFC 9700 section 2.6 and the vendor's rule.
    #[error(
        "http:// is refused for the code grant; use https://, or for a public application http://127.0.0.1 or http://[::1]"
    )]
    Insecure,
    /// `localhost` may resolve to another machine (RFC 8252 section 8.3).
    #[error("http://localhost is refused; use http://127.0.0.1 or http://[::1]")]
    Localhost,
    /// Neither https nor http, nor a private-use scheme of a public client (RFC 8252 section 7.1).
    #[error(
        "a redirect URI starts with https://; a public application may use a scheme of its own domain, like com.example.app:/callback"
    )]
    Scheme,
}

/// Parameters of an answer, which a registered query must not forge.
const RESERVED: [&str; 9] = [
    "code",
    "state",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "access_token",
    "token_type",
    "expires_in",
];

impl RedirectUri {
    /// The longest URI that can be registered, in bytes.
    pub const LIMIT: usize = 2000;

    /// Applies the rules of registration for an application of this type with these grants.
    pub fn register(text: &str, client_type: ClientType, grants: Grants) -> Result<Registered, RedirectUriError> {
        if text.len() > Self::LIMIT {
            return Err(RedirectUriError::TooLong);
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'`'))
        {
            return Err(RedirectUriError::Characters);
        }
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
        let insecure = match url.scheme() {
            "https" => check_authority(text, &url).map(|()| false)?,
            "http" => {
                check_authority(text, &url)?;
                check_plain_http(text, &url, client_type, grants)?
            }
            scheme if client_type == ClientType::Public && scheme.contains('.') => false,
            _ => return Err(RedirectUriError::Scheme),
        };
        let query = Parameters::parse(url.query().unwrap_or_default()).map_err(|_| RedirectUriError::Characters)?;
        if RESERVED.iter().any(|name| query.contains(name)) {
            return Err(RedirectUriError::ReservedParameter);
        }
        Ok(Registered {
            uri: Self(text.to_owned()),
            insecure,
        })
    }

    /// A URI from storage, taken as it is: rules that were tightened later are applied when it is used.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The URI, byte for byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request of this type of client may name `requested`: exact string comparison (RFC 9700 section 2.1);
    /// only the port of a loopback literal of a public client is free (RFC 8252 section 7.3).
    pub fn matches(&self, requested: &str, client_type: ClientType) -> bool {
        if self.0 == requested {
            return true;
        }
        client_type == ClientType::Public
            && match (loopback(&self.0), loopback(requested)) {
                (Some(registered), Some(requested)) => registered == requested,
                _ => false,
            }
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Client {
    /// Whether a request may name this redirect URI.
    pub fn may_return_to(&self, requested: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|registered| registered.matches(requested, self.client_type))
    }
}

/// Whether a code may be sent to `uri`: not over plain http, but to the loopback literal of a public client.
pub(crate) fn may_carry_code(uri: &str, client_type: ClientType) -> bool {
    let plain = uri.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    !plain || (client_type == ClientType::Public && loopback(uri).is_some())
}

/// The host literal and everything behind the port of a loopback URI; `None` for any other. Only the two literals as
/// RFC 8252 section 7.3 writes them count: `127.1`, `localhost` and the like have other readings.
fn loopback(uri: &str) -> Option<(&'static str, &str)> {
    let (host, rest) = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find_map(|host| Some((host, uri.strip_prefix("http://")?.strip_prefix(host)?)))?;
    let path = match rest.strip_prefix(':') {
        None => rest,
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (port, path) = rest.split_at_checked(digits)?;
            port.parse::<u16>().ok().filter(|port| *port > 0)?;
            path
        }
    };
    (path.is_empty() || path.starts_with(['/', '?'])).then_some((host, path))
}

fn check_authority(text: &str, url: &Url) -> Result<(), RedirectUriError> {
    // The parser reads `https:host` and `https:/host` as `https://host`; a comparison of strings would not.
    let rest = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let authority = rest.and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    if authority.is_empty() || !url.has_host() {
        return Err(RedirectUriError::NotAbsolute);
    }
    if authority.contains('@') {
        return Err(RedirectUriError::UserInfo);
    }
    if authority.contains('*') {
        return Err(RedirectUriError::Wildcard);
    }
    Ok(())
}

/// Whether the URI is insecure, if plain http is allowed for it at all.
fn check_plain_http(text: &str, url: &Url, client_type: ClientType, grants: Grants) -> Result<bool, RedirectUriError> {
    if client_type == ClientType::Public && loopback(text).is_some() {
        return Ok(false);
    }
    if client_type == ClientType::Public && grants.implicit && !grants.code {
        return Ok(true);
    }
    if client_type == ClientType::Public && url.host_str() == Some("localhost") {
        return Err(RedirectUriError::Localhost);
    }
    Err(RedirectUriError::Insecure)
}

#[cfg(test)]
mod tests;
