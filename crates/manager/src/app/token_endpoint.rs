//! Calls to an authorization server.

use bytes::Bytes;
use http::{Method, Request, header};
use oauth::TokenCall;
use rightful_http::client::{Transport, TransportError};

/// No answer of an authorization server is longer than this.
const LONGEST_ANSWER: usize = 64 << 10;

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

/// Sends a form to the token or revocation endpoint. Secrets travel in the body, never in the URL.
pub(crate) async fn post(transport: &dyn Transport, url: &str, call: TokenCall) -> Result<Answer, TransportError> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(header::CONTENT_TYPE, TokenCall::CONTENT_TYPE)
        .header(header::ACCEPT, "application/json");
    if let Some(authorization) = call.authorization {
        request = request.header(header::AUTHORIZATION, authorization.into_revealed());
    }
    send(transport, request.body(Bytes::from(call.body.into_revealed()))).await
}

/// Reads a public document.
pub(crate) async fn get(transport: &dyn Transport, url: &str) -> Result<Answer, TransportError> {
    let request = Request::builder().uri(url).header(header::ACCEPT, "application/json");
    send(transport, request.body(Bytes::new())).await
}

async fn send(
    transport: &dyn Transport,
    request: Result<Request<Bytes>, http::Error>,
) -> Result<Answer, TransportError> {
    let request = request.map_err(|_| TransportError::NotSent {
        host: "the authorization server".to_owned(),
        reason: "its address can't be called".to_owned(),
    })?;
    let (parts, body) = transport.send(request).await?.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    Ok(Answer {
        status: parts.status.as_u16(),
        content_type: content_type.and_then(|value| value.to_str().ok()).map(str::to_owned),
        body: body.read(LONGEST_ANSWER).await?,
    })
}
