//! The limit: an axum endpoint that only reads and writes JSON.

use std::net::SocketAddr;

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    http::header,
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::json;

/// Serves `GET /me` and `POST /token` on a free port and says which on standard output.
pub(crate) async fn serve() -> Result<()> {
    let router = Router::new().route("/me", get(me)).route("/token", post(token));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    announce(listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the parent process reads it")]
fn announce(address: SocketAddr) {
    println!("listening on {address}");
}

/// As long as a real answer of `GET /v2/me`.
async fn me() -> impl IntoResponse {
    let body = json!({
        "id": "fa74a14b-1f3a-463d-aa98-2f7124ee6fc3",
        "profile": { "email": "ada@example.com", "first_name": "", "last_name": "", "profile_image": "" },
        "current_account": { "id": 10001 },
    });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string())
}

/// As long as a real answer of the token endpoint.
async fn token(_form: Bytes) -> impl IntoResponse {
    let body = json!({ "access_token": "x".repeat(96), "token_type": "bearer", "expires_in": 7200 });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string())
}
