use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use rightful_http::client::{Body, TransportError};
use serde_json::{Value, json};

use crate::{
    connector::Connector as _,
    export::{Export, ExportError, ExportLocation, fetch},
    fake::Script,
    optimizely::Optimizely,
    settings::ExportSettings,
};

const HOST: &str = "https://s3-us-west-2.amazonaws.com/optimizely-sar-prod/1-2.zip";

fn settings(settings: &Value) -> ExportSettings {
    Optimizely.configure(settings).unwrap().settings().export.clone()
}

async fn fetched(script: &Script, location: &str, chosen: &Value) -> Result<Export, ExportError> {
    fetch(
        script,
        &ExportLocation::new(location),
        &settings(chosen),
        Timestamp::UNIX_EPOCH,
    )
    .await
}

fn redirect(to: &str) -> Response<Body> {
    Response::builder()
        .status(StatusCode::FOUND)
        .header("location", to)
        .body(Body::full(""))
        .unwrap()
}

fn archive(content: &'static str) -> Response<Body> {
    Response::new(Body::full(content))
}

fn no_credentials(request: &Request<bytes::Bytes>) {
    for header in ["authorization", "cookie"] {
        assert!(request.headers().get(header).is_none(), "{header}");
    }
}

// CL-24
#[tokio::test]
async fn an_export_is_fetched_without_the_bearer_token() {
    let script = Script::of([Ok(archive("zip"))]);
    let export = fetched(&script, &format!("{HOST}?X-Amz-Signature=1#x"), &json!({}))
        .await
        .unwrap();
    assert_eq!(&export.body.read(10).await.unwrap()[..], b"zip");
    assert_eq!(export.host, "s3-us-west-2.amazonaws.com");
    let sent = script.sent();
    assert_eq!(sent[0].uri().to_string(), format!("{HOST}?X-Amz-Signature=1"));
    no_credentials(&sent[0]);
}

// CL-24
#[tokio::test]
async fn locations_that_lead_elsewhere_are_not_called() {
    let table = [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "http://s3.amazonaws.com/x",
        "https://evil.test/x.zip",
        "https://s3.amazonaws.com@evil.test/x.zip",
        "https://user:password@s3.amazonaws.com/x.zip",
        "https://[::1]/x",
        "https://0x7f.1/x",
        "file:///etc/passwd",
        "ftp://s3.amazonaws.com/x",
        "s3://optimizely-sar-prod/1-2.zip",
        "//s3.amazonaws.com/x",
        "not a url",
        "",
    ];
    for location in table {
        let script = Script::of([]);
        let error = fetched(&script, location, &json!({})).await.unwrap_err();
        assert!(matches!(error, ExportError::Location { .. }), "{location}: {error}");
        assert_eq!(error.code(), "export_refused");
        assert!(script.sent().is_empty(), "{location}");
    }
}

// CL-24
#[tokio::test]
async fn three_redirects_are_followed_and_each_is_checked() {
    let hops = ["https://a.amazonaws.com/1", "/2", "https://b.amazonaws.com/3"];
    let script = Script::of(hops.map(|to| Ok(redirect(to))).into_iter().chain([Ok(archive("zip"))]));
    fetched(&script, HOST, &json!({})).await.unwrap();
    let places: Vec<String> = script.sent().iter().map(|request| request.uri().to_string()).collect();
    assert_eq!(
        places[1..],
        [
            "https://a.amazonaws.com/1",
            "https://a.amazonaws.com/2",
            "https://b.amazonaws.com/3"
        ]
    );
    script.sent().iter().for_each(no_credentials);

    let script = Script::of((0..4).map(|_| Ok(redirect(HOST))));
    assert!(matches!(
        fetched(&script, HOST, &json!({})).await,
        Err(ExportError::Redirects)
    ));

    for to in [
        "https://127.0.0.1/",
        "http://s3.amazonaws.com/",
        "file:///etc/passwd",
        "https://evil.test/",
    ] {
        let script = Script::of([Ok(redirect(to))]);
        let error = fetched(&script, HOST, &json!({})).await.unwrap_err();
        assert!(matches!(error, ExportError::Location { .. }), "{to}: {error}");
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test]
async fn a_sandbox_hands_out_exports_on_its_own_host() {
    let chosen = json!({"app_url": "https://localhost:8444", "api_url": "https://localhost:8444"});
    let script = Script::of([Ok(archive("zip"))]);
    fetched(
        &script,
        "https://localhost:9000/bucket/1.zip?X-Amz-Signature=1",
        &chosen,
    )
    .await
    .unwrap();
    let chosen = json!({"export_hosts": ["exports.test:8443"]});
    for (location, allowed) in [
        ("https://exports.test:8443/x", true),
        ("https://exports.test/x", false),
        (HOST, false),
    ] {
        let script = Script::of([Ok(archive("zip"))]);
        assert_eq!(fetched(&script, location, &chosen).await.is_ok(), allowed, "{location}");
    }
}

// CL-25
#[tokio::test]
async fn s3_locations_are_read_with_the_stores_own_credentials() {
    let store = json!({"endpoint": "https://s3.internal.test", "access_key": "AK", "secret_key": "SK"});
    let script = Script::of([Ok(redirect("https://s3.amazonaws.com/elsewhere")), Ok(archive("zip"))]);
    fetched(&script, "s3://bucket/1/2.zip", &json!({"export_s3": store}))
        .await
        .unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].uri(), "https://s3.internal.test/bucket/1/2.zip");
    assert!(
        sent[0].headers()["authorization"]
            .to_str()
            .unwrap()
            .starts_with("AWS4-HMAC-SHA256 Credential=AK/")
    );
    no_credentials(&sent[1]);
}

#[tokio::test]
async fn too_long_an_archive_is_cut_off() {
    let chosen = json!({"export_max_bytes": 5});
    let declared = Response::builder()
        .header("content-length", "6")
        .body(Body::full("123456"))
        .unwrap();
    let error = fetched(&Script::of([Ok(declared)]), HOST, &chosen).await.unwrap_err();
    assert!(matches!(
        error,
        ExportError::Limit {
            limit: "export_max_bytes",
            value: 5
        }
    ));
    let export = fetched(&Script::of([Ok(archive("123456"))]), HOST, &chosen)
        .await
        .unwrap();
    let error = ExportError::from(export.body.read(100).await.unwrap_err());
    assert!(matches!(
        error,
        ExportError::Limit {
            limit: "export_max_bytes",
            value: 5
        }
    ));
}

#[tokio::test]
async fn refusals_and_faults_have_their_own_verdicts() {
    let answer = |status: u16| Ok(Response::builder().status(status).body(Body::full("<Error/>")).unwrap());
    let unknown = || {
        Err(TransportError::Unknown {
            host: "h".to_owned(),
            reason: "time-out".to_owned(),
        })
    };
    let forbidden = || {
        Err(TransportError::Forbidden {
            host: "h".to_owned(),
            reason: "private address".to_owned(),
        })
    };
    let table = [
        (answer(403), "export_unavailable"),
        (answer(404), "export_unavailable"),
        (answer(503), "export_unavailable"),
        (answer(429), "export_unavailable"),
        (answer(206), "export_unavailable"),
        (unknown(), "export_unavailable"),
        (forbidden(), "export_refused"),
        (
            Ok(Response::builder().status(302).body(Body::full("")).unwrap()),
            "export_refused",
        ),
    ];
    for (answer, code) in table {
        let error = fetched(&Script::of([answer]), HOST, &json!({})).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains("sar-prod"), "{error}");
    }
}
