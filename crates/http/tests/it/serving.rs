//! The server at its edges.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Bytes, extract::ConnectInfo, routing::get};
use http::Request;
use rightful_http::{
    client::{ClientSettings, GuardedClient, Transport as _},
    serve::{Limits, ServeError, Server},
    tls::Tls,
};
use store::SystemClock;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
};

use crate::support::Running;

async fn said(running: &Running, request: &str) -> String {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let running = Running::plain(Router::new(), Limits::default()).await;
    let listen = running.address.to_string();
    let error = Server::bind(&listen, Tls::Off, Arc::new(SystemClock))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, ServeError::AddressInUse { .. }));
    assert_eq!(error.to_string(), format!("{listen} is in use by another process"));
    let error = Server::bind("192.0.2.1:1", Tls::Off, Arc::new(SystemClock))
        .await
        .err()
        .unwrap();
    assert_eq!(error.to_string(), "could not listen on 192.0.2.1:1");
}

#[tokio::test]
async fn plain_http_on_the_https_port_is_refused_not_redirected() {
    // SEC-52, AS-73
    let running = Running::https(Router::new().route("/", get(|| async { "hello" }))).await;
    let answer = said(&running, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(!answer.contains("HTTP/"), "{answer}");
}

#[tokio::test]
async fn a_head_that_never_ends_or_begins_is_given_up_on() {
    // SEC-47
    let limits = Limits {
        head: Duration::from_millis(100),
        ..Limits::default()
    };
    let running = Running::plain(Router::new(), limits).await;
    for head in [
        "GET / HTTP/1.1\r\nhost: local",
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ] {
        said(&running, head).await; // returns, for the server hangs up
    }
}

#[tokio::test]
async fn a_body_that_never_ends_or_is_too_long_is_given_up_on() {
    let limits = Limits {
        body_pause: Duration::from_millis(100),
        body: 10,
        ..Limits::default()
    };
    let routes = Router::new().route(
        "/",
        get(|| async { "" }).post(|_: rightful_http::extract::FormPairs| async { "" }),
    );
    let running = Running::plain(routes, limits).await;
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let slow = said(&running, &format!("{head}content-length: 9\r\n\r\nabc")).await;
    assert!(slow.starts_with("HTTP/1.1 400"), "{slow}");
    let long = said(&running, &format!("{head}content-length: 11\r\n\r\nabcdefghijk")).await;
    assert!(long.starts_with("HTTP/1.1 413"), "{long}");
}

#[tokio::test]
async fn conflicting_lengths_close_the_connection() {
    // SEC-37
    let running = Running::plain(Router::new().route("/", get(|| async { "hello" })), Limits::default()).await;
    let two = "GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na";
    assert!(said(&running, two).await.starts_with("HTTP/1.1 400"));
    let long = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let answer = said(&running, &long).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
}

#[tokio::test]
async fn further_connections_wait_while_too_many_are_open() {
    // SEC-47
    let limits = Limits {
        connections: 1,
        head: Duration::from_millis(300),
        ..Limits::default()
    };
    let running = Running::plain(Router::new().route("/", get(|| async { "hello" })), limits).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.write_all(b"GET ").await.unwrap();
    // Served only once the idle one was given up on.
    let answer = said(
        &running,
        "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.ends_with("hello"), "{answer}");
    let mut rest = Vec::new();
    let _ = idle.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn open_requests_end_before_the_server_does() {
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (began, go_on) = (Arc::clone(&began), Arc::clone(&go_on));
        move |ConnectInfo(peer): ConnectInfo<std::net::SocketAddr>| async move {
            began.notify_one();
            go_on.notified().await;
            peer.ip().to_string()
        }
    };
    let running = Running::https(Router::new().route("/", get(slow))).await;
    let client = running.client(&["localhost"]);
    let request = Request::get(running.url("localhost", "/")).body(Bytes::new()).unwrap();
    let call = async { client.send(request).await.unwrap().into_body().read(100).await.unwrap() };
    let stop = async {
        began.notified().await;
        running.begin_stop();
        go_on.notify_one();
        running.stopped().await;
    };
    let (body, ()) = tokio::join!(call, stop);
    assert_eq!(body, "127.0.0.1");
}

#[tokio::test]
async fn a_request_that_will_not_end_does_not_hold_the_stop_for_ever() {
    let began = Arc::new(Notify::new());
    let never = {
        let began = Arc::clone(&began);
        move || async move {
            began.notify_one();
            std::future::pending::<()>().await;
        }
    };
    let limits = Limits {
        stop: Duration::from_millis(100),
        ..Limits::default()
    };
    let running = Running::plain(Router::new().route("/", get(never)), limits).await;
    let settings = ClientSettings {
        allow_private_hosts: vec!["127.0.0.1".into()],
        allow_plain_http: true,
        ..Default::default()
    };
    let client = GuardedClient::new(&settings).unwrap();
    let request = Request::get(format!("http://{}/", running.address))
        .body(Bytes::new())
        .unwrap();
    let stop = async {
        began.notified().await;
        running.stop().await;
    };
    let (answer, ()) = tokio::join!(client.send(request), stop);
    assert!(answer.is_err());
}
