use proptest::prelude::*;

use super::*;

const CODE: Grants = Grants {
    code: true,
    implicit: false,
};
const IMPLICIT: Grants = Grants {
    code: false,
    implicit: true,
};
const BOTH: Grants = Grants {
    code: true,
    implicit: true,
};

#[test]
fn registration_names_the_rule_that_was_broken() {
    use ClientType::{Confidential, Public};
    use RedirectUriError as No;
    for (text, client_type, grants, expected) in [
        ("https://app.test/cb", Confidential, CODE, Ok(false)),
        ("https://app.test", Confidential, CODE, Ok(false)),
        ("https://app.test:8443/cb?tenant=1", Confidential, CODE, Ok(false)),
        ("https://localhost:8443/oauth/callback", Confidential, CODE, Ok(false)),
        // AS-6, RFC 6749 section 3.1.2: absolute, no fragment
        ("", Confidential, CODE, Err(No::NotAbsolute)),
        ("/cb", Confidential, CODE, Err(No::NotAbsolute)),
        ("app.test/cb", Confidential, CODE, Err(No::NotAbsolute)),
        ("//app.test/cb", Confidential, CODE, Err(No::NotAbsolute)),
        ("https:app.test/cb", Confidential, CODE, Err(No::NotAbsolute)),
        ("https:/app.test/cb", Confidential, CODE, Err(No::NotAbsolute)),
        ("https:///cb", Confidential, CODE, Err(No::NotAbsolute)),
        ("https://app.test/cb#", Confidential, CODE, Err(No::Fragment)),
        ("https://app.test/cb#x", Confidential, CODE, Err(No::Fragment)),
        ("https://user@app.test/cb", Confidential, CODE, Err(No::UserInfo)),
        ("https://user:pw@app.test/cb", Confidential, CODE, Err(No::UserInfo)),
        ("https://@app.test/cb", Confidential, CODE, Err(No::UserInfo)),
        ("https://*.app.test/cb", Confidential, CODE, Err(No::Wildcard)),
        ("https://app.test/c b", Confidential, CODE, Err(No::Characters)),
        ("https://app.test\\cb", Confidential, CODE, Err(No::Characters)),
        ("https://app.test/cb\n", Confidential, CODE, Err(No::Characters)),
        ("https://äpp.test/cb", Confidential, CODE, Err(No::Characters)),
        (
            "https://app.test/cb?state=1",
            Confidential,
            CODE,
            Err(No::ReservedParameter),
        ),
        (
            "https://app.test/cb?%63ode=1",
            Confidential,
            CODE,
            Err(No::ReservedParameter),
        ),
        // AS-7, decision 7, RFC 9700 section 2.6: http only to loopback, or for implicit-only applications
        ("http://app.test/cb", Confidential, CODE, Err(No::Insecure)),
        ("http://app.test/cb", Public, BOTH, Err(No::Insecure)),
        ("HTTP://app.test/cb", Public, CODE, Err(No::Insecure)),
        ("http://app.test/cb", Public, IMPLICIT, Ok(true)),
        ("http://myapplication.com", Public, IMPLICIT, Ok(true)),
        ("http://localhost/cb", Public, IMPLICIT, Ok(true)),
        // AS-8, RFC 8252 section 7.3
        ("http://127.0.0.1/cb", Public, CODE, Ok(false)),
        ("http://127.0.0.1:5000/cb", Public, BOTH, Ok(false)),
        ("http://[::1]/cb", Public, CODE, Ok(false)),
        ("http://127.0.0.1/cb", Confidential, CODE, Err(No::Insecure)),
        ("http://localhost/cb", Public, CODE, Err(No::Localhost)),
        ("http://127.1/cb", Public, CODE, Err(No::Insecure)),
        ("http://2130706433/cb", Public, CODE, Err(No::Insecure)),
        ("http://127.0.0.1.app.test/cb", Public, CODE, Err(No::Insecure)),
        // RFC 8252 section 7.1
        ("com.example.app:/cb", Public, CODE, Ok(false)),
        ("com.example.app:/cb", Confidential, CODE, Err(No::Scheme)),
        ("myapp://cb", Public, CODE, Err(No::Scheme)),
        ("javascript:alert(1)", Public, IMPLICIT, Err(No::Scheme)),
        ("data:text/html,x", Public, IMPLICIT, Err(No::Scheme)),
        ("file:///etc/passwd", Public, IMPLICIT, Err(No::Scheme)),
        ("ftp://app.test/cb", Public, IMPLICIT, Err(No::Scheme)),
        ("urn:ietf:wg:oauth:2.0:oob", Public, IMPLICIT, Err(No::Scheme)),
    ] {
        let outcome = RedirectUri::register(text, client_type, grants);
        assert_eq!(
            outcome.map(|registered| registered.insecure),
            expected,
            "{text} {client_type} {grants}"
        );
    }
    let long = format!("https://app.test/{}", "a".repeat(RedirectUri::LIMIT));
    assert_eq!(RedirectUri::register(&long, Public, CODE), Err(No::TooLong));
}

#[test]
fn a_request_names_a_registered_uri_to_the_letter() {
    // AS-5
    let registered = RedirectUri::stored("https://app.test/cb".to_owned());
    for (requested, expected) in [
        ("https://app.test/cb", true),
        ("https://app.test/cb/", false),
        ("https://app.test/cb?x=1", false),
        ("https://app.test/cb#x", false),
        ("https://APP.test/cb", false),
        ("HTTPS://app.test/cb", false),
        ("https://app.test/c%62", false),
        ("https://app.test/x/../cb", false),
        ("https://app.test:443/cb", false),
        ("https://app.test@evil.test/cb", false),
        ("https://evil@app.test/cb", false),
        ("https://sub.app.test/cb", false),
        ("https://app.test.evil.test/cb", false),
        ("https://app。test/cb", false),
        ("https://app.test./cb", false),
        ("http://app.test/cb", false),
        (" https://app.test/cb", false),
        ("", false),
    ] {
        for client_type in [ClientType::Public, ClientType::Confidential] {
            assert_eq!(registered.matches(requested, client_type), expected, "{requested}");
        }
    }
}

#[test]
fn only_the_port_of_a_public_client_s_loopback_literal_is_free() {
    // AS-8, RFC 8252 section 7.3
    for (registered, requested, expected) in [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb", true),
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1:51234/cb", true),
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1/cb", true),
        ("http://[::1]/cb", "http://[::1]:51234/cb", true),
        ("http://127.0.0.1", "http://127.0.0.1:51234", true),
        ("http://127.0.0.1/cb?a=1", "http://127.0.0.1:51234/cb?a=1", true),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb2", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb?a=1", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb#", false),
        ("http://127.0.0.1/cb", "http://[::1]:51234/cb", false),
        ("http://127.0.0.1/cb", "https://127.0.0.1:51234/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.test/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1.evil.test/cb", false),
        ("http://127.0.0.1/cb", "http://127.1/cb", false),
        ("http://localhost/cb", "http://localhost:51234/cb", false),
        ("https://127.0.0.1/cb", "https://127.0.0.1:51234/cb", false),
    ] {
        let uri = RedirectUri::stored(registered.to_owned());
        assert_eq!(
            uri.matches(requested, ClientType::Public),
            expected,
            "{registered} {requested}"
        );
        assert!(
            !uri.matches(requested, ClientType::Confidential),
            "{registered} {requested}"
        );
    }
}

#[test]
fn a_code_travels_over_plain_http_only_to_a_public_client_s_loopback_literal() {
    // AS-7: holds for rows that were stored before the rule as well
    for (uri, client_type, expected) in [
        ("https://app.test/cb", ClientType::Confidential, true),
        ("com.example.app:/cb", ClientType::Public, true),
        ("http://127.0.0.1:5000/cb", ClientType::Public, true),
        ("http://127.0.0.1:5000/cb", ClientType::Confidential, false),
        ("http://localhost/cb", ClientType::Public, false),
        ("http://app.test/cb", ClientType::Public, false),
        ("HTTP://app.test/cb", ClientType::Public, false),
    ] {
        assert_eq!(may_carry_code(uri, client_type), expected, "{uri} {client_type}");
    }
}

proptest! {
    #[test]
    fn any_text_is_registered_or_refused(text in ".{0,60}", prefix in "(https?://|http://127.0.0.1|)") {
        let text = prefix + &text;
        if let Ok(registered) = RedirectUri::register(&text, ClientType::Public, CODE) {
            prop_assert!(registered.uri.matches(&text, ClientType::Confidential));
            prop_assert!(may_carry_code(&text, ClientType::Public));
        }
    }
}
