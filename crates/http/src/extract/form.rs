//! Forms.

use std::fmt;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::header;
use serde::de::DeserializeOwned;

use super::{Place, Refusal, pairs};

const FORM: &str = "application/x-www-form-urlencoded";

/// A form's fields as `T`; a field that comes twice is refused by name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form<T>(pub T);

/// A form's fields as they came, for forms in which a name may stand several times (check boxes). They may be passwords
/// and people, and are not printed.
#[derive(Clone, Default)]
pub struct FormPairs(pub Vec<(String, String)>);

impl fmt::Debug for FormPairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormPairs(..)")
    }
}

impl FormPairs {
    /// The values of `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// The only value of `name`; twice is refused, absent is `None`.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Refusal::new(Place::Body, "is given twice").field(name)),
            (value, None) => Ok(value.map(|(_, value)| value.as_str())),
        }
    }
}

impl<T, S> FromRequest<S> for Form<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        pairs::read(&body(request, state).await?, Place::Body).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for FormPairs {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        pairs::pairs(&body(request, state).await?, Place::Body).map(Self)
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case(FORM) {
        return Err(Refusal::content_type(FORM));
    }
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| Refusal::body(&rejection))
}
