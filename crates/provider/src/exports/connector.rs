//! How the S3 client's requests travel: straight into the embedded endpoint, or over our guarded transport.

use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use http_body_util::{BodyExt as _, StreamBody};
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
    },
};
use rightful_http::client::{SharedTransport, TransportError};

use super::embedded::EmbeddedS3;

/// A way for requests to travel.
#[derive(Clone)]
pub(super) enum Way {
    /// To the endpoint in this process, without a network.
    Embedded(EmbeddedS3),
    /// To another host.
    Outer(SharedTransport),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded(_) => "Embedded",
            Self::Outer(_) => "Outer",
        })
    }
}

impl HttpConnector for Way {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait::async_trait]
impl HttpService for Way {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        match self {
            Self::Embedded(endpoint) => {
                let answer = endpoint.call(inward(request)).await;
                let answer = answer.map_err(|()| HttpError::new(HttpErrorKind::Request, Broken))?;
                Ok(answer.map(|body| {
                    HttpResponseBody::new(body.map_err(|error| HttpError::new_boxed(HttpErrorKind::Interrupted, error)))
                }))
            }
            Self::Outer(transport) => {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let answer = transport
                    .send(http::Request::from_parts(parts, body))
                    .await
                    .map_err(told)?;
                Ok(answer.map(|body| {
                    let pieces = Shared(Mutex::new(body.into_stream()));
                    HttpResponseBody::new(StreamBody::new(
                        pieces.map(|piece| piece.map(hyper_frame).map_err(told)),
                    ))
                }))
            }
        }
    }
}

/// As a server would have received it: the host in its header, the rest as the path.
fn inward(request: HttpRequest) -> http::Request<s3s::Body> {
    let (mut parts, body) = request.into_parts();
    if let Some(authority) = parts.uri.authority()
        && let Ok(host) = http::HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(http::header::HOST, host);
    }
    let length = body.content_length();
    if !parts.headers.contains_key(http::header::CONTENT_LENGTH) {
        parts.headers.insert(http::header::CONTENT_LENGTH, length.into());
    }
    http::Request::from_parts(parts, s3s::Body::http_body(body))
}

fn hyper_frame(bytes: Bytes) -> http_body::Frame<Bytes> {
    http_body::Frame::data(bytes)
}

fn told(error: TransportError) -> HttpError {
    let kind = match &error {
        TransportError::NotSent { .. } => HttpErrorKind::Connect,
        TransportError::Unknown { .. } => HttpErrorKind::Interrupted,
        TransportError::Forbidden { .. } | TransportError::TooLarge { .. } => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error)
}

#[derive(Debug, thiserror::Error)]
#[error("the embedded S3 endpoint could not answer")]
struct Broken;

/// A stream that may be named from several threads, though only one reads it.
struct Shared<T>(Mutex<BoxStream<'static, T>>);

impl<T> Stream for Shared<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let stream = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        stream.poll_next_unpin(context)
    }
}
