//! OAuth 2.0 for both ends: wire messages, PKCE, redirect-URI rules, and decisions over values that were loaded
//! elsewhere (RFC 6749, 6750, 7009, 7636, 7662, 8252, 8414, 8707, 9207, with the best practice of RFC 9700).
//!
//! Nothing here does I/O, reads a clock or draws randomness: bytes and `now` are passed in. What the two ends share
//! (codes of errors, PKCE, parameters) is written once, so that they cannot drift apart.
//!
//! - Authorization server: [`authorize`], [`TokenRequest`], [`authenticate`], [`redeem`], [`refresh`], [`BearerCall`].
//! - Client: [`AuthorizeUrl`], [`Callback`], [`CodeExchange`], [`RefreshExchange`], [`TokenResponse::parse`],
//!   [`classify_refresh_failure`], [`refresh_at`].

pub mod authorize;
mod bearer;
mod callback;
mod client;
mod client_auth;
mod code;
mod encoding;
mod endpoint_call;
mod error;
mod exchange;
mod flow;
mod metadata;
mod parameters;
mod pkce;
mod redirect_uri;
mod refresh;
mod response;
mod revoked_status;
mod scope;
mod secret;
mod timing;
mod token_error;
mod token_lookup;
mod token_request;
mod token_response;

pub use bearer::{BearerCall, BearerError};
pub use callback::{Callback, CallbackError, CallbackOutcome, IssuerError, IssuerRule};
pub use client::{Client, ClientId, ClientIdError, ClientType, Grants, GrantsError, UnknownClientType};
pub use client_auth::authenticate;
pub use code::{AuthorizationCode, RedeemError, Redeemed, redeem};
pub use encoding::{encode_form, percent_encode};
pub use endpoint_call::{ClientCredentials, ClientMethod, EndpointCall};
pub use error::{ErrorBody, ErrorCode};
pub use exchange::{ClientAccess, CodeExchange, RefreshExchange, Revocation, TokenCall};
pub use flow::{AuthorizeUrl, RefreshFailure, State, classify_refresh_failure};
pub use metadata::{Discovered, Endpoints, MetadataError, ServerMetadata, is_https, metadata_url};
pub use parameters::{ParameterError, Parameters};
pub use pkce::{Challenge, ChallengeError, Verifier, VerifierError};
pub use redirect_uri::{RedirectUri, RedirectUriError, Registered};
pub use refresh::{RefreshError, RefreshRules, RefreshToken, Refreshed, refresh};
pub use response::{ResponseMode, ResponseType, ReturnAddress, UnknownResponseType};
pub use revoked_status::{RevokedStatus, UnknownRevokedStatus};
pub use scope::{Scope, ScopeError};
pub use secret::Secret;
pub use timing::{ASSUMED_LIFE, refresh_at};
pub use token_error::TokenError;
pub use token_lookup::{Introspection, TokenHint, TokenLookup};
pub use token_request::{GrantRequest, TokenRequest, TokenRules};
pub use token_response::{TokenResponse, TokenResponseError};
