//! A page that can't be shown, in words.

use std::{borrow::Cow, sync::Arc};

use askama::Template;
use axum::{
    Router, middleware,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use rightful_http::pages::{Layout, Shell};
use store::StoreError;

use crate::Manager;

/// Why a page can't be shown.
#[derive(Debug, Clone)]
pub(crate) enum PageError {
    /// Nobody is logged in; afterwards the browser goes on to this path.
    LogIn(String),
    /// Nobody is logged in any more, on a page that brings itself up to date: it is loaded again as a whole.
    Reload,
    /// The person must prove who they are; afterwards the browser goes on to this path.
    Confirm(String),
    /// The person must set an authenticator up before anything else.
    Enrol,
    /// There is nothing here.
    NotFound,
    /// The person may not do this.
    Forbidden,
    /// The form was not sent from our own page, or too late.
    Forged(String),
    /// What was asked for can't be done; why, in words.
    Refused {
        /// 400, 404, 409, 422 …
        status: StatusCode,
        /// In plain words.
        reason: String,
    },
    /// Something that the page needs does not answer.
    Unavailable,
    /// It is our fault.
    Internal,
}

impl PageError {
    /// What was asked for does not fit how things stand.
    #[expect(clippy::needless_pass_by_value, reason = "errors are handed over by `map_err`")]
    pub(crate) fn conflict(reason: impl ToString) -> Self {
        Self::Refused {
            status: StatusCode::CONFLICT,
            reason: reason.to_string(),
        }
    }

    /// The page itself, in the name of `brand`.
    fn page(&self, brand: &str) -> Response {
        let (status, title, text): (_, _, Cow<'_, str>) = match self {
            Self::LogIn(next) => return Redirect::to(&path_with_next("/login", next)).into_response(),
            Self::Confirm(next) => return Redirect::to(&path_with_next("/confirm", next)).into_response(),
            Self::Enrol => return Redirect::to("/profile/authenticator").into_response(),
            Self::Reload => return [("hx-refresh", "true")].into_response(),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Page not found",
                "There is nothing at this address.".into(),
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "Not allowed",
                "Your role does not allow this. Ask an administrator for another role if you need it.".into(),
            ),
            Self::Forged(reason) => (
                StatusCode::FORBIDDEN,
                "The form was not accepted",
                sentence(reason).into(),
            ),
            Self::Refused { status, reason } => (*status, "That did not work", sentence(reason).into()),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Not available just now",
                "Something that this page needs does not answer. Please try again in a moment.".into(),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong",
                "It is our fault and has been recorded. Please try again later.".into(),
            ),
        };
        let body = ErrorPage { title, text: &text };
        (status, Shell::new(brand, title).layout(Layout::Narrow).around(&body)).into_response()
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.page("Rightful");
        response.extensions_mut().insert(self);
        response
    }
}

/// Shows the errors of `router`'s pages in the name of `brand`: where they are made nobody knows it.
pub(crate) fn branded(router: Router<Manager>, brand: &str) -> Router<Manager> {
    let brand: Arc<str> = brand.into();
    router.layer(middleware::map_response(move |response: Response| {
        let brand = Arc::clone(&brand);
        async move {
            match response.extensions().get::<PageError>() {
                Some(error) => error.page(&brand),
                None => response,
            }
        }
    }))
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a page could not be shown");
        match error {
            StoreError::Database(_) => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

/// Our messages begin small and have no stop; on a page they are sentences.
pub(crate) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    let text = format!("{first}{}", chars.as_str());
    if text.ends_with(['.', '!', '?']) {
        text
    } else {
        format!("{text}.")
    }
}

/// `page`, which sends on to `next`.
pub(crate) fn path_with_next(page: &str, next: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match next {
        "/" | "" => page.to_owned(),
        next => format!("{page}?{}", query.append_pair("next", next).finish()),
    }
}

/// Only our own pages are gone on to, whatever a parameter says (AS-17).
pub(crate) fn own_path(next: &str) -> &str {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") {
        next
    } else {
        "/"
    }
}

#[derive(Template)]
#[template(path = "portal/error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    text: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_logging_in_nobody_is_sent_elsewhere() {
        for (next, path) in [
            ("/requests/1", "/requests/1"),
            ("", "/"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\tevil", "/"),
            ("/\n/evil.example", "/"),
        ] {
            assert_eq!(own_path(next), path, "{next}");
        }
    }

    #[test]
    fn messages_become_sentences_on_pages() {
        assert_eq!(sentence("no such connection"), "No such connection.");
        assert_eq!(sentence("It works."), "It works.");
        assert_eq!(sentence(""), ".");
    }
}
