use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const RULES: TokenRules<'_> = TokenRules {
    allow_query: false,
    resource: "https://vendor.test/v2",
};

fn read(body: &str, rules: TokenRules<'_>) -> Result<TokenRequest, TokenError> {
    let content_type = Some("application/x-www-form-urlencoded");
    let body = format!("client_id=7&client_secret=s&{body}");
    TokenRequest::read(
        EndpointCall {
            authorization: &[],
            content_type,
            query: None,
            body: body.as_bytes(),
        },
        rules,
    )
}

#[test]
fn a_grant_is_a_code_or_a_refresh_token() {
    let refused = |text: &'static str| Err(TokenError::InvalidRequest(text.into()));
    let bad_verifier = "a code verifier has 43 to 128 unreserved characters";
    let code = "grant_type=authorization_code&code=C&redirect_uri=https://app.test/cb";
    for (body, expected) in [
        (code.to_owned(), Ok("code C https://app.test/cb")),
        ("grant_type=authorization_code&code=C".to_owned(), Ok("code C -")), // refused by `redeem`, AS-26
        (
            format!("{code}&code_verifier={VERIFIER}"),
            Ok("code C https://app.test/cb proven"),
        ),
        (
            format!("{code}&resource=https://vendor.test/v2"),
            Ok("code C https://app.test/cb"),
        ),
        ("grant_type=refresh_token&refresh_token=R".to_owned(), Ok("refresh R")),
        (
            "grant_type=refresh_token&refresh_token=R&scope=all".to_owned(),
            Ok("refresh R all"),
        ),
        (
            "grant_type=refresh_token&refresh_token=R&scopes=all".to_owned(),
            Ok("refresh R all"),
        ),
        // AS-40
        ("code=C".to_owned(), refused("parameter grant_type is missing")),
        (
            "grant_type=authorization_code".to_owned(),
            refused("parameter code is missing"),
        ),
        (
            "grant_type=refresh_token".to_owned(),
            refused("parameter refresh_token is missing"),
        ),
        (
            "grant_type=refresh_token&refresh_token=".to_owned(),
            refused("parameter refresh_token is missing"),
        ),
        ("grant_type=implicit".to_owned(), Err(TokenError::UnsupportedGrantType)),
        (
            "grant_type=client_credentials".to_owned(),
            Err(TokenError::UnsupportedGrantType),
        ),
        (
            "grant_type=password&username=u&password=p".to_owned(),
            Err(TokenError::UnsupportedGrantType),
        ), // AS-42
        // AS-34
        (
            format!("{code}&code_verifier={}", "a".repeat(42)),
            refused(bad_verifier),
        ),
        (
            format!("{code}&code_verifier={}", "a".repeat(129)),
            refused(bad_verifier),
        ),
        (
            format!("{code}&code_verifier={}!", "a".repeat(43)),
            refused(bad_verifier),
        ),
        // AS-47
        (
            "grant_type=refresh_token&refresh_token=R&scope=read".to_owned(),
            Err(TokenError::InvalidScope),
        ),
        (
            "grant_type=refresh_token&refresh_token=R&scope=all&scopes=read".to_owned(),
            Err(TokenError::InvalidScope),
        ),
        // AS-54
        (
            format!("{code}&resource=https://other.test"),
            Err(TokenError::InvalidTarget),
        ),
    ] {
        let seen = read(&body, RULES).map(|request| match request.grant {
            GrantRequest::AuthorizationCode {
                code,
                redirect_uri,
                verifier,
            } => {
                let proven = if verifier.is_some() { " proven" } else { "" };
                format!(
                    "code {} {}{proven}",
                    code.reveal(),
                    redirect_uri.as_deref().unwrap_or("-")
                )
            }
            GrantRequest::RefreshToken { token, scope } => {
                let scope = scope.map(|scope| format!(" {scope}")).unwrap_or_default();
                format!("refresh {}{scope}", token.reveal())
            }
        });
        assert_eq!(seen.as_deref(), expected.as_ref().copied(), "{body}");
    }
}

#[test]
fn an_older_client_of_the_vendor_posts_its_query_string() {
    // Decision 3
    let query = "code=C&client_id=7&client_secret=s&redirect_uri=https://app.test/cb&grant_type=authorization_code";
    let call = EndpointCall {
        authorization: &[],
        content_type: None,
        query: Some(query),
        body: b"",
    };
    assert!(
        TokenRequest::read(
            call,
            TokenRules {
                allow_query: true,
                ..RULES
            }
        )
        .is_ok()
    );
    let refused = TokenRequest::read(call, RULES).map(|_| ());
    assert!(matches!(refused, Err(TokenError::InvalidRequest(_))), "{refused:?}");
}

#[test]
fn debug_shows_no_code_and_no_secret() {
    let request = read("grant_type=authorization_code&code=hunter2", RULES).unwrap();
    assert!(!format!("{request:?}").contains("hunter2"));
}
