//! Query strings.

use std::fmt;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Place, Refusal, pairs};

/// The query's parameters as `T`; a parameter that comes twice is refused by name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

/// The query's parameters as they came. They may be codes, and are not printed.
#[derive(Clone, Default)]
pub struct QueryPairs(pub Vec<(String, String)>);

impl fmt::Debug for QueryPairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueryPairs(..)")
    }
}

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        pairs::read(parts.uri.query().unwrap_or_default().as_bytes(), Place::Query).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryPairs {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        pairs::pairs(parts.uri.query().unwrap_or_default().as_bytes(), Place::Query).map(Self)
    }
}
