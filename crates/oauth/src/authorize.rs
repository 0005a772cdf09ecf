//! The authorization endpoint (RFC 6749 section 3.1): first where an answer may go, then what is asked.
//!
//! The edge reads the client's id ([`named_client`]), loads the client, proves the target ([`prove_target`]) and only
//! then asks for the request itself ([`ProvenTarget::request`]): before the target is proven nothing may redirect.

use std::borrow::Cow;

use crate::redirect_uri::may_carry_code;
use crate::{
    Challenge, Client, ClientId, ErrorCode, ParameterError, Parameters, ResponseMode, ResponseType, ReturnAddress,
    Scope, ScopeError, Secret,
};

/// Why the user sees a page with status 400 and no redirect happens (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageRefusal {
    /// `client_id` or `redirect_uri` is missing, repeated or unreadable.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// No application has this id.
    #[error("the application is not known")]
    UnknownClient,
    /// The application did not register this address.
    #[error("the redirect URI is not registered for this application")]
    UnregisteredRedirectUri,
    /// A code must not travel over plain http.
    #[error("the redirect URI is insecure: the code grant needs https")]
    InsecureRedirectUri,
}

/// The client that the request names, to be loaded.
pub fn named_client(parameters: &Parameters) -> Result<ClientId, PageRefusal> {
    parameters
        .required("client_id")?
        .parse()
        .map_err(|_| PageRefusal::UnknownClient)
}

/// Proves that an answer may go where the request says. `client` is what the edge loaded for [`named_client`].
pub fn prove_target<'c>(parameters: &Parameters, client: Option<&'c Client>) -> Result<ProvenTarget<'c>, PageRefusal> {
    let named = named_client(parameters)?;
    let client = client
        .filter(|client| client.id == named)
        .ok_or(PageRefusal::UnknownClient)?;
    let redirect_uri = parameters.required("redirect_uri")?;
    if !client.may_return_to(redirect_uri) {
        return Err(PageRefusal::UnregisteredRedirectUri);
    }
    let asks_for_code = parameters
        .every("response_type")
        .any(|value| value.split(' ').any(|word| word == "code"));
    if asks_for_code && !may_carry_code(redirect_uri, client.client_type) {
        return Err(PageRefusal::InsecureRedirectUri);
    }
    Ok(ProvenTarget {
        client,
        redirect_uri: redirect_uri.to_owned(),
    })
}

/// A client and one of its own redirect URIs: errors may be sent there.
#[derive(Debug, Clone)]
pub struct ProvenTarget<'c> {
    client: &'c Client,
    redirect_uri: String,
}

/// What a client asks of the user. It comes from the server's own memory from here on, never again from a form.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes, exactly as requested.
    pub redirect_uri: String,
    /// Code or token.
    pub response_type: ResponseType,
    /// What is asked for.
    pub scope: Scope,
    /// What the client wants back unchanged.
    pub state: Option<Secret>,
    /// The account to authorize against; `None` is the user's current one.
    pub account: Option<i64>,
    /// The PKCE challenge; never present for [`ResponseType::Token`].
    pub challenge: Option<Challenge>,
}

impl AuthorizationRequest {
    /// Where the answer goes.
    pub fn return_address(&self) -> ReturnAddress {
        ReturnAddress {
            redirect_uri: self.redirect_uri.clone(),
            mode: self.response_type.mode(),
            state: self.state.clone(),
        }
    }
}

/// An error that goes back to the client by redirect.
#[derive(Debug, Clone)]
pub struct RedirectRefusal {
    /// Where it goes.
    pub to: ReturnAddress,
    /// What is wrong.
    pub error: ErrorCode,
    /// What is wrong, in words for the client's developer.
    pub description: Cow<'static, str>,
}

impl RedirectRefusal {
    /// The URL for `Location`.
    pub fn url(&self, issuer: &str) -> Secret {
        self.to.with_error(self.error, &self.description, issuer)
    }
}

/// Parameters that are looked at and may stand only once.
const SINGLE: [&str; 9] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "state",
    "scopes",
    "scope",
    "account_id",
    "code_challenge",
    "code_challenge_method",
];

impl ProvenTarget<'_> {
    /// Reads the rest of the request. `resource` is the one value that RFC 8707's parameter may have.
    pub fn request(self, parameters: &Parameters, resource: &str) -> Result<AuthorizationRequest, RedirectRefusal> {
        let client = self.client;
        let named_type = parameters.optional("response_type").ok().flatten();
        let to = ReturnAddress {
            redirect_uri: self.redirect_uri,
            mode: named_type
                .and_then(|name| name.parse().ok())
                .map_or(ResponseMode::Query, ResponseType::mode),
            // A repeated state has no value that could be echoed.
            state: parameters
                .optional("state")
                .ok()
                .flatten()
                .map(|state| Secret::new(state.to_owned())),
        };
        match read(client, parameters, resource) {
            Ok(asked) => Ok(AuthorizationRequest {
                client: client.id,
                redirect_uri: to.redirect_uri,
                response_type: asked.response_type,
                scope: asked.scope,
                state: to.state,
                account: asked.account,
                challenge: asked.challenge,
            }),
            Err((error, description)) => Err(RedirectRefusal { to, error, description }),
        }
    }
}

struct Asked {
    response_type: ResponseType,
    scope: Scope,
    account: Option<i64>,
    challenge: Option<Challenge>,
}

type Wrong = (ErrorCode, Cow<'static, str>);

fn read(client: &Client, parameters: &Parameters, resource: &str) -> Result<Asked, Wrong> {
    for name in SINGLE {
        parameters.optional(name).map_err(invalid_request)?;
    }
    let response_type = read_response_type(client, parameters)?;
    let scope = read_scope(parameters)?;
    let account = read_account(parameters)?;
    let challenge = match response_type {
        ResponseType::Code => read_challenge(client, parameters)?,
        ResponseType::Token => None,
    };
    if parameters.every("resource").any(|named| named != resource) {
        return Err((ErrorCode::InvalidTarget, "the resource is not served here".into()));
    }
    Ok(Asked {
        response_type,
        scope,
        account,
        challenge,
    })
}

fn read_response_type(client: &Client, parameters: &Parameters) -> Result<ResponseType, Wrong> {
    let named = parameters.required("response_type").map_err(invalid_request)?;
    let response_type: ResponseType = named
        .parse()
        .map_err(|error| wrong(ErrorCode::UnsupportedResponseType, error))?;
    let allowed = match response_type {
        ResponseType::Code => client.grants.code,
        ResponseType::Token => client.grants.implicit,
    };
    if allowed {
        Ok(response_type)
    } else {
        Err((
            ErrorCode::UnauthorizedClient,
            "the application may not use this response_type".into(),
        ))
    }
}

fn read_scope(parameters: &Parameters) -> Result<Scope, Wrong> {
    match Scope::requested(parameters) {
        Ok(Some(scope)) => Ok(scope),
        // RFC 6749 section 3.3 leaves the choice between a default and a refusal; the vendor documents it as required.
        Ok(None) => Err((
            ErrorCode::InvalidScope,
            "scopes is missing: the only value is all".into(),
        )),
        Err(ScopeError::Parameter(error)) => Err(invalid_request(error)),
        Err(error) => Err(wrong(ErrorCode::InvalidScope, error)),
    }
}

fn read_account(parameters: &Parameters) -> Result<Option<i64>, Wrong> {
    let Some(text) = parameters.optional("account_id").map_err(invalid_request)? else {
        return Ok(None);
    };
    let number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten();
    number
        .map(Some)
        .ok_or_else(|| (ErrorCode::InvalidRequest, "account_id must be a number".into()))
}

fn read_challenge(client: &Client, parameters: &Parameters) -> Result<Option<Challenge>, Wrong> {
    let challenge = parameters.optional("code_challenge").map_err(invalid_request)?;
    let method = parameters.optional("code_challenge_method").map_err(invalid_request)?;
    match (challenge, method) {
        (Some(challenge), method) => Challenge::parse(challenge, method).map(Some).map_err(invalid_request),
        (None, Some(_)) => Err(invalid_request(ParameterError::Missing("code_challenge"))),
        // RFC 7636 section 4.4.1
        (None, None) if client.requires_pkce() => Err((
            ErrorCode::InvalidRequest,
            "code challenge required: send code_challenge with S256".into(),
        )),
        (None, None) => Ok(None),
    }
}

fn invalid_request(error: impl ToString) -> Wrong {
    wrong(ErrorCode::InvalidRequest, error)
}

#[expect(clippy::needless_pass_by_value, reason = "errors are handed over by `map_err`")]
fn wrong(code: ErrorCode, error: impl ToString) -> Wrong {
    (code, error.to_string().into())
}

#[cfg(test)]
mod tests;
