//! An answer where a handler gave none: it panicked, or there is none.

use std::{panic::AssertUnwindSafe, sync::Arc};

use askama::Template;
use axum::{
    Router,
    body::HttpBody as _,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderMap, Method, StatusCode, header};

use super::RequestId;
use crate::{
    pages::{Layout, Shell},
    problem::Problem,
};

pub(super) fn layered(router: Router, brand: Arc<str>) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let brand = Arc::clone(&brand);
        async move {
            let id = request
                .extensions()
                .get::<RequestId>()
                .map(RequestId::to_string)
                .unwrap_or_default();
            let page = request.method() != Method::HEAD && wants_page(request.headers());
            let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
            let response = answered.unwrap_or_else(|_| {
                // The panic hook has told what and where; its payload may hold anybody's data.
                tracing::error!("a handler panicked");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            });
            if is_bare(&response) {
                filled(&response, &brand, &id, page)
            } else {
                response
            }
        }
    }))
}

/// Whether the answer is an error without a word: axum's own, or a panic's.
fn is_bare(response: &Response) -> bool {
    let bare = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::INTERNAL_SERVER_ERROR
    );
    bare && response.body().size_hint().exact() == Some(0) && !response.headers().contains_key(header::CONTENT_TYPE)
}

fn filled(bare: &Response, brand: &str, id: &str, page: bool) -> Response {
    let status = bare.status();
    let (slug, title, text) = match status {
        StatusCode::NOT_FOUND => ("not-found", "Page not found", "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => (
            "method-not-allowed",
            "Not possible here",
            "This address does not do that.",
        ),
        _ => (
            "internal",
            "Something went wrong",
            "It is our fault and has been recorded. Please try again later.",
        ),
    };
    let answer = if page {
        let body = LastResort {
            title,
            text,
            id: (status == StatusCode::INTERNAL_SERVER_ERROR).then_some(id),
        };
        (status, Shell::new(brand, title).layout(Layout::Narrow).around(&body)).into_response()
    } else {
        Problem::new(status, slug)
            .title(title)
            .detail(text)
            .member("request_id", id)
            .into_response()
    };
    let (mut parts, body) = answer.into_parts();
    // `Allow` of a 405 and whatever else was there.
    for (name, value) in bare
        .headers()
        .iter()
        .filter(|(name, _)| *name != header::CONTENT_LENGTH)
    {
        parts.headers.insert(name.clone(), value.clone());
    }
    Response::from_parts(parts, body)
}

/// Browsers name HTML when they ask for a page; programs seldom do.
fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("text/html")
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="card"><h1>{{ title }}</h1><p>{{ text }}</p>{% if let Some(id) = id %}<p class="meta">Reference <code>{{ id }}</code></p>{% endif %}</div>"#
)]
struct LastResort<'a> {
    title: &'a str,
    text: &'a str,
    id: Option<&'a str>,
}
