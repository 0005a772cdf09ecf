use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn call<'a>(authorization: &'a [&'a [u8]], query: Option<&'a str>, body: &'a str) -> EndpointCall<'a> {
    EndpointCall {
        authorization,
        content_type: Some(FORM),
        query,
        body: body.as_bytes(),
    }
}

/// Method, id and secret, or the refusal.
fn credentials(authorization: &[&[u8]], body: &str) -> Result<(ClientMethod, i64, Option<String>), TokenError> {
    let call = call(authorization, None, body);
    let read = call.credentials(&call.parameters(false)?)?;
    Ok((
        read.method,
        read.client.number(),
        read.secret.map(Secret::into_revealed),
    ))
}

#[test]
fn a_client_shows_itself_by_exactly_one_method() {
    use ClientMethod::{Basic, None as Unproven, Post};
    let basic = |pair: &str| format!("Basic {}", BASE64.encode(pair));
    let no_client = |by_header| Err(TokenError::InvalidClient { by_header });
    let two = Err(two_methods());
    let missing = Err(TokenError::InvalidRequest("parameter client_id is missing".into()));
    let differs = Err(TokenError::InvalidRequest(
        "client_id differs from the Authorization header".into(),
    ));
    let known = |method, secret: Option<&str>| Ok((method, 7, secret.map(str::to_owned)));
    for (header, body, expected) in [
        // AS-36, RFC 6749 section 2.3.1
        (Some(basic("7:s")), "", known(Basic, Some("s"))),
        (Some(basic("7:s%3Ae+c")), "", known(Basic, Some("s:e c"))),
        (Some(basic("%37:s")), "", known(Basic, Some("s"))),
        (Some(basic("7:a:b")), "", known(Basic, Some("a:b"))), // not encoded inside
        (Some(basic("7:100%")), "", known(Basic, Some("100%"))), // not encoded inside
        (Some(basic("7:")), "", known(Basic, None)),
        (
            Some(basic("7:s").replace("Basic", "bAsIc")),
            "",
            known(Basic, Some("s")),
        ),
        (Some(basic("7:ss").replace('=', "")), "", known(Basic, Some("ss"))),
        (Some(basic("7:s")), "client_id=7", known(Basic, Some("s"))),
        (Some(basic("7")), "", no_client(true)),
        (Some(basic("x:s")), "", no_client(true)),
        (Some("Basic !!".to_owned()), "", no_client(true)),
        (Some("Basic".to_owned()), "", no_client(true)),
        (Some("Bearer abc".to_owned()), "", no_client(true)),
        // AS-37
        (None, "client_id=7&client_secret=s%3Ae+c", known(Post, Some("s:e c"))),
        (None, "client_id=7", known(Unproven, None)),
        (None, "client_id=7&client_secret=", known(Unproven, None)),
        (None, "client_secret=s", missing),
        (None, "", no_client(false)),
        (None, "client_id=x&client_secret=s", no_client(false)),
        (None, "client_id=7&client_assertion=j", no_client(false)),
        // AS-38, RFC 6749 section 2.3
        (Some(basic("7:s")), "client_id=7&client_secret=s", two.clone()),
        (Some(basic("7:s")), "client_assertion=j", two.clone()),
        (Some(basic("7:s")), "client_id=8", differs),
        (None, "client_id=7&client_secret=s&client_assertion=j", two.clone()),
    ] {
        let headers: Vec<&[u8]> = header.iter().map(String::as_bytes).collect();
        assert_eq!(credentials(&headers, body), expected, "{header:?} {body}");
    }
    assert_eq!(credentials(&[b"Basic NzpzCg==", b"Basic NzpzCg=="], ""), two);
}

#[test]
fn parameters_belong_in_a_form_body() {
    let refused = |text: &'static str| Err(TokenError::InvalidRequest(text.into()));
    let wrong_type = "content type must be application/x-www-form-urlencoded";
    for (allow_query, content_type, query, body, expected) in [
        (false, Some(FORM), None, "code=C", Ok("C")),
        (
            false,
            Some("Application/X-WWW-Form-URLencoded; charset=UTF-8"),
            None,
            "code=C",
            Ok("C"),
        ),
        (false, Some(FORM), Some("foo=1"), "code=C", Ok("C")),
        // AS-44
        (false, Some("application/json"), None, "code=C", refused(wrong_type)),
        (false, None, None, "code=C", refused(wrong_type)),
        (false, Some("multipart/form-data"), None, "code=C", refused(wrong_type)),
        (
            true,
            Some(FORM),
            Some("code=C"),
            "code=C",
            refused("parameter code is repeated"),
        ),
        (
            true,
            Some(FORM),
            None,
            "code=C&code=C",
            refused("parameter code is repeated"),
        ), // AS-3
        (false, Some(FORM), None, "", refused("parameter code is missing")),
        // AS-37, decision 3
        (
            false,
            Some(FORM),
            Some("code=C"),
            "",
            refused("parameter code belongs in the body, not in the URL"),
        ),
        (
            false,
            Some(FORM),
            Some("client_secret=s"),
            "code=C",
            refused("parameter client_secret belongs in the body, not in the URL"),
        ),
        (true, None, Some("code=C"), "", Ok("C")),
        (true, Some("application/json"), Some("code=C"), "", Ok("C")),
        (true, Some(FORM), Some("client_id=7"), "code=C", Ok("C")),
    ] {
        let call = EndpointCall {
            authorization: &[],
            content_type,
            query,
            body: body.as_bytes(),
        };
        let parameters = call.parameters(allow_query);
        let code = match &parameters {
            Ok(parameters) => parameters.required("code").map_err(TokenError::from),
            Err(error) => Err(error.clone()),
        };
        assert_eq!(code, expected, "{allow_query} {content_type:?} {query:?} {body}");
    }
}

proptest! {
    #[test]
    fn any_call_is_read_or_refused(
        header in prop::option::of(prop_oneof!["Basic [A-Za-z0-9+/=]{0,20}".prop_map(String::into_bytes), any::<Vec<u8>>()]),
        query in prop::option::of(".*"),
        body in any::<Vec<u8>>(),
        allow_query in any::<bool>(),
    ) {
        let headers: Vec<&[u8]> = header.iter().map(Vec::as_slice).collect();
        let call = EndpointCall { authorization: &headers, content_type: Some(FORM), query: query.as_deref(), body: &body };
        let _ = call.parameters(allow_query).and_then(|parameters| call.credentials(&parameters));
    }
}
