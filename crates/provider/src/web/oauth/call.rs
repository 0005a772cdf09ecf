//! Calls of the endpoints where applications authenticate, and their answers in JSON.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts as _, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use oauth::{EndpointCall, ErrorBody, ErrorCode};
use rightful_http::{ClientAddress, extract::Json};
use store::StoreError;

use super::MOST_BYTES;
use crate::{Provider, app::clients::EndpointError};

/// A call as it came.
pub(super) struct Call {
    /// From where.
    pub(super) origin: std::net::IpAddr,
    head: http::request::Parts,
    body: Bytes,
}

impl FromRequest<Provider> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, provider: &Provider) -> Result<Self, Response> {
        let (mut head, body) = request.into_parts();
        let Ok(caller) = ClientAddress::from_request_parts(&mut head, provider).await;
        Self::read(Request::from_parts(head, body), caller).await
    }
}

impl Call {
    /// Reads it to its end.
    pub(super) async fn read(request: Request, caller: ClientAddress) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        // Not by an extractor: that one looks its limit up in the request's extensions, which costs more than the reading.
        let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|error| {
            let status = if error.is::<LengthLimitError>() {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                StatusCode::BAD_REQUEST
            };
            let body = ErrorBody::new(
                ErrorCode::InvalidRequest,
                "the body is too long or did not arrive whole",
            );
            (status, NO_STORE, Json(body)).into_response()
        })?;
        let body = body.to_bytes();
        let ClientAddress(origin) = caller;
        Ok(Self { origin, head, body })
    }

    /// Every value of `Authorization`.
    pub(super) fn authorization(&self) -> Vec<&[u8]> {
        let values = self.head.headers.get_all(header::AUTHORIZATION);
        values.iter().map(HeaderValue::as_bytes).collect()
    }

    /// The parts that count.
    pub(super) fn parts<'a>(&'a self, authorization: &'a [&'a [u8]]) -> EndpointCall<'a> {
        let content_type = self.head.headers.get(header::CONTENT_TYPE);
        EndpointCall {
            authorization,
            content_type: content_type.and_then(|value| value.to_str().ok()),
            query: self.head.uri.query(),
            body: &self.body,
        }
    }
}

/// On every answer, errors too (AS-41).
pub(super) const NO_STORE: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];

/// A refusal in RFC 6749's JSON.
pub(super) fn refused(provider: &Provider, error: &EndpointError) -> Response {
    match error {
        EndpointError::Refused(refused) => {
            let status = StatusCode::from_u16(refused.status(provider.settings().revoked_status));
            let mut response = (
                status.unwrap_or(StatusCode::BAD_REQUEST),
                NO_STORE,
                Json(refused.body()),
            )
                .into_response();
            if let Some(challenge) = refused.www_authenticate() {
                let challenge = HeaderValue::from_static(challenge);
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
        EndpointError::Throttled(throttled) => {
            let body = ErrorBody::new(ErrorCode::TemporarilyUnavailable, "too many calls");
            let after = [(header::RETRY_AFTER, HeaderValue::from(throttled.retry_after()))];
            (StatusCode::TOO_MANY_REQUESTS, NO_STORE, after, Json(body)).into_response()
        }
        EndpointError::Store(error) => broken(error),
    }
}

fn broken(error: &StoreError) -> Response {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "a token request could not be handled"
    );
    let body = ErrorBody::new(
        ErrorCode::TemporarilyUnavailable,
        "something that is needed does not answer",
    );
    (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, Json(body)).into_response()
}
