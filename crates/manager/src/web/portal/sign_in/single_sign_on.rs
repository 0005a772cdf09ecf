//! Logging in through the company's identity provider.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::extract::QueryPairs;

use super::super::{
    PageError,
    guest::{Guest, entered},
    page_error::{own_path, sentence},
};
use crate::{
    Manager,
    app::{CameBack, SingleSignOnError, single_sign_on::CALLBACK},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/login/single-sign-on", get(begin))
        .route(CALLBACK, get(finish))
}

#[derive(Template)]
#[template(path = "portal/sign_in/single_sign_on.html")]
struct RefusedPage {
    text: String,
}

async fn begin(
    State(manager): State<Manager>,
    guest: Guest,
    QueryPairs(query): QueryPairs,
) -> Result<Response, PageError> {
    let next = query
        .iter()
        .find(|(name, _)| name == "next")
        .map_or("/", |(_, value)| value);
    // Who is logged in comes to prove it once more.
    let again = manager.logged_in(&guest.token).await?.is_some();
    match manager.begin_single_sign_on(&guest.token, own_path(next), again).await {
        Ok(url) => Ok(guest.with_cookie(Redirect::to(url.as_str()).into_response())),
        Err(error) => refused(&guest, error),
    }
}

async fn finish(
    State(manager): State<Manager>,
    guest: Guest,
    QueryPairs(query): QueryPairs,
) -> Result<Response, PageError> {
    let one = |name: &str| {
        let mut found = query
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.clone());
        // Given twice, nobody knows which one is meant.
        found.next().filter(|_| found.next().is_none())
    };
    let back = CameBack {
        state: one("state").unwrap_or_default(),
        code: one("code").map(Secret::new),
        error: one("error"),
        iss: one("iss"),
    };
    match manager.finish_single_sign_on(&guest.token, back, &guest.visitor).await {
        Ok((inside, next)) => entered(&inside, own_path(&next)).ok_or(PageError::Internal),
        Err(error) => refused(&guest, error),
    }
}

fn refused(guest: &Guest, error: SingleSignOnError) -> Result<Response, PageError> {
    let status = match error {
        SingleSignOnError::Store(error) => return Err(error.into()),
        SingleSignOnError::NotConfigured => StatusCode::NOT_FOUND,
        SingleSignOnError::Provider { ref reason } => {
            tracing::warn!(reason, "the identity provider can't be used");
            StatusCode::BAD_GATEWAY
        }
        _ => StatusCode::FORBIDDEN,
    };
    let body = RefusedPage {
        text: sentence(&error.to_string()),
    };
    Ok(guest.page(status, "Not logged in", &body))
}
