//! Segments of the path.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::{StatusCode, request::Parts};

use super::{Place, Refusal};

/// The one parameter of the route's path, read with `FromStr`. One that cannot be read names nothing that exists: 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

/// The two parameters of the route's path, in order.
#[derive(Debug, Clone, Copy)]
pub struct Path2<A, B>(pub A, pub B);

/// The three parameters of the route's path, in order.
#[derive(Debug, Clone, Copy)]
pub struct Path3<A, B, C>(pub A, pub B, pub C);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: FromStr,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let segments = segments(parts, state).await?;
        let mut segments = segments.iter();
        Ok(Self(read(segments.next())?))
    }
}

impl<A, B, S> FromRequestParts<S> for Path2<A, B>
where
    A: FromStr,
    B: FromStr,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let segments = segments(parts, state).await?;
        let mut segments = segments.iter();
        Ok(Self(read(segments.next())?, read(segments.next())?))
    }
}

impl<A, B, C, S> FromRequestParts<S> for Path3<A, B, C>
where
    A: FromStr,
    B: FromStr,
    C: FromStr,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let segments = segments(parts, state).await?;
        let mut segments = segments.iter();
        Ok(Self(
            read(segments.next())?,
            read(segments.next())?,
            read(segments.next())?,
        ))
    }
}

async fn segments<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams, Refusal> {
    let nothing = |_| Refusal::new(Place::Path, "the path is not UTF-8").status(StatusCode::NOT_FOUND);
    RawPathParams::from_request_parts(parts, state).await.map_err(nothing)
}

fn read<T: FromStr>(segment: Option<(&str, &str)>) -> Result<T, Refusal> {
    let Some((name, value)) = segment else {
        // A route without that parameter: a mistake of ours.
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Err(Refusal::new(Place::Path, "the route lacks a parameter").status(status));
    };
    let unknown = |_| {
        Refusal::new(Place::Path, "names nothing here")
            .field(name)
            .status(StatusCode::NOT_FOUND)
    };
    value.parse().map_err(unknown)
}
