//! Bytes from outside, read as each of the four places reads them, and what must hold whatever they are. Driven by
//! chance in `by_chance` and by coverage in `fuzz/`.

use oauth::{
    BearerCall, Client, ClientId, ClientMethod, ClientType, EndpointCall, GrantRequest, Grants, Parameters,
    RedirectUri, TokenRequest, TokenRules,
    authorize::{named_client, prove_target},
};

const ISSUER: &str = "https://vendor.test";
const RESOURCE: &str = "https://vendor.test/v2";
const REGISTERED: [&str; 3] = [
    "https://app.test/cb",
    "https://app.test/cb?tenant=a%20b",
    "http://127.0.0.1/cb",
];

/// The applications that there are, by the parity of the id's last digit.
fn client(id: ClientId) -> Client {
    let client_type = if id.number() % 2 == 0 {
        ClientType::Confidential
    } else {
        ClientType::Public
    };
    Client {
        id,
        client_type,
        redirect_uris: REGISTERED.map(|uri| RedirectUri::stored(uri.to_owned())).into(),
        grants: Grants::default_for(client_type),
        pkce_required: false,
    }
}

/// The query of the authorization endpoint. Nothing redirects but to a registered address, and the answer carries the
/// state that was sent and our own issuer, once each.
pub(crate) fn authorize_query(query: &[u8]) {
    let Ok(parameters) = Parameters::parse(query) else {
        return;
    };
    let Ok(id) = named_client(&parameters) else { return };
    let client = client(id);
    let Ok(target) = prove_target(&parameters, Some(&client)) else {
        return;
    };
    let asked = parameters.required("redirect_uri").unwrap_or_default().to_owned();
    let (to, address) = match target.request(&parameters, RESOURCE) {
        Ok(request) => {
            assert_eq!(request.client, id);
            let plain = request.redirect_uri.starts_with("http:");
            assert!(!plain || client.client_type == ClientType::Public);
            let to = request.return_address();
            let address = to.with_code(&oauth::Secret::new("the-code".to_owned()), ISSUER);
            (to, address)
        }
        Err(refusal) => {
            let address = refusal.url(ISSUER);
            (refusal.to, address)
        }
    };
    assert_eq!(to.redirect_uri, asked);
    assert!(client.may_return_to(&to.redirect_uri));
    let address = address.into_revealed();
    let answer = address.strip_prefix(&to.redirect_uri);
    let answer = answer.unwrap_or_else(|| panic!("{address} is not at {}", to.redirect_uri));
    assert!(answer.starts_with(['?', '&', '#']));
    assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{address}");
    let sent = answer.get(1..).unwrap_or_default();
    let Ok(sent) = Parameters::parse(sent) else {
        panic!("our own answer cannot be read: {address}");
    };
    assert_eq!(sent.required("iss"), Ok(ISSUER));
    let state = to.state.map(oauth::Secret::into_revealed);
    assert_eq!(sent.optional("state"), Ok(state.as_deref()));
}

/// The body of a token request. What is understood is complete, and nothing of it stood there twice.
pub(crate) fn token_body(body: &[u8]) {
    for allow_query in [false, true] {
        let call = EndpointCall {
            authorization: &[],
            content_type: Some("application/x-www-form-urlencoded"),
            query: None,
            body,
        };
        let rules = TokenRules {
            allow_query,
            resource: RESOURCE,
        };
        let Ok(request) = TokenRequest::read(call, rules) else {
            continue;
        };
        assert_ne!(request.client.method, ClientMethod::Basic);
        assert_eq!(
            request.client.method == ClientMethod::Post,
            request.client.secret.is_some()
        );
        let Ok(parameters) = Parameters::parse(body) else {
            panic!("understood, and not read");
        };
        let once = |name| parameters.every(name).filter(|value| !value.is_empty()).count() == 1;
        assert!(once("grant_type") && once("client_id"));
        match request.grant {
            GrantRequest::AuthorizationCode { code, .. } => assert!(!code.reveal().is_empty() && once("code")),
            GrantRequest::RefreshToken { token, .. } => assert!(!token.reveal().is_empty() && once("refresh_token")),
        }
    }
}

/// The value of `Authorization`, at the token endpoint and at the API. It is one scheme or the other, never both.
pub(crate) fn authorization_header(value: &[u8]) {
    let bearer = BearerCall {
        authorization: &[value],
        token_header: false,
        query: None,
    }
    .token();
    let call = EndpointCall {
        authorization: &[value],
        content_type: Some("application/x-www-form-urlencoded"),
        query: None,
        body: b"grant_type=refresh_token",
    };
    let Ok(parameters) = call.parameters(false) else {
        panic!("the body is readable");
    };
    let basic = call.credentials(&parameters);
    let starts = |scheme: &str| {
        let text = String::from_utf8_lossy(value);
        let given = text.trim().split(' ').next().unwrap_or_default();
        given.eq_ignore_ascii_case(scheme)
    };
    if let Ok(token) = bearer {
        assert!(starts("bearer") && basic.is_err());
        let token = token.into_revealed();
        assert!(
            !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()),
            "{token}"
        );
    }
    if let Ok(credentials) = basic {
        assert!(starts("basic"));
        assert_eq!(credentials.method, ClientMethod::Basic);
        assert!(credentials.client.number() > 0);
        assert!(credentials.secret.is_none_or(|secret| !secret.reveal().is_empty()));
    }
}

/// Two addresses with a line end between: one to be registered, one to be asked for.
pub(crate) fn redirect_uris(lines: &[u8]) {
    let Ok(lines) = str::from_utf8(lines) else { return };
    let (text, requested) = lines.split_once('\n').unwrap_or((lines, lines));
    for client_type in [ClientType::Confidential, ClientType::Public] {
        let Ok(registered) = RedirectUri::register(text, client_type, Grants::default_for(client_type)) else {
            continue;
        };
        let uri = registered.uri;
        assert_eq!(uri.as_str(), text);
        assert!(uri.matches(text, client_type) && !text.contains('#'));
        // With the code grant in reach, plain http is for loopback alone.
        assert!(!registered.insecure);
        assert!(!text.starts_with("http:") || client_type == ClientType::Public);
        if uri.matches(requested, client_type) && requested != text {
            // What differs is a port behind a loopback literal.
            assert_eq!(client_type, ClientType::Public);
            assert_eq!(without_port(text), without_port(requested), "{text} {requested}");
        }
    }
}

fn without_port(uri: &str) -> (&str, &str) {
    let literals = ["http://127.0.0.1", "http://[::1]"];
    let Some(literal) = literals.into_iter().find(|literal| uri.starts_with(literal)) else {
        panic!("{uri} is not loopback");
    };
    let rest = uri.get(literal.len()..).unwrap_or_default();
    match rest.strip_prefix(':') {
        Some(rest) => (literal, rest.trim_start_matches(|digit: char| digit.is_ascii_digit())),
        None => (literal, rest),
    }
}
