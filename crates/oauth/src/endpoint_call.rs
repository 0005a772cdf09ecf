//! A call of an endpoint where clients authenticate: token, revocation, introspection.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::encoding::decode_form;
use crate::{ClientId, Parameters, Secret, TokenError};

/// The parts of a POST that count, as they arrived.
#[derive(Clone, Copy)]
pub struct EndpointCall<'a> {
    /// Every value of `Authorization`.
    pub authorization: &'a [&'a [u8]],
    /// The value of `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The query string without its `?`.
    pub query: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// How a client proved who it is (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMethod {
    /// `client_secret_basic`: the `Authorization` header.
    Basic,
    /// `client_secret_post`: the form body (or the query, where that is allowed).
    Post,
    /// `none`: it only named itself.
    None,
}

/// Who calls, and with what proof.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// The client named.
    pub client: ClientId,
    /// The secret, if one was sent; never empty.
    pub secret: Option<Secret>,
    /// The one method used.
    pub method: ClientMethod,
}

/// Parameters with a meaning at these endpoints: none of them belongs in a URL.
const BODY_ONLY: [&str; 14] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "access_token",
    "token",
    "username",
    "password",
    "scope",
    "scopes",
];

impl EndpointCall<'_> {
    /// The parameters of the body, joined with those of the query where `allow_query` (setting
    /// `token_query_parameters`) lets older clients of the vendor do that.
    pub fn parameters(&self, allow_query: bool) -> Result<Parameters, TokenError> {
        let query = Parameters::parse(self.query.unwrap_or_default())?;
        // RFC 6749 section 2.3.1: credentials must not be in the URI, where proxies and histories keep them.
        if !allow_query && let Some(name) = BODY_ONLY.into_iter().find(|name| query.contains(name)) {
            return Err(TokenError::InvalidRequest(
                format!("parameter {name} belongs in the body, not in the URL").into(),
            ));
        }
        if self.body.is_empty() {
            return Ok(query);
        }
        if !self.content_type.is_some_and(is_form) {
            return Err(TokenError::InvalidRequest(
                "content type must be application/x-www-form-urlencoded".into(),
            ));
        }
        Ok(query.joined(Parameters::parse(self.body)?))
    }

    /// Who calls: by exactly one method (RFC 6749 section 2.3).
    pub fn credentials(&self, parameters: &Parameters) -> Result<ClientCredentials, TokenError> {
        let named = parameters.optional("client_id")?;
        let posted = parameters.optional("client_secret")?;
        let asserted = parameters.optional("client_assertion")?.is_some();
        match (self.authorization, posted) {
            ([], Some(_)) if asserted => Err(two_methods()),
            ([], None) if asserted => Err(TokenError::InvalidClient { by_header: false }),
            ([], Some(secret)) => Ok(ClientCredentials {
                client: known(
                    named.ok_or_else(|| TokenError::InvalidRequest("parameter client_id is missing".into()))?,
                )?,
                secret: Some(Secret::new(secret.to_owned())),
                method: ClientMethod::Post,
            }),
            ([], None) => Ok(ClientCredentials {
                client: known(named.ok_or(TokenError::InvalidClient { by_header: false })?)?,
                secret: None,
                method: ClientMethod::None,
            }),
            ([header], None) if !asserted => {
                let credentials = basic(header).ok_or(TokenError::InvalidClient { by_header: true })?;
                // Many clients name themselves in the body as well; that is no second method unless it differs.
                if named.is_some_and(|named| named.parse() != Ok(credentials.client)) {
                    return Err(TokenError::InvalidRequest(
                        "client_id differs from the Authorization header".into(),
                    ));
                }
                Ok(credentials)
            }
            _ => Err(two_methods()),
        }
    }
}

fn two_methods() -> TokenError {
    TokenError::InvalidRequest("more than one method of client authentication".into())
}

fn known(client_id: &str) -> Result<ClientId, TokenError> {
    client_id
        .parse()
        .map_err(|_| TokenError::InvalidClient { by_header: false })
}

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Reads `Basic` credentials, form-urlencoded inside (RFC 6749 section 2.3.1). Clients that do not encode are understood
/// too: secrets are issued in characters that mean themselves either way.
fn basic(header: &[u8]) -> Option<ClientCredentials> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let header = str::from_utf8(header).ok()?;
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(LENIENT.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let secret = decode_form(secret.as_bytes()).unwrap_or_else(|| secret.to_owned());
    Some(ClientCredentials {
        client: decode_form(id.as_bytes())?.parse().ok()?,
        secret: Some(secret).filter(|secret| !secret.is_empty()).map(Secret::new),
        method: ClientMethod::Basic,
    })
}

#[cfg(test)]
mod tests;
