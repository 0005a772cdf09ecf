//! An answer where a handler gave none: it panicked, or there is none.

use askama::Template;
use axum::{
    body::HttpBody as _,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode, header};

use super::{Asked, Front};
use crate::{
    pages::{Layout, Shell},
    problem::Problem,
};

/// What is answered: what the handler answered, or something readable where that is nothing.
/// `asked` is there where a page is wanted.
pub(super) fn answered(
    answered: std::thread::Result<Response>,
    front: &Front,
    id: &str,
    asked: Option<&Asked>,
) -> Response {
    let response = answered.unwrap_or_else(|_| {
        // The panic hook has told what and where; its payload may hold anybody's data.
        tracing::error!(request.id = %id, "a handler panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    if is_bare(&response) {
        filled(&response, front, id, asked)
    } else {
        response
    }
}

/// Whether the answer is an error without a word: axum's own, or a panic's.
fn is_bare(response: &Response) -> bool {
    let bare = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::INTERNAL_SERVER_ERROR
    );
    bare && response.body().size_hint().exact() == Some(0) && !response.headers().contains_key(header::CONTENT_TYPE)
}

fn filled(bare: &Response, front: &Front, id: &str, asked: Option<&Asked>) -> Response {
    let status = bare.status();
    let own = asked.zip(front.error_pages.as_ref());
    let own = own.and_then(|(asked, pages)| pages.page(asked, status, id));
    with_headers_of(
        bare,
        own.unwrap_or_else(|| usual(status, &front.brand, id, asked.is_some())),
    )
}

fn usual(status: StatusCode, brand: &str, id: &str, page: bool) -> Response {
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
    if page {
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
    }
}

/// `Allow` of a 405 and whatever else was there.
fn with_headers_of(bare: &Response, answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
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
pub(super) fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or_default();
    request.method() != Method::HEAD && accept.contains("text/html")
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="card"><h1>{{ title }}</h1><p>{{ text }}</p>{% if let Some(id) = id %}<p class="meta">Reference <code>{{ id }}</code></p>{% endif %}<p><a href="/">Back to the start page</a></p></div>"#
)]
struct LastResort<'a> {
    title: &'a str,
    text: &'a str,
    id: Option<&'a str>,
}
