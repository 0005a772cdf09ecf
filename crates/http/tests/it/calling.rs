//! The guarded client against real servers.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, response::Redirect, routing::get};
use http::{Request, StatusCode, Version};
use rightful_http::client::{ClientSettings, GuardedClient, Lookup, Timeouts, Transport as _, TransportError};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::support::Running;

fn request(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

fn hello() -> Router {
    Router::new()
        .route(
            "/",
            get(|| async { "hello" }).post(|body: String| async move { format!("got {body}") }),
        )
        .route("/away", get(|| async { Redirect::to("http://169.254.169.254/") }))
}

async fn error(client: &GuardedClient, url: &str) -> TransportError {
    client
        .send(request(url))
        .await
        .map(|answer| answer.status())
        .unwrap_err()
}

#[tokio::test]
async fn a_call_passes_with_the_local_ca_and_fails_clearly_without() {
    let server = Running::https(hello()).await;
    let client = server.client(&["localhost"]);
    let answer = client.send(request(&server.url("localhost", "/"))).await.unwrap();
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
    assert_eq!(answer.into_body().read(100).await.unwrap(), "hello");

    let post = Request::post(server.url("localhost", "/"))
        .body(Bytes::from_static(b"you"))
        .unwrap();
    assert_eq!(
        client.send(post).await.unwrap().into_body().read(100).await.unwrap(),
        "got you"
    );
    let answer = client.send(request(&server.url("localhost", "/"))).await.unwrap();
    assert_eq!(
        answer.into_body().read(4).await.unwrap_err(),
        TransportError::TooLarge { limit: 4 }
    );

    // SEC-30
    let settings = ClientSettings {
        allow_private_hosts: vec!["LOCALHOST".into()],
        ..Default::default()
    };
    let stranger = GuardedClient::new(&settings).unwrap();
    let host = format!("localhost:{}", server.address.port());
    let reason = "its certificate comes from an authority that is not trusted; \
                  name that authority in extra_ca if it is yours";
    let expected = TransportError::NotSent {
        host,
        reason: reason.into(),
    };
    assert_eq!(error(&stranger, &server.url("localhost", "/?secret=1")).await, expected);
    server.stop().await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let server = Running::https(hello()).await;
    let client = server.client(&["127.0.0.2"]);
    let listener = TcpListener::bind(("127.0.0.2", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let relay = async {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    };
    let url = format!("https://127.0.0.2:{port}/");
    let ((), error) = tokio::join!(relay, error(&client, &url));
    assert!(matches!(error, TransportError::NotSent { reason, .. } if reason == "its certificate is for another name"));
}

#[tokio::test]
async fn a_certificate_out_of_its_time_or_of_nobody_is_refused() {
    // SEC-30
    let client = |server: &Running| server.client(&["localhost"]);
    let reason =
        async |server: &Running, client: &GuardedClient| match error(client, &server.url("localhost", "/")).await {
            TransportError::NotSent { reason, .. } => reason,
            other => panic!("{other}"),
        };
    let expired = Running::https_since(hello(), "2020-01-01T00:00:00Z").await;
    assert_eq!(reason(&expired, &client(&expired)).await, "its certificate has expired");
    let early = Running::https_since(hello(), "2090-01-01T00:00:00Z").await;
    assert_eq!(
        reason(&early, &client(&early)).await,
        "its certificate is not valid yet"
    );
    // Its own certificate beside an authority that is trusted does not count.
    let of_itself = Running::https_of_itself(hello()).await;
    let refused = reason(&of_itself, &client(&of_itself)).await;
    assert!(refused.contains("an authority that is not trusted"), "{refused}");
}

#[tokio::test]
async fn private_addresses_are_refused_in_every_spelling() {
    // SEC-33
    let server = Running::https(hello()).await;
    let client = server.client(&[]);
    let port = server.address.port();
    for host in [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
    ] {
        let error = error(&client, &format!("https://{host}:{port}/latest?secret=1")).await;
        let TransportError::Forbidden { reason, .. } = &error else {
            unreachable!("{host}: {error}")
        };
        assert!(
            reason.contains("not public; name the host in allow_private_hosts"),
            "{host}: {reason}"
        );
        assert!(!format!("{error} {error:?}").contains("secret"), "{host}");
    }
    // Naming one host opens that one only.
    let client = server.client(&["127.0.0.1"]);
    assert!(client.send(request(&server.url("127.0.0.1", "/"))).await.is_ok());
    assert!(
        client.send(request(&server.url("2130706433", "/"))).await.is_ok(),
        "the same address, spelt otherwise"
    );
    assert!(matches!(
        error(&client, &server.url("localhost", "/")).await,
        TransportError::Forbidden { .. }
    ));
}

#[tokio::test]
async fn only_https_without_credentials_is_called() {
    let server = Running::plain(hello(), rightful_http::serve::Limits::default()).await;
    let settings = ClientSettings {
        allow_private_hosts: vec!["localhost".into()],
        ..Default::default()
    };
    let client = GuardedClient::new(&settings).unwrap();
    let plain = format!("http://localhost:{}/", server.address.port());
    for url in [
        plain.as_str(),
        "https://user:hush@localhost/",
        "https://user@localhost/",
    ] {
        assert!(
            matches!(error(&client, url).await, TransportError::Forbidden { .. }),
            "{url}"
        );
    }
    let client = GuardedClient::new(&ClientSettings {
        allow_plain_http: true,
        ..settings
    })
    .unwrap();
    assert_eq!(client.send(request(&plain)).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn redirects_are_handed_back() {
    let server = Running::https(hello()).await;
    let answer = server
        .client(&["localhost"])
        .send(request(&server.url("localhost", "/away")))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

/// Answers with a public address first and with the loopback address ever after.
#[derive(Default)]
struct Rebinding(AtomicUsize);

#[async_trait::async_trait]
impl Lookup for Rebinding {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let address = if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            [192, 0, 3, 1]
        } else {
            [127, 0, 0, 1]
        };
        Ok(vec![address.into()])
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_judged_by_the_address_that_is_connected_to() {
    // SEC-33: DNS rebinding
    let server = Running::https(hello()).await;
    let names = Arc::new(Rebinding::default());
    let timeouts = Timeouts {
        connect: Duration::from_millis(50),
        read: Duration::from_secs(5),
    };
    let settings = ClientSettings {
        timeouts,
        extra_ca: vec![server.ca()],
        ..Default::default()
    };
    let client = GuardedClient::with_lookup(&settings, Arc::clone(&names) as Arc<dyn Lookup>).unwrap();

    let url = server.url("rebind.example", "/");
    // The public answer is what is connected to (nothing is there), not a second, private one.
    assert!(matches!(error(&client, &url).await, TransportError::NotSent { .. }));
    assert_eq!(names.0.load(Ordering::SeqCst), 1);
    assert!(matches!(error(&client, &url).await, TransportError::Forbidden { .. }));
}

/// One good address among bad ones.
struct Mixed;

#[async_trait::async_trait]
impl Lookup for Mixed {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![[1, 1, 1, 1].into(), [10, 0, 0, 1].into()])
    }
}

#[tokio::test]
async fn a_name_with_one_private_address_is_refused() {
    let client = GuardedClient::with_lookup(&ClientSettings::default(), Arc::new(Mixed)).unwrap();
    assert!(matches!(
        error(&client, "https://mixed.example/").await,
        TransportError::Forbidden { .. }
    ));
}

#[tokio::test]
async fn not_sent_and_unknown_are_told_apart() {
    // CL-21 rests on it
    let server = Running::https(hello()).await;
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        read: Duration::from_millis(200),
    };
    let settings = ClientSettings {
        allow_private_hosts: vec!["localhost".into(), "127.0.0.1".into()],
        allow_plain_http: true,
        timeouts,
        ..Default::default()
    };
    let client = GuardedClient::new(&settings).unwrap();

    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = error(&client, &format!("http://{free}/")).await;
    assert_eq!(
        refused,
        TransportError::NotSent {
            host: free.to_string(),
            reason: "the connection was refused".into()
        }
    );
    let unresolved = error(&client, "https://no-such-host.invalid/").await;
    assert!(matches!(unresolved, TransportError::NotSent { .. }), "{unresolved}");
    let no_tls = error(&client, &format!("https://{}/", plain_talker().await)).await;
    assert!(
        matches!(&no_tls, TransportError::NotSent { reason, .. } if reason == "it does not speak TLS"),
        "{no_tls}"
    );

    for (answer, reason) in [
        ("", "the connection broke"),
        ("HTTP/1.1 200 OK\r\nConte", "the connection broke"),
    ] {
        let error = error(&client, &format!("http://{}/", hangs_up(answer, true).await)).await;
        assert!(
            matches!(&error, TransportError::Unknown { reason: words, .. } if words == reason),
            "{error}"
        );
    }
    let silent = error(&client, &format!("http://{}/", hangs_up("", false).await)).await;
    assert!(
        matches!(&silent, TransportError::Unknown { reason, .. } if reason == "no answer in time"),
        "{silent}"
    );

    let torn = format!(
        "http://{}/",
        hangs_up("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", true).await
    );
    let body = client.send(request(&torn)).await.unwrap().into_body();
    assert!(matches!(
        body.read(100).await.unwrap_err(),
        TransportError::Unknown { .. }
    ));
    server.stop().await;
}

/// Reads a request, says `answer` and hangs up, or goes silent.
#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
async fn hangs_up(answer: &'static str, hang_up: bool) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(answer.as_bytes()).await;
        if !hang_up {
            std::future::pending::<()>().await;
        }
    });
    address
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
async fn plain_talker() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read(&mut [0; 4096]).await;
    });
    address
}

#[tokio::test]
async fn a_proxy_is_used_when_named_and_private_targets_stay_forbidden() {
    let proxy = hangs_up("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproxy", true).await;
    let settings = ClientSettings {
        allow_plain_http: true,
        http_proxy: Some(format!("http://localhost:{}", proxy.port())),
        ..Default::default()
    };
    let client = GuardedClient::new(&settings).unwrap();
    assert!(matches!(
        error(&client, "http://localhost/").await,
        TransportError::Forbidden { .. }
    ));
    assert!(matches!(
        error(&client, "http://10.0.0.1/").await,
        TransportError::Forbidden { .. }
    ));
    let answer = client
        .send(request("http://only-the-proxy-knows.invalid/"))
        .await
        .unwrap();
    assert_eq!(answer.into_body().read(100).await.unwrap(), "proxy");
}

#[test]
fn settings_that_cannot_work_are_named() {
    let built = |settings: ClientSettings| GuardedClient::new(&settings).err().map(|error| error.to_string());
    let host = ClientSettings {
        allow_private_hosts: vec!["https://localhost".into()],
        ..Default::default()
    };
    assert!(
        built(host)
            .unwrap()
            .starts_with("https://localhost in allow_private_hosts is neither")
    );
    let ca = ClientSettings {
        extra_ca: vec![rightful_http::client::ExtraCa::File("/nowhere/ca.pem".into())],
        ..Default::default()
    };
    assert_eq!(
        built(ca).unwrap(),
        "could not read the certificate authority /nowhere/ca.pem"
    );
    let ca = ClientSettings {
        extra_ca: vec![rightful_http::client::ExtraCa::Pem("hello".into())],
        ..Default::default()
    };
    assert_eq!(built(ca).unwrap(), "the text holds no PEM certificate to trust");
    let proxy = ClientSettings {
        http_proxy: Some("::".into()),
        ..Default::default()
    };
    assert_eq!(built(proxy).unwrap(), "http_proxy is not the URL of a proxy");
}
