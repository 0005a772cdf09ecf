//! The embedded S3 endpoint: signatures, methods, and an ordinary S3 client.

use axum::body::Body;
use futures_util::TryStreamExt as _;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use object_store::{
    ClientOptions, ObjectStore as _, ObjectStoreExt as _, PutPayload,
    aws::{AmazonS3, AmazonS3Builder},
    client::{HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpResponseBody, HttpService},
    path::Path,
};
use provider::{Exports, S3Keys};
use rightful_http::{
    serve::{Limits, Server},
    tls::Tls,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::{
    subjects::{about, at_any_pace, fetch, record},
    world::World,
};

/// An S3 client of somebody else, who has the keys; its requests go through the router.
pub(crate) fn client(world: &World) -> AmazonS3 {
    client_with(world, &S3Keys::derived(world.provider.vault()))
}

fn client_with(world: &World, keys: &S3Keys) -> AmazonS3 {
    AmazonS3Builder::new()
        .with_endpoint("https://10.0.0.7:9000")
        .with_region("us-east-1")
        .with_bucket_name("rightful-exports")
        .with_access_key_id(&keys.access)
        .with_secret_access_key(keys.secret.reveal())
        .with_retry(object_store::RetryConfig {
            max_retries: 0,
            ..Default::default()
        })
        .with_http_connector(Wire(world.provider.router()))
        .build()
        .unwrap()
}

#[derive(Debug, Clone)]
struct Wire(axum::Router);

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait::async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (mut parts, body) = request.into_parts();
        let host = parts.uri.authority().unwrap().to_string();
        parts.headers.insert(header::HOST, host.parse().unwrap());
        parts.uri = parts.uri.path_and_query().unwrap().to_string().parse().unwrap();
        let body = body.collect().await?.to_bytes();
        parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
        let request = Request::from_parts(parts, Body::from(body));
        let answer = self.0.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::from(body)))
    }
}

async fn exported() -> (World, String) {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token("ada@example.test", account).await;
    world
        .import(account, &[record("grace@example.test", "profile", json!("marker"))])
        .await;
    let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
    let link = sar["export_location"].as_str().unwrap().to_owned();
    (world, link)
}

#[tokio::test]
async fn a_link_holds_only_as_it_was_signed() {
    // SEC-41
    let (world, link) = exported().await;
    let (status, headers, whole) = world.fetch(&link).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename=")
    );
    assert_eq!(headers["x-content-type-options"], "nosniff");

    let (path, query) = link.split_once('?').unwrap();
    for tampered in [
        path.to_owned(),
        link.replace("-30000001.zip", "-30000002.zip"),
        link.replace("X-Amz-Expires=604800", "X-Amz-Expires=604801"),
        format!(
            "{}{}",
            &link[..link.len() - 1],
            if link.ends_with('0') { '1' } else { '0' }
        ),
        link.replace("us-east-1", "us-east-2"),
        format!("{path}?{}", query.split("&X-Amz-Signature").next().unwrap()),
        "https://vendor.test/rightful-exports/".to_owned(),
        format!("https://vendor.test/rightful-exports/?list-type=2&{query}"),
        "https://vendor.test/rightful-exports?list-type=2".to_owned(),
    ] {
        let (status, _, body) = world.fetch(&tampered).await;
        assert!(status == StatusCode::FORBIDDEN, "{status} {tampered}");
        assert!(!String::from_utf8_lossy(&body).contains("profile"), "{tampered}");
    }
    // A link to read is no link to write or to delete.
    for method in [Method::PUT, Method::DELETE] {
        let request = Request::builder()
            .method(method)
            .uri(&link)
            .body(Body::empty())
            .unwrap();
        assert_eq!(fetch(&world.provider, request).await.0, StatusCode::FORBIDDEN);
    }
    for method in [Method::POST, Method::PATCH, Method::OPTIONS, Method::TRACE] {
        let request = Request::builder()
            .method(method)
            .uri(&link)
            .body(Body::empty())
            .unwrap();
        assert_eq!(fetch(&world.provider, request).await.0, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(world.fetch(&link).await.2, whole);

    let request = Request::get(&link)
        .header(header::RANGE, "bytes=2-5")
        .body(Body::empty())
        .unwrap();
    let (status, headers, part) = fetch(&world.provider, request).await;
    assert_eq!(status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(headers["content-range"], format!("bytes 2-5/{}", whole.len()));
    assert_eq!(part, whole[2..=5]);
}

#[tokio::test]
async fn objects_lie_sealed_on_the_disk_for_nobody_else_to_read() {
    let (world, _) = exported().await;
    let folder = world.database.folder().join("s3/rightful-exports");
    let objects: Vec<_> = std::fs::read_dir(folder.join("objects")).unwrap().collect();
    let path = objects[0].as_ref().unwrap().path();
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(4).any(|window| window == b"PK\x03\x04"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&path), 0o600);
    }
    // An object that was moved or damaged is not given out.
    let client = client(&world);
    let other = folder.join("objects").join("b3RoZXI");
    std::fs::copy(&path, &other).unwrap();
    assert!(client.get(&Path::from("other")).await.is_err());
}

#[tokio::test]
async fn an_ordinary_client_with_the_keys_can_use_the_bucket() {
    let (world, _) = exported().await;
    let client = client(&world);
    let key = Path::from("teams/a b/ü.ndjson");
    client.put(&key, PutPayload::from_static(b"one")).await.unwrap();
    client.put(&key, PutPayload::from_static(b"two")).await.unwrap();
    assert_eq!(client.get(&key).await.unwrap().bytes().await.unwrap(), "two");
    assert_eq!(client.head(&key).await.unwrap().size, 3);
    let mut upload = client.put_multipart(&key).await.unwrap();
    upload.put_part(PutPayload::from_static(b"three ")).await.unwrap();
    upload.put_part(PutPayload::from_static(b"four")).await.unwrap();
    upload.complete().await.unwrap();
    assert_eq!(client.get(&key).await.unwrap().bytes().await.unwrap(), "three four");

    let listed: Vec<_> = client.list(None).try_collect().await.unwrap();
    let names: Vec<_> = listed
        .iter()
        .map(|object| (object.location.as_ref(), object.size))
        .collect();
    assert_eq!(names[1..], [(key.as_ref(), 10)]);
    let folders = client.list_with_delimiter(None).await.unwrap();
    assert_eq!(folders.common_prefixes, [Path::from("teams")]);
    assert_eq!(folders.objects.len(), 1);

    let stranger = S3Keys {
        access: S3Keys::derived(world.provider.vault()).access,
        secret: crate::world::secret("guessed"),
    };
    let stranger = client_with(&world, &stranger);
    assert!(stranger.get(&key).await.is_err());
    assert!(stranger.put(&key, PutPayload::from_static(b"x")).await.is_err());
    assert_eq!(client.get(&key).await.unwrap().bytes().await.unwrap(), "three four");
}

#[tokio::test]
async fn exports_may_lie_in_another_store() {
    // The other store is another provider's, over plain http on a private address.
    let (elsewhere, _) = exported().await;
    let keys = S3Keys::derived(elsewhere.provider.vault());
    let clock = elsewhere.provider.clock().clone();
    let server = Server::bind("127.0.0.1:0", Tls::Off, clock).await.unwrap();
    let endpoint = format!("http://{}", server.address());
    let stop = CancellationToken::new();
    let answering = server.serve(elsewhere.provider.router(), Limits::default(), stop.clone());
    let story = async {
        let world = World::start_with(|settings| {
            at_any_pace(settings);
            settings.s3_endpoint = Some(endpoint.parse().unwrap());
            settings.s3_access_key = Some(keys.access.clone());
            settings.s3_secret_key = Some(keys.secret.clone());
        })
        .await;
        // So that the keys of the two do not meet.
        world.account("First").await;
        let account = world.acme().await;
        let token = world.token("ada@example.test", account).await;
        world
            .import(account, &[record("grace@example.test", "profile", json!("far away"))])
            .await;
        let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
        let link = sar["export_location"].as_str().unwrap().to_owned();
        assert!(link.starts_with(&endpoint), "{link}");
        let get = Request::get(&link).header(header::HOST, endpoint.trim_start_matches("http://"));
        let (status, _, zip) = fetch(&elsewhere.provider, get.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(crate::subjects::Export::read(&zip).members.len(), 1);
        // This one serves no bucket of its own.
        assert_eq!(world.fetch(&link).await.0, StatusCode::NOT_FOUND);
        world.carry_out(&token, &about("delete", "grace@example.test")).await;
        let get = Request::get(&link).header(header::HOST, endpoint.trim_start_matches("http://"));
        let (status, _, _) = fetch(&elsewhere.provider, get.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(answering, story);
    ended.unwrap();
}

#[tokio::test]
async fn another_store_is_named_with_its_keys_and_never_by_plain_http_in_public() {
    // SEC-33
    let world = World::start().await;
    for (endpoint, access, secret, message) in [
        (
            "https://s3.test",
            None,
            None,
            "s3_access_key and s3_secret_key: an s3_endpoint needs both",
        ),
        (
            "https://s3.test",
            Some("a"),
            None,
            "s3_access_key and s3_secret_key: set both or neither",
        ),
        (
            "http://93.184.216.34",
            Some("a"),
            Some("b"),
            "s3_endpoint: plain http is for private addresses only",
        ),
        ("ftp://10.0.0.1", Some("a"), Some("b"), "s3_endpoint: expected https://"),
        (
            "https://10.0.0.1/path",
            Some("a"),
            Some("b"),
            "s3_endpoint: expected a host with nothing behind it",
        ),
    ] {
        let mut settings = world.provider.settings().clone();
        settings.s3_endpoint = Some(endpoint.parse().unwrap());
        settings.s3_access_key = access.map(str::to_owned);
        settings.s3_secret_key = secret.map(crate::world::secret);
        let opened = Exports::open(
            &settings,
            world.database.folder(),
            world.provider.store(),
            world.provider.vault(),
        );
        assert_eq!(opened.err().unwrap().to_string(), message);
    }
    for bucket in ["docs", "Upper", "ab", "a..b", "-ab", "oauth2"] {
        let mut settings = world.provider.settings().clone();
        settings.s3_bucket = bucket.to_owned();
        let opened = Exports::open(
            &settings,
            world.database.folder(),
            world.provider.store(),
            world.provider.vault(),
        );
        assert!(opened.err().unwrap().to_string().starts_with("s3_bucket: "), "{bucket}");
    }
}
