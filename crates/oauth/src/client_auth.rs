//! Is this the client that it says it is?

use crate::{Client, ClientCredentials, ClientMethod, ClientType, TokenError};

/// RFC 6749 section 2.3: decides over the client that was loaded for the credentials (`None`: unknown or deleted) and
/// over the comparison of the secret's hash (`false` when no secret was sent or none is stored).
///
/// A confidential client must send its secret. A public one need not, as PKCE proves it, but a secret that it does
/// send must be right.
pub fn authenticate<'c>(
    credentials: &ClientCredentials,
    client: Option<&'c Client>,
    secret_matches: bool,
) -> Result<&'c Client, TokenError> {
    let by_header = credentials.method == ClientMethod::Basic;
    let client = client.filter(|client| client.id == credentials.client);
    match (client, &credentials.secret) {
        (Some(client), Some(_)) if secret_matches => Ok(client),
        (Some(client), None) if client.client_type == ClientType::Public => Ok(client),
        _ => Err(TokenError::InvalidClient { by_header }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClientId, Grants};

    fn client(id: i64, client_type: ClientType) -> Client {
        Client {
            id: ClientId::new(id).unwrap(),
            client_type,
            redirect_uris: Vec::new(),
            grants: Grants::default_for(client_type),
            pkce_required: false,
        }
    }

    #[test]
    fn a_confidential_client_proves_itself_and_a_public_one_may() {
        use ClientMethod::{Basic, None as Unproven, Post};
        let confidential = client(1, ClientType::Confidential);
        let public = client(1, ClientType::Public);
        let other = client(2, ClientType::Public);
        let refused = |by_header| Err(TokenError::InvalidClient { by_header });
        for (loaded, method, secret, matches, expected) in [
            (Some(&confidential), Post, Some("s"), true, Ok(1)),
            (Some(&confidential), Basic, Some("s"), true, Ok(1)),
            (Some(&confidential), Basic, Some("x"), false, refused(true)), // AS-39
            (Some(&confidential), Post, Some("x"), false, refused(false)),
            (Some(&confidential), Unproven, None, false, refused(false)),
            (Some(&confidential), Unproven, None, true, refused(false)), // nothing sent cannot match
            (Some(&public), Unproven, None, false, Ok(1)),
            (Some(&public), Basic, None, false, Ok(1)),
            (Some(&public), Post, Some("s"), true, Ok(1)),
            (Some(&public), Post, Some("x"), false, refused(false)),
            (Some(&other), Unproven, None, false, refused(false)),
            (None, Basic, Some("s"), true, refused(true)), // a deleted application
        ] {
            let credentials = ClientCredentials {
                client: ClientId::new(1).unwrap(),
                secret: secret.map(|secret| secret.to_owned().into()),
                method,
            };
            let outcome = authenticate(&credentials, loaded, matches).map(|client| client.id.number());
            assert_eq!(outcome, expected, "{method:?} {secret:?} {matches}");
        }
    }
}
