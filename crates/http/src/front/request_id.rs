//! A name for each request, so that an answer and its log lines can be brought together.

use std::fmt;

use axum::extract::FromRequestParts;
use http::request::Parts;
use uuid::Uuid;
use vault::{Entropy, random_bytes};

/// A request's name. Always ours: one sent from outside could name somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

impl RequestId {
    pub(super) fn generate(entropy: &dyn Entropy) -> Self {
        Self(uuid::Builder::from_random_bytes(random_bytes(entropy)).into_uuid())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(Uuid::nil())))
    }
}
