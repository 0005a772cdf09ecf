//! Calls to the identity provider: its description, its keys, the exchange of the code, and who it says it was.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Method, Request, header};
use jsonwebtoken::jwk::JwkSet;
use oauth::{Secret, percent_encode};
use rightful_http::client::Transport;
use serde::Deserialize;
use url::{Host, Url};

use super::{SingleSignOnError, claims::Told};
use crate::Settings;

/// No answer of an identity provider is longer than this.
const LONGEST_ANSWER: usize = 256 << 10;

/// What we are at the identity provider.
pub(super) struct Client {
    pub(super) issuer: String,
    pub(super) id: String,
    pub(super) secret: Option<Secret>,
}

impl Client {
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        Some(Self {
            issuer: settings.oidc_issuer.clone()?,
            id: settings.oidc_client_id.clone()?,
            secret: settings.oidc_client_secret.clone(),
        })
    }
}

/// What an identity provider says of itself (OpenID Connect Discovery 1.0 section 3).
#[derive(Debug, Deserialize)]
pub(super) struct Described {
    issuer: String,
    pub(super) authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// Reads the description, which must be that of this very issuer.
pub(super) async fn describe(transport: &dyn Transport, client: &Client) -> Result<Described, SingleSignOnError> {
    let address = format!(
        "{}/.well-known/openid-configuration",
        client.issuer.trim_end_matches('/')
    );
    let address = Url::parse(&address).map_err(|_| unusable("oidc_issuer is no URL"))?;
    let body = get(transport, &address, None).await?;
    let described: Described = serde_json::from_slice(&body).map_err(|_| unusable("its description can't be read"))?;
    // Section 4.3: exactly the issuer that was asked.
    if described.issuer != client.issuer {
        return Err(unusable("its description names another issuer"));
    }
    let endpoints = [
        &described.authorization_endpoint,
        &described.token_endpoint,
        &described.jwks_uri,
    ];
    let all = endpoints.into_iter().chain(&described.userinfo_endpoint);
    for endpoint in all {
        may_be_called(endpoint)?;
    }
    Ok(described)
}

/// The keys it signs with.
pub(super) async fn keys(transport: &dyn Transport, described: &Described) -> Result<JwkSet, SingleSignOnError> {
    let body = get(transport, &described.jwks_uri, None).await?;
    // A key of a kind that we do not know is no reason to refuse the others.
    let mut keys: serde_json::Value = serde_json::from_slice(&body).map_err(|_| unusable("its keys can't be read"))?;
    if let Some(keys) = keys.get_mut("keys").and_then(serde_json::Value::as_array_mut) {
        keys.retain(|key| serde_json::from_value::<jsonwebtoken::jwk::Jwk>(key.clone()).is_ok());
    }
    serde_json::from_value(keys).map_err(|_| unusable("its keys can't be read"))
}

/// What the token endpoint answers.
#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
    access_token: String,
}

/// The tokens of a log-in.
pub(super) struct Tokens {
    pub(super) id_token: Secret,
    pub(super) access_token: Secret,
}

/// Exchanges the code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
pub(super) async fn exchange(
    transport: &dyn Transport,
    client: &Client,
    described: &Described,
    code: &Secret,
    redirect_uri: &str,
    verifier: &Secret,
) -> Result<Tokens, SingleSignOnError> {
    let request = token_request(client, described, code, redirect_uri, verifier)?;
    let body = answer(transport, request).await?;
    let tokens: TokenAnswer = serde_json::from_slice(&body).map_err(|_| unusable("it gave no ID token"))?;
    Ok(Tokens {
        id_token: Secret::new(tokens.id_token),
        access_token: Secret::new(tokens.access_token),
    })
}

/// The exchange as a request.
fn token_request(
    client: &Client,
    described: &Described,
    code: &Secret,
    redirect_uri: &str,
    verifier: &Secret,
) -> Result<Request<Bytes>, SingleSignOnError> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code.reveal())
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", verifier.reveal());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(described.token_endpoint.as_str())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json");
    // OpenID Connect Discovery section 3: where nothing is said, it is client_secret_basic.
    let methods = &described.token_endpoint_auth_methods_supported;
    let basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
    match &client.secret {
        Some(secret) if basic => {
            let pair = format!("{}:{}", percent_encode(&client.id), percent_encode(secret.reveal()));
            let header = format!("Basic {}", BASE64_STANDARD.encode(pair));
            request = request.header(header::AUTHORIZATION, header);
        }
        Some(secret) => {
            form.append_pair("client_id", &client.id)
                .append_pair("client_secret", secret.reveal());
        }
        None => {
            form.append_pair("client_id", &client.id);
        }
    }
    request
        .body(Bytes::from(form.finish()))
        .map_err(|_| unusable("its address can't be called"))
}

/// Who it says it was, where the ID token does not say their address.
pub(super) async fn userinfo(
    transport: &dyn Transport,
    described: &Described,
    access_token: &Secret,
) -> Result<Told, SingleSignOnError> {
    let endpoint = described.userinfo_endpoint.as_ref();
    let endpoint = endpoint.ok_or_else(|| unusable("it tells no e-mail address"))?;
    let body = get(transport, endpoint, Some(access_token)).await?;
    serde_json::from_slice(&body).map_err(|_| unusable("it tells no e-mail address"))
}

async fn get(transport: &dyn Transport, url: &Url, token: Option<&Secret>) -> Result<Bytes, SingleSignOnError> {
    may_be_called(url)?;
    let mut request = Request::builder()
        .uri(url.as_str())
        .header(header::ACCEPT, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.reveal()));
    }
    let request = request
        .body(Bytes::new())
        .map_err(|_| unusable("its address can't be called"))?;
    answer(transport, request).await
}

async fn answer(transport: &dyn Transport, request: Request<Bytes>) -> Result<Bytes, SingleSignOnError> {
    let (parts, body) = transport.send(request).await?.into_parts();
    let status = parts.status.as_u16();
    if status != 200 {
        return Err(SingleSignOnError::Provider {
            reason: format!("it answered with status {status}"),
        });
    }
    Ok(body.read(LONGEST_ANSWER).await?)
}

/// https, or this very machine; whether a private address may be called at all is the guard's decision.
fn may_be_called(url: &Url) -> Result<(), SingleSignOnError> {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && loopback) {
        Ok(())
    } else {
        Err(unusable("an address of it is not https"))
    }
}

fn unusable(reason: &str) -> SingleSignOnError {
    SingleSignOnError::Provider {
        reason: reason.to_owned(),
    }
}
