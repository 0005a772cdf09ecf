//! The description that an authorization server gives of itself (RFC 8414).

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Challenge, ClientMethod, Scope};

/// The document at [`metadata_url`]. Lists that do not apply are left out: an empty list is not allowed (section 3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerMetadata {
    /// The server's own name for itself: a URL without query and fragment.
    pub issuer: String,
    /// Where users are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where codes and refresh tokens are exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// RFC 7009.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// RFC 7662.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    /// Scopes that may be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Values of `response_type`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_types_supported: Vec<String>,
    /// Values of `grant_type`, with `implicit`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_types_supported: Vec<String>,
    /// How clients prove themselves at the token endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// How clients prove themselves at the revocation endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// How callers prove themselves at the introspection endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// PKCE methods (RFC 8414 section 2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// Every answer of the authorization endpoint carries `iss` (RFC 9207 section 3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// A page for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
}

/// The URLs of a server's endpoints.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints<'a> {
    /// Where users are sent.
    pub authorization: &'a str,
    /// Where codes and refresh tokens are exchanged.
    pub token: &'a str,
    /// RFC 7009.
    pub revocation: &'a str,
    /// RFC 7662.
    pub introspection: &'a str,
}

/// Why a client does not believe a document. No part of the document is repeated in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// RFC 8414 section 3.3: it speaks for somebody else.
    #[error("the metadata names another issuer than the configured one")]
    Issuer,
    /// An endpoint that is needed is not there.
    #[error("the metadata has no {0}")]
    Missing(&'static str),
    /// An endpoint is not a URL, or not one that may be called.
    #[error("the {0} of the metadata is not an allowed URL")]
    Endpoint(&'static str),
    /// It says that it cannot do the code grant.
    #[error("the server does not support response_type code")]
    NoCodeGrant,
}

/// What a client takes from a document that it believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// The issuer, equal to the configured one.
    pub issuer: String,
    /// Where users are sent.
    pub authorization_endpoint: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token_endpoint: Url,
    /// Where tokens are revoked, if the server can.
    pub revocation_endpoint: Option<Url>,
    /// Answers without `iss` must be refused.
    pub iss_advertised: bool,
    /// How to send the client secret: in the body where that is listed.
    pub client_method: ClientMethod,
}

impl ServerMetadata {
    /// The document of a server built on this crate: it claims what this crate does, no more.
    pub fn describing(issuer: &str, endpoints: Endpoints<'_>) -> Self {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: Some(endpoints.authorization.to_owned()),
            token_endpoint: Some(endpoints.token.to_owned()),
            revocation_endpoint: Some(endpoints.revocation.to_owned()),
            introspection_endpoint: Some(endpoints.introspection.to_owned()),
            scopes_supported: list(&[Scope::All.as_str()]),
            response_types_supported: list(&["code", "token"]),
            grant_types_supported: list(&["authorization_code", "implicit", "refresh_token"]),
            token_endpoint_auth_methods_supported: list(&["client_secret_basic", "client_secret_post", "none"]),
            revocation_endpoint_auth_methods_supported: list(&["client_secret_basic", "client_secret_post", "none"]),
            introspection_endpoint_auth_methods_supported: list(&["client_secret_basic", "client_secret_post"]),
            code_challenge_methods_supported: list(&[Challenge::METHOD]),
            authorization_response_iss_parameter_supported: true,
            service_documentation: None,
        }
    }

    /// What a client may rely on. `issuer` is the configured one, compared to the letter (RFC 8414 section 3.3);
    /// `may_call` is the client's rule about endpoints, [`is_https`] at the least.
    pub fn validate(&self, issuer: &str, may_call: impl Fn(&Url) -> bool) -> Result<Discovered, MetadataError> {
        if self.issuer != issuer {
            return Err(MetadataError::Issuer);
        }
        if !self.response_types_supported.is_empty() && !self.response_types_supported.iter().any(|word| word == "code")
        {
            return Err(MetadataError::NoCodeGrant);
        }
        let optional = |name, endpoint: &Option<String>| {
            let url = endpoint
                .as_deref()
                .map(|text| Url::parse(text).ok().filter(|url| may_call(url)));
            url.map(|url| url.ok_or(MetadataError::Endpoint(name))).transpose()
        };
        let required = |name, endpoint| optional(name, endpoint)?.ok_or(MetadataError::Missing(name));
        let methods = &self.token_endpoint_auth_methods_supported;
        Ok(Discovered {
            issuer: self.issuer.clone(),
            authorization_endpoint: required("authorization_endpoint", &self.authorization_endpoint)?,
            token_endpoint: required("token_endpoint", &self.token_endpoint)?,
            revocation_endpoint: optional("revocation_endpoint", &self.revocation_endpoint)?,
            iss_advertised: self.authorization_response_iss_parameter_supported,
            client_method: match () {
                () if methods.iter().any(|word| word == "client_secret_post") => ClientMethod::Post,
                // RFC 8414 section 2: Basic is the default when nothing is listed.
                () if methods.is_empty() || methods.iter().any(|word| word == "client_secret_basic") => {
                    ClientMethod::Basic
                }
                () => ClientMethod::Post,
            },
        })
    }
}

/// Whether `url` is https, without user name and fragment: what every endpoint must be (RFC 6749 section 3.1).
pub fn is_https(url: &Url) -> bool {
    url.scheme() == "https" && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}

/// Where the document of an issuer lies: the well-known part goes before the path (RFC 8414 section 3.1).
pub fn metadata_url(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    let path = issuer.path().trim_end_matches('/');
    url.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests;
