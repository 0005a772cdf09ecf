//! Requests that two readers could read in two ways, over TLS (SEC-37).

use axum::{
    Router,
    routing::{get, post},
};

use crate::support::Running;

async fn server() -> Running {
    let routes = Router::new()
        .route("/", post(|body: String| async move { format!("{} bytes", body.len()) }))
        .route("/second", get(|| async { "smuggled" }));
    Running::https(routes).await
}

const SECOND: &str = "GET /second HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_length_beside_chunks_ends_the_connection_and_what_follows_is_not_read() {
    // RFC 9112 section 6.3: the chunks count, and nothing behind them.
    let server = server().await;
    for (first, second) in [
        ("content-length: 4", "transfer-encoding: chunked"),
        ("transfer-encoding: chunked", "content-length: 4"),
        ("Content-Length: 99", "TRANSFER-ENCODING: Chunked"),
    ] {
        let head = format!("POST / HTTP/1.1\r\nhost: localhost\r\n{first}\r\n{second}\r\n\r\n");
        let answer = server
            .said_over_tls(format!("{head}3\r\nabc\r\n0\r\n\r\n{SECOND}"))
            .await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("3 bytes"),
            "{head}{answer}"
        );
        assert!(answer.contains("connection: close"), "{head}{answer}");
        assert!(!answer.contains("smuggled"), "{head}{answer}");
    }
}

#[tokio::test]
async fn lengths_and_encodings_that_are_unclear_are_refused_and_end_the_connection() {
    let server = server().await;
    for lines in [
        "content-length: 3\r\ncontent-length: 4",
        "content-length: 3, 4",
        "content-length: +3",
        "content-length: -3",
        "content-length: 0x3",
        "content-length: 3 3",
        "content-length: 99999999999999999999",
        "content-length : 3",
        "transfer-encoding: identity",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "transfer-encoding : chunked",
        "transfer-encoding: chunked\r\n x: folded",
        "x: a\0b",
        "x: a\rb",
        "x y: z",
        ": z",
    ] {
        let head = format!("POST / HTTP/1.1\r\nhost: localhost\r\n{lines}\r\n\r\n");
        let answer = server.said_over_tls(format!("{head}abc{SECOND}")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{head}{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{head}{answer}");
    }
    let old = format!("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{SECOND}");
    let answer = server.said_over_tls(old).await;
    assert!(answer.contains(" 400 ") && !answer.contains("smuggled"), "{answer}");
}

#[tokio::test]
async fn chunks_that_lie_about_their_length_end_the_connection() {
    let server = server().await;
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    for chunks in [
        "FFFFFFFFFFFFFFFFF\r\nabc",
        "-3\r\nabc\r\n",
        "3\r\nabcdef\r\n",
        "3 x\r\nabc\r\n",
        "\r\n\r\n",
    ] {
        let answer = server.said_over_tls(format!("{head}{chunks}0\r\n\r\n{SECOND}")).await;
        assert!(
            !answer.contains(" 200 ") && !answer.contains("smuggled"),
            "{chunks}: {answer}"
        );
    }
}

#[tokio::test]
async fn heads_that_are_too_long_are_refused_and_end_the_connection() {
    let server = server().await;
    let long = "a".repeat(1 << 20);
    let many = (0..200).map(|n| format!("x-{n}: y\r\n")).collect::<Vec<_>>().concat();
    for head in [
        format!("GET /second HTTP/1.1\r\nhost: localhost\r\nx: {long}\r\n\r\n"),
        format!("GET /second HTTP/1.1\r\nhost: localhost\r\n{long}: x\r\n\r\n"),
        format!("GET /second HTTP/1.1\r\nhost: localhost\r\n{many}\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        format!("{long} / HTTP/1.1\r\nhost: localhost\r\n\r\n"),
    ] {
        let answer = server.said_over_tls(format!("{head}{SECOND}")).await;
        let status = answer.get(9..12).unwrap_or_default();
        // The system may drop what was answered when the rest of such a head is thrown away.
        assert!(["", "400", "414", "431"].contains(&status), "{answer}");
        assert!(!answer.contains("smuggled"), "{answer}");
    }
}
