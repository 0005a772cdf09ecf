//! What a client sends to the token and revocation endpoints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{ClientMethod, Secret, Verifier, encode_form, percent_encode};

/// A client's own credentials at a server, and the one way in which it shows them (RFC 6749 section 2.3).
#[derive(Debug, Clone, Copy)]
pub struct ClientAccess<'a> {
    /// The id that the server gave.
    pub client_id: &'a str,
    /// The secret, if it has one.
    pub client_secret: Option<&'a Secret>,
    /// [`ClientMethod::Post`] unless the server wants otherwise; a secret is never put in a URL.
    pub method: ClientMethod,
}

/// A POST to make, with content type [`TokenCall::CONTENT_TYPE`] and `Accept: application/json`.
#[derive(Debug, Clone)]
pub struct TokenCall {
    /// The form body.
    pub body: Secret,
    /// The value of `Authorization`, if there is to be one.
    pub authorization: Option<Secret>,
}

impl TokenCall {
    /// `application/x-www-form-urlencoded`
    pub const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded";

    fn new(access: &ClientAccess<'_>, parameters: &[(&str, &str)]) -> Self {
        let mut pairs = parameters.to_vec();
        let mut authorization = None;
        match (access.method, access.client_secret) {
            (ClientMethod::Basic, Some(secret)) => {
                let pair = format!(
                    "{}:{}",
                    percent_encode(access.client_id),
                    percent_encode(secret.reveal())
                );
                authorization = Some(Secret::new(format!("Basic {}", STANDARD.encode(pair))));
            }
            (ClientMethod::Post, Some(secret)) => {
                pairs.extend([("client_id", access.client_id), ("client_secret", secret.reveal())]);
            }
            (ClientMethod::None, _) | (_, None) => pairs.push(("client_id", access.client_id)),
        }
        Self {
            body: Secret::new(encode_form(pairs)),
            authorization,
        }
    }
}

/// A code on its way to be exchanged (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
#[derive(Debug, Clone, Copy)]
pub struct CodeExchange<'a> {
    /// The code of the callback.
    pub code: &'a Secret,
    /// The same redirect URI as in the authorization request, byte for byte.
    pub redirect_uri: &'a str,
    /// The verifier of this flow.
    pub verifier: &'a Verifier,
}

impl CodeExchange<'_> {
    /// The POST to the token endpoint.
    pub fn call(&self, access: &ClientAccess<'_>) -> TokenCall {
        TokenCall::new(
            access,
            &[
                ("grant_type", "authorization_code"),
                ("code", self.code.reveal()),
                ("redirect_uri", self.redirect_uri),
                ("code_verifier", self.verifier.reveal()),
            ],
        )
    }
}

/// A refresh token on its way to be used (RFC 6749 section 6).
#[derive(Debug, Clone, Copy)]
pub struct RefreshExchange<'a> {
    /// The refresh token in hand.
    pub refresh_token: &'a Secret,
}

impl RefreshExchange<'_> {
    /// The POST to the token endpoint.
    pub fn call(&self, access: &ClientAccess<'_>) -> TokenCall {
        TokenCall::new(
            access,
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", self.refresh_token.reveal()),
            ],
        )
    }
}

/// A token that is to be revoked (RFC 7009 section 2.1).
#[derive(Debug, Clone, Copy)]
pub struct Revocation<'a> {
    /// The token.
    pub token: &'a Secret,
    /// `refresh_token` or `access_token`.
    pub hint: &'static str,
}

impl Revocation<'_> {
    /// The POST to the revocation endpoint.
    pub fn call(&self, access: &ClientAccess<'_>) -> TokenCall {
        TokenCall::new(
            access,
            &[("token", self.token.reveal()), ("token_type_hint", self.hint)],
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{EndpointCall, GrantRequest, TokenRequest, TokenRules};

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_secret_travels_by_one_method() {
        // CL-8
        let secret = Secret::new("s:e c".to_owned());
        let token = Secret::new("R".to_owned());
        let refresh = |method, client_secret| {
            let access = ClientAccess {
                client_id: "7",
                client_secret,
                method,
            };
            RefreshExchange { refresh_token: &token }.call(&access)
        };
        for (method, client_secret, body, header) in [
            (
                ClientMethod::Post,
                Some(&secret),
                "&client_id=7&client_secret=s%3Ae%20c",
                None,
            ),
            (ClientMethod::Basic, Some(&secret), "", Some("Basic NzpzJTNBZSUyMGM=")), // 7:s%3Ae%20c
            (ClientMethod::None, None, "&client_id=7", None),
            (ClientMethod::Basic, None, "&client_id=7", None),
        ] {
            let call = refresh(method, client_secret);
            assert_eq!(
                *call.body.reveal(),
                format!("grant_type=refresh_token&refresh_token=R{body}")
            );
            assert_eq!(call.authorization.map(Secret::into_revealed).as_deref(), header);
        }
    }

    proptest! {
        #[test]
        fn a_server_reads_what_a_client_sends(code in "[!-~]{1,60}", secret in "[!-~]{1,60}", basic in any::<bool>()) {
            let method = if basic { ClientMethod::Basic } else { ClientMethod::Post };
            let secret = Secret::new(secret);
            let code = Secret::new(code);
            let verifier = Verifier::parse(VERIFIER).unwrap();
            let exchange = CodeExchange { code: &code, redirect_uri: "https://app.test/cb?x=1&y", verifier: &verifier };
            let sent = exchange.call(&ClientAccess { client_id: "7", client_secret: Some(&secret), method });
            let header = sent.authorization.map(|value| value.into_revealed().into_bytes());
            let read = TokenRequest::read(
                EndpointCall {
                    authorization: &header.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                    content_type: Some(TokenCall::CONTENT_TYPE),
                    query: None,
                    body: sent.body.reveal().as_bytes(),
                },
                TokenRules { allow_query: false, resource: "https://api.test/v2" },
            )
            .unwrap();
            prop_assert_eq!(read.client.client.number(), 7);
            prop_assert_eq!(read.client.method, method);
            prop_assert_eq!(read.client.secret.map(Secret::into_revealed), Some(secret.into_revealed()));
            let GrantRequest::AuthorizationCode { code: read_code, redirect_uri, verifier } = read.grant else {
                return Err(TestCaseError::fail("another grant"));
            };
            prop_assert_eq!(read_code.reveal(), code.reveal());
            prop_assert_eq!(redirect_uri.as_deref(), Some("https://app.test/cb?x=1&y"));
            prop_assert_eq!(verifier.as_ref().map(Verifier::reveal), Some(VERIFIER));
        }
    }
}
