use super::*;

const ISSUER: &str = "https://vendor.test";

fn document() -> ServerMetadata {
    ServerMetadata::describing(
        ISSUER,
        Endpoints {
            authorization: "https://vendor.test/oauth2/authorize",
            token: "https://vendor.test/oauth2/token",
            revocation: "https://vendor.test/oauth2/revoke",
            introspection: "https://vendor.test/oauth2/introspect",
        },
    )
}

#[test]
fn the_document_claims_what_this_crate_does_and_no_empty_list() {
    // AS-71, AS-72
    let json = serde_json::to_value(document()).unwrap();
    assert_eq!(json["issuer"], ISSUER); // AS-70
    assert_eq!(json["code_challenge_methods_supported"], serde_json::json!(["S256"])); // AS-29
    assert_eq!(json["authorization_response_iss_parameter_supported"], true); // AS-12
    assert_eq!(json["scopes_supported"], serde_json::json!(["all"]));
    for (name, value) in json.as_object().unwrap() {
        assert!(
            value.as_array().is_none_or(|list| !list.is_empty()) && !value.is_null(),
            "{name}"
        );
    }
}

#[test]
fn a_document_is_believed_only_about_its_own_issuer_and_at_https() {
    // CL-5
    let change = |change: fn(&mut ServerMetadata)| {
        let mut changed = document();
        change(&mut changed);
        changed.validate(ISSUER, is_https).map(|_| ())
    };
    for (outcome, expected) in [
        (change(|_| ()), Ok(())),
        (
            change(|it| it.issuer = "https://evil.test".to_owned()),
            Err(MetadataError::Issuer),
        ),
        (
            change(|it| it.issuer = "https://vendor.test/".to_owned()),
            Err(MetadataError::Issuer),
        ),
        (
            change(|it| it.token_endpoint = None),
            Err(MetadataError::Missing("token_endpoint")),
        ),
        (
            change(|it| it.token_endpoint = Some("http://vendor.test/oauth2/token".to_owned())),
            Err(MetadataError::Endpoint("token_endpoint")),
        ),
        (
            change(|it| it.token_endpoint = Some("https://a:b@vendor.test/token".to_owned())),
            Err(MetadataError::Endpoint("token_endpoint")),
        ),
        (
            change(|it| it.authorization_endpoint = Some("/oauth2/authorize".to_owned())),
            Err(MetadataError::Endpoint("authorization_endpoint")),
        ),
        (
            change(|it| it.revocation_endpoint = Some("javascript:alert(1)".to_owned())),
            Err(MetadataError::Endpoint("revocation_endpoint")),
        ),
        (change(|it| it.revocation_endpoint = None), Ok(())),
        (
            change(|it| it.response_types_supported = vec!["token".to_owned()]),
            Err(MetadataError::NoCodeGrant),
        ),
    ] {
        assert_eq!(outcome, expected);
    }
    let elsewhere = document().validate(ISSUER, |url| is_https(url) && url.host_str() == Some("other.test"));
    assert_eq!(elsewhere, Err(MetadataError::Endpoint("authorization_endpoint")));
}

#[test]
fn the_secret_goes_into_the_body_where_the_server_lists_it() {
    // CL-8
    for (methods, expected) in [
        (
            &["client_secret_basic", "client_secret_post", "none"][..],
            ClientMethod::Post,
        ),
        (&["client_secret_basic"], ClientMethod::Basic),
        (&[], ClientMethod::Basic), // RFC 8414 section 2
        (&["private_key_jwt"], ClientMethod::Post),
    ] {
        let mut document = document();
        document.token_endpoint_auth_methods_supported = methods.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(
            document.validate(ISSUER, is_https).unwrap().client_method,
            expected,
            "{methods:?}"
        );
    }
}

#[test]
fn a_sparse_document_of_a_stranger_is_read() {
    let json = r#"{"issuer":"https://vendor.test","authorization_endpoint":"https://vendor.test/a",
        "token_endpoint":"https://vendor.test/t","response_types_supported":["code"],"x":{"y":[]}}"#;
    let document: ServerMetadata = serde_json::from_str(json).unwrap();
    let discovered = document.validate(ISSUER, is_https).unwrap();
    assert!(!discovered.iss_advertised);
    assert_eq!(discovered.revocation_endpoint, None);
}

#[test]
fn the_well_known_part_goes_before_the_path() {
    // AS-69, RFC 8414 section 3.1
    for (issuer, expected) in [
        (
            "https://vendor.test",
            "https://vendor.test/.well-known/oauth-authorization-server",
        ),
        (
            "https://vendor.test/",
            "https://vendor.test/.well-known/oauth-authorization-server",
        ),
        (
            "https://vendor.test:8444/a/b",
            "https://vendor.test:8444/.well-known/oauth-authorization-server/a/b",
        ),
        (
            "https://vendor.test/a/",
            "https://vendor.test/.well-known/oauth-authorization-server/a",
        ),
    ] {
        assert_eq!(metadata_url(&Url::parse(issuer).unwrap()).as_str(), expected);
    }
}
