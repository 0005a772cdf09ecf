use proptest::prelude::*;

use super::*;
use crate::{Parameters, Verifier};

#[test]
fn the_link_carries_state_and_an_s256_challenge() {
    // CL-1, CL-2
    let challenge = Verifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        .unwrap()
        .challenge();
    for (endpoint, account_id, expected) in [
        (
            "https://vendor.test/oauth2/authorize",
            None,
            "https://vendor.test/oauth2/authorize?",
        ),
        (
            "https://vendor.test/oauth2/authorize?t=1",
            None,
            "https://vendor.test/oauth2/authorize?t=1&",
        ),
        (
            "https://vendor.test/oauth2/authorize",
            Some("12"),
            "https://vendor.test/oauth2/authorize?",
        ),
    ] {
        let link = AuthorizeUrl {
            endpoint: &Url::parse(endpoint).unwrap(),
            client_id: "7",
            redirect_uri: "https://app.test/oauth/callback",
            scope: ("scopes", "all"),
            state: &State::from_entropy([0; 16]),
            challenge: &challenge,
            account_id,
        };
        let account = account_id
            .map(|account| format!("&account_id={account}"))
            .unwrap_or_default();
        let parameters = "client_id=7&redirect_uri=https%3A%2F%2Fapp.test%2Foauth%2Fcallback&response_type=code\
            &scopes=all&state=AAAAAAAAAAAAAAAAAAAAAA\
            &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        assert_eq!(link.url().as_str(), format!("{expected}{parameters}{account}"));
    }
}

#[test]
fn only_the_server_s_own_word_ends_an_authorization() {
    use RefreshFailure::{Gone, Misconfigured, Passing};
    let json = Some("application/json");
    let html = Some("text/html; charset=utf-8");
    for (status, content_type, body, expected) in [
        // CL-17: the seed's 403, today's 400, RFC 6750's 401
        (403, json, r#"{"error":"invalid_grant"}"#, Gone),
        (400, json, r#"{"error":"invalid_grant","error_description":"x"}"#, Gone),
        (401, json, r#"{"error":"invalid_grant"}"#, Gone),
        (403, None, "", Gone),
        (403, json, "{}", Gone),
        (
            403,
            json,
            r#"{"uuid":"u","code":"authentication_failed","message":"m"}"#,
            Gone,
        ),
        (400, json, r#"{"error":"token_was_revoked_by_moon"}"#, Gone),
        (401, Some("text/plain"), r#"{"error":"invalid_grant"}"#, Gone),
        // CL-18
        (401, json, r#"{"error":"invalid_client"}"#, Misconfigured),
        (400, json, r#"{"error":"unauthorized_client"}"#, Misconfigured),
        (400, json, r#"{"error":"invalid_request"}"#, Misconfigured),
        // CL-17: what stands in between, and what passes
        (403, html, "<html>blocked</html>", Passing),
        (403, html, "", Passing),
        (403, json, "<html>blocked</html>", Passing),
        (403, Some("text/plain"), "error code: 1020", Passing),
        (400, json, r#"{"error":"temporarily_unavailable"}"#, Passing),
        (429, json, r#"{"error":"invalid_grant"}"#, Passing),
        (500, json, r#"{"error":"invalid_grant"}"#, Passing),
        (503, html, "<html>", Passing),
        (502, None, "", Passing),
        (404, html, "<html>", Passing),
        (200, json, "{}", Passing),
    ] {
        assert_eq!(
            classify_refresh_failure(status, content_type, body.as_bytes()),
            expected,
            "{status} {body}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_was_put_into_the_link_is_read_by_the_server(
        client_id in "[!-~]{1,20}", redirect_uri in "[^\0]{1,40}", account in "[^\0]{1,20}",
    ) {
        let link = AuthorizeUrl {
            endpoint: &Url::parse("https://vendor.test/oauth2/authorize").unwrap(),
            client_id: &client_id,
            redirect_uri: &redirect_uri,
            scope: ("scopes", "all"),
            state: &State::from_entropy([7; 16]),
            challenge: &Verifier::from_entropy([1; 32]).challenge(),
            account_id: Some(&account),
        };
        let url = link.url();
        let parameters = Parameters::parse(url.query().unwrap()).unwrap();
        prop_assert_eq!(parameters.required("client_id"), Ok(client_id.as_str()));
        prop_assert_eq!(parameters.required("redirect_uri"), Ok(redirect_uri.as_str()));
        prop_assert_eq!(parameters.required("account_id"), Ok(account.as_str()));
    }

    #[test]
    fn any_answer_is_judged(status in any::<u16>(), body in any::<Vec<u8>>()) {
        let _ = classify_refresh_failure(status, None, &body);
    }
}
