//! JSON in and out.

mod strict;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

use super::{Place, Refusal, serde_words};

/// A JSON body. Reading it demands a JSON content type and refuses a member that comes twice at any depth (SEC-35).
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if !is_json(request.headers()) {
            return Err(Refusal::content_type("application/json"));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Refusal::body(&rejection))?;
        Self::from_bytes(&body)
    }
}

impl<T: DeserializeOwned> Json<T> {
    /// Reads `body` by the same rules, for handlers that need the bytes as well.
    pub fn from_bytes(body: &[u8]) -> Result<Self, Refusal> {
        strict::check(body)?;
        // serde would take the items of a list for the members of an object, in their order.
        if body.trim_ascii_start().first() == Some(&b'[') {
            return Err(Refusal::new(Place::Body, "the body must be an object"));
        }
        let mut source = serde_json::Deserializer::from_slice(body);
        serde_path_to_error::deserialize(&mut source)
            .map(Self)
            .map_err(|error| serde_words::refusal(&error, Place::Body))
    }
}

/// Media types and their parameters are compared without regard to case (RFC 9110 section 8.3.1).
fn is_json(headers: &http::HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(http::HeaderValue::to_str) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "an answer could not be written as JSON"
                );
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
