use proptest::prelude::*;

use super::*;
use crate::{ClientType, RedirectUri, encode_form};

const RESOURCE: &str = "https://vendor.test/v2";
const ISSUER: &str = "https://vendor.test";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client(client_type: ClientType, grants: &str, redirect_uris: &[&str]) -> Client {
    Client {
        id: ClientId::new(7).unwrap(),
        client_type,
        redirect_uris: redirect_uris
            .iter()
            .map(|uri| RedirectUri::stored((*uri).to_owned()))
            .collect(),
        grants: grants.parse().unwrap(),
        pkce_required: false,
    }
}

fn confidential() -> Client {
    client(
        ClientType::Confidential,
        "code",
        &["https://app.test/cb", "https://app.test/other?t=1"],
    )
}

fn public() -> Client {
    client(
        ClientType::Public,
        "code,implicit",
        &["https://app.test/cb", "http://127.0.0.1/cb"],
    )
}

fn implicit_only() -> Client {
    client(ClientType::Public, "implicit", &["http://app.test/cb"])
}

/// The request in `query`; a page, a redirect or an understood request, in words.
fn outcome(client: &Client, query: &str) -> String {
    let parameters = match Parameters::parse(query) {
        Ok(parameters) => parameters,
        Err(error) => return format!("page: {error}"),
    };
    match prove_target(&parameters, Some(client)) {
        Err(page) => format!("page: {page}"),
        Ok(target) => match target.request(&parameters, RESOURCE) {
            Err(refusal) => refusal.error.to_string(),
            Ok(request) => format!("{} {}", request.response_type, request.redirect_uri),
        },
    }
}

const TARGET: &str = "client_id=7&redirect_uri=https%3A%2F%2Fapp.test%2Fcb";

#[test]
fn without_a_proven_target_the_user_sees_a_page_and_nothing_redirects() {
    // AS-3, AS-4, RFC 6749 section 4.1.2.1
    let rest = "response_type=code&scopes=all&state=x";
    for (query, expected) in [
        (
            "redirect_uri=https://app.test/cb",
            "page: parameter client_id is missing",
        ),
        (
            "client_id=&redirect_uri=https://app.test/cb",
            "page: parameter client_id is missing",
        ),
        (
            "client_id=8&redirect_uri=https://app.test/cb",
            "page: the application is not known",
        ),
        (
            "client_id=07&redirect_uri=https://app.test/cb",
            "page: the application is not known",
        ),
        (
            "client_id=x&redirect_uri=https://app.test/cb",
            "page: the application is not known",
        ),
        (
            "client_id=7&client_id=7&redirect_uri=https://app.test/cb",
            "page: parameter client_id is repeated",
        ),
        ("client_id=7", "page: parameter redirect_uri is missing"),
        ("client_id=7&redirect_uri=", "page: parameter redirect_uri is missing"),
        (
            "client_id=7&redirect_uri=https://app.test/cb&redirect_uri=https://app.test/cb",
            "page: parameter redirect_uri is repeated",
        ),
        (
            "client_id=7&redirect_uri=https://evil.test/cb",
            "page: the redirect URI is not registered for this application",
        ),
        (
            "client_id=7&redirect_uri=https://app.test/cb/",
            "page: the redirect URI is not registered for this application",
        ),
        (
            "client_id=7&redirect_uri=https://app.test/cb&state=%ff",
            "page: the parameters are not application/x-www-form-urlencoded UTF-8",
        ),
    ] {
        assert_eq!(
            outcome(&confidential(), &format!("{query}&{rest}")),
            expected,
            "{query}"
        );
    }
    let parameters = Parameters::parse(TARGET).unwrap();
    assert_eq!(prove_target(&parameters, None).err(), Some(PageRefusal::UnknownClient));
}

#[test]
fn a_code_is_not_sent_over_plain_http_even_for_old_rows() {
    // AS-7, decision 7
    let insecure = "page: the redirect URI is insecure: the code grant needs https";
    let old_row = client(
        ClientType::Confidential,
        "code",
        &["http://app.test/cb", "http://127.0.0.1/cb"],
    );
    let native = format!("code_challenge={CHALLENGE}&code_challenge_method=S256&scopes=all");
    for (client, query, expected) in [
        (
            &old_row,
            "redirect_uri=http://app.test/cb&response_type=code&scopes=all".to_owned(),
            insecure,
        ),
        (
            &old_row,
            "redirect_uri=http://127.0.0.1/cb&response_type=code&scopes=all".to_owned(),
            insecure,
        ),
        (
            &implicit_only(),
            "redirect_uri=http://app.test/cb&response_type=code&scopes=all".to_owned(),
            insecure,
        ),
        (
            &implicit_only(),
            "redirect_uri=http://app.test/cb&response_type=token&scopes=all".to_owned(),
            "token http://app.test/cb",
        ),
        (
            &public(),
            format!("redirect_uri=http://127.0.0.1:51234/cb&response_type=code&{native}"),
            "code http://127.0.0.1:51234/cb", // AS-8
        ),
    ] {
        assert_eq!(outcome(client, &format!("client_id=7&{query}")), expected, "{query}");
    }
}

#[test]
fn the_rest_of_the_request_is_refused_by_redirect() {
    let confidential = confidential();
    let public = public();
    let strict = Client {
        pkce_required: true,
        ..confidential.clone()
    };
    let s256 = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
    let granted = "code https://app.test/cb";
    for (client, query, expected) in [
        (&confidential, "response_type=code&scopes=all&state=x", granted),
        (&confidential, "response_type=code&scope=all", granted),
        (
            &confidential,
            "response_type=code&scopes=all&foo=1&foo=2&resource=",
            granted,
        ), // AS-2
        (
            &confidential,
            "response_type=code&scopes=all&state=x&state=x",
            "invalid_request",
        ), // AS-3
        (
            &confidential,
            "response_type=code&response_type=code&scopes=all",
            "invalid_request",
        ),
        // AS-9
        (&confidential, "scopes=all", "invalid_request"),
        (&confidential, "response_type=&scopes=all", "invalid_request"),
        (
            &confidential,
            "response_type=id_token&scopes=all",
            "unsupported_response_type",
        ),
        (
            &confidential,
            "response_type=code+token&scopes=all",
            "unsupported_response_type",
        ),
        (&confidential, "response_type=token&scopes=all", "unauthorized_client"), // AS-56
        (
            &implicit_only_at_https(),
            "response_type=code&scopes=all",
            "unauthorized_client",
        ),
        // AS-11, decision 2
        (&confidential, "response_type=code&scopes=read", "invalid_scope"),
        (
            &confidential,
            "response_type=code&scopes=all&scope=read",
            "invalid_scope",
        ),
        (&confidential, "response_type=code", "invalid_scope"),
        (
            &confidential,
            "response_type=code&scopes=all&scopes=all",
            "invalid_request",
        ),
        // provider.md section 2
        (&confidential, "response_type=code&scopes=all&account_id=12", granted),
        (&confidential, "response_type=code&scopes=all&account_id=", granted),
        (
            &confidential,
            "response_type=code&scopes=all&account_id=abc",
            "invalid_request",
        ),
        (
            &confidential,
            "response_type=code&scopes=all&account_id=-1",
            "invalid_request",
        ),
        (
            &confidential,
            "response_type=code&scopes=all&account_id=99999999999999999999",
            "invalid_request",
        ),
        // AS-54, RFC 8707
        (
            &confidential,
            "response_type=code&scopes=all&resource=https://vendor.test/v2",
            granted,
        ),
        (
            &confidential,
            "response_type=code&scopes=all&resource=https://vendor.test/v2&resource=https://vendor.test/v2",
            granted,
        ),
        (
            &confidential,
            "response_type=code&scopes=all&resource=https://other.test",
            "invalid_target",
        ),
        (
            &confidential,
            "response_type=code&scopes=all&resource=https://vendor.test/v2&resource=https://other.test",
            "invalid_target",
        ),
        // AS-32, decision 4, RFC 7636 section 4.4.1
        (&public, "response_type=code&scopes=all", "invalid_request"),
        (&strict, "response_type=code&scopes=all", "invalid_request"),
        (&public, &format!("response_type=code&scopes=all&{s256}"), granted),
        (&strict, &format!("response_type=code&scopes=all&{s256}"), granted),
        (&confidential, &format!("response_type=code&scopes=all&{s256}"), granted),
        // AS-33
        (
            &confidential,
            &format!("response_type=code&scopes=all&code_challenge={CHALLENGE}&code_challenge_method=plain"),
            "invalid_request",
        ),
        (
            &confidential,
            &format!("response_type=code&scopes=all&code_challenge={CHALLENGE}"),
            "invalid_request",
        ),
        (
            &confidential,
            "response_type=code&scopes=all&code_challenge=short&code_challenge_method=S256",
            "invalid_request",
        ),
        (
            &confidential,
            "response_type=code&scopes=all&code_challenge_method=S256",
            "invalid_request",
        ),
        (&public, "response_type=token&scopes=all", "token https://app.test/cb"),
    ] {
        assert_eq!(outcome(client, &format!("{TARGET}&{query}")), expected, "{query}");
    }
}

fn implicit_only_at_https() -> Client {
    client(ClientType::Public, "implicit", &["https://app.test/cb"])
}

#[test]
fn a_refusal_goes_where_the_answer_would_have_gone() {
    // AS-10, AS-12
    for (client, query, expected) in [
        (
            confidential(),
            "response_type=code&scopes=read&state=a%26+b",
            "https://app.test/cb?error=invalid_scope&error_description=the%20only%20scope%20is%20all&state=a%26%20b&iss=https%3A%2F%2Fvendor.test",
        ),
        (
            public(),
            "response_type=token&scopes=read&state=x",
            "https://app.test/cb#error=invalid_scope&error_description=the%20only%20scope%20is%20all&state=x&iss=https%3A%2F%2Fvendor.test",
        ),
        (
            confidential(),
            "response_type=code&scopes=all&state=x&state=y",
            "https://app.test/cb?error=invalid_request&error_description=parameter%20state%20is%20repeated&iss=https%3A%2F%2Fvendor.test",
        ),
    ] {
        let parameters = Parameters::parse(format!("{TARGET}&{query}")).unwrap();
        let refusal = prove_target(&parameters, Some(&client))
            .unwrap()
            .request(&parameters, RESOURCE)
            .unwrap_err();
        assert_eq!(refusal.url(ISSUER).reveal(), expected);
    }
}

#[test]
fn an_understood_request_keeps_what_was_asked() {
    let query = format!(
        "{TARGET}&response_type=code&scopes=all&state=x&account_id=12&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let parameters = Parameters::parse(query).unwrap();
    let public = public();
    let request = prove_target(&parameters, Some(&public))
        .unwrap()
        .request(&parameters, RESOURCE)
        .unwrap();
    assert_eq!(request.client, public.id);
    assert_eq!(request.account, Some(12));
    assert_eq!(
        request.challenge.map(|challenge| challenge.to_string()).as_deref(),
        Some(CHALLENGE)
    );
    let url = request.return_address().with_error(ErrorCode::AccessDenied, "", ISSUER);
    assert_eq!(
        *url.reveal(),
        "https://app.test/cb?error=access_denied&state=x&iss=https%3A%2F%2Fvendor.test"
    );
}

proptest! {
    #[test]
    fn any_request_ends_in_a_page_or_at_a_registered_uri(pairs in prop::collection::vec((names(), values()), 0..12)) {
        let query = encode_form(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let parameters = Parameters::parse(query).unwrap();
        let public = public();
        if let Ok(target) = prove_target(&parameters, Some(&public)) {
            let redirect_uri = match target.request(&parameters, RESOURCE) {
                Ok(request) => request.redirect_uri,
                Err(refusal) => refusal.to.redirect_uri,
            };
            prop_assert!(public.may_return_to(&redirect_uri));
        }
    }
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(SINGLE.into_iter().chain(["resource", "foo"]).collect::<Vec<_>>())
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "7",
            "https://app.test/cb",
            "code",
            "token",
            "all",
            CHALLENGE,
            "S256",
            RESOURCE,
            ""
        ])
        .prop_map(str::to_owned),
        "[^\0]{0,20}",
    ]
}
