//! A request to the token endpoint (RFC 6749 sections 4.1.3 and 6).

use crate::{ClientCredentials, EndpointCall, Parameters, Scope, Secret, TokenError, Verifier};

/// What the settings of a server say about token requests.
#[derive(Debug, Clone, Copy)]
pub struct TokenRules<'a> {
    /// Setting `token_query_parameters`: accept parameters in the query string.
    pub allow_query: bool,
    /// The one value that `resource` may have (RFC 8707).
    pub resource: &'a str,
}

/// A token request that can be understood; whether it is granted is [`crate::authenticate`]'s, [`crate::redeem`]'s and
/// [`crate::refresh`]'s decision.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Who asks.
    pub client: ClientCredentials,
    /// For what.
    pub grant: GrantRequest,
}

/// The grant that is presented.
#[derive(Debug, Clone)]
pub enum GrantRequest {
    /// RFC 6749 section 4.1.3.
    AuthorizationCode {
        /// The code, to be found by its hash.
        code: Secret,
        /// Must be the one of the authorization request; a missing one is refused by [`crate::redeem`].
        redirect_uri: Option<String>,
        /// RFC 7636 section 4.5.
        verifier: Option<Verifier>,
    },
    /// RFC 6749 section 6.
    RefreshToken {
        /// The refresh token, to be found by its hash.
        token: Secret,
        /// The scope to narrow to.
        scope: Option<Scope>,
    },
}

impl TokenRequest {
    /// Reads a call of the token endpoint.
    pub fn read(call: EndpointCall<'_>, rules: TokenRules<'_>) -> Result<Self, TokenError> {
        let parameters = call.parameters(rules.allow_query)?;
        let client = call.credentials(&parameters)?;
        let grant = GrantRequest::read(&parameters)?;
        if parameters.every("resource").any(|named| named != rules.resource) {
            return Err(TokenError::InvalidTarget);
        }
        Ok(Self { client, grant })
    }
}

impl GrantRequest {
    fn read(parameters: &Parameters) -> Result<Self, TokenError> {
        let secret = |name| parameters.required(name).map(|value| Secret::new(value.to_owned()));
        match parameters.required("grant_type")? {
            "authorization_code" => Ok(Self::AuthorizationCode {
                code: secret("code")?,
                redirect_uri: parameters.optional("redirect_uri")?.map(str::to_owned),
                verifier: parameters
                    .optional("code_verifier")?
                    .map(Verifier::parse)
                    .transpose()
                    .map_err(|error| TokenError::InvalidRequest(error.to_string().into()))?,
            }),
            "refresh_token" => Ok(Self::RefreshToken {
                token: secret("refresh_token")?,
                scope: Scope::requested(parameters)?,
            }),
            // AS-42, RFC 9700 section 2.4: the password grant is as unknown as any other.
            _ => Err(TokenError::UnsupportedGrantType),
        }
    }
}

#[cfg(test)]
mod tests;
