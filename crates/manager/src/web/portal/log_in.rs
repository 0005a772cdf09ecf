//! Logging in and out.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use oauth::Secret;
use rightful_http::{
    ClientAddress, csrf,
    extract::{FormPairs, QueryPairs},
    pages::{
        Layout, Shell,
        parts::{Csrf, Field, FormErrors, Notice, Tone},
    },
    session::SessionToken,
};

use super::{PageError, Submitted, frame::COOKIE, page_error::sentence};
use crate::{Manager, app::LogInError};

/// What the token of the log-in form is for.
const PURPOSE: &str = "/login";

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/login", get(page).post(log_in))
        .route("/logout", post(log_out))
}

#[derive(Template)]
#[template(path = "portal/log_in.html")]
struct LogInPage<'a> {
    csrf: Csrf,
    errors: FormErrors,
    email: &'a str,
    next: &'a str,
    /// Nobody can log in yet.
    fresh: bool,
}

async fn page(
    State(manager): State<Manager>,
    QueryPairs(query): QueryPairs,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let next = query
        .iter()
        .find(|(name, _)| name == "next")
        .map_or("/", |(_, value)| value);
    let next = own_path(next);
    let known = COOKIE.read(&headers);
    if let Some(token) = &known
        && manager.logged_in(token).await?.is_some()
    {
        return Ok(Redirect::to(next).into_response());
    }
    // The form is bound to a cookie of its own, so that nobody can be logged in as somebody else by another site.
    let token = known.unwrap_or_else(|| SessionToken::generate(&**manager.store().entropy()));
    form(&manager, &token, StatusCode::OK, "", next, FormErrors::default()).await
}

async fn form(
    manager: &Manager,
    token: &SessionToken,
    status: StatusCode,
    email: &str,
    next: &str,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let body = LogInPage {
        csrf: Csrf::new(csrf::token(&manager.vault().mac("csrf"), token, PURPOSE)),
        errors,
        email,
        next,
        fresh: !manager.has_operators().await?,
    };
    let page = Shell::new(&manager.settings().brand, "Log in")
        .layout(Layout::Narrow)
        .around(&body);
    Ok((status, [(header::SET_COOKIE, COOKIE.set(token))], page).into_response())
}

async fn log_in(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    fields: FormPairs,
) -> Result<Response, PageError> {
    let field = |name| fields.one(name).ok().flatten().unwrap_or_default();
    let next = own_path(field("next"));
    let Some(token) = COOKIE.read(&headers) else {
        let fresh = SessionToken::generate(&**manager.store().entropy());
        let errors = FormErrors::default().with("", "Your browser did not send our cookie. Please log in once more.");
        return form(&manager, &fresh, StatusCode::FORBIDDEN, field("email"), next, errors).await;
    };
    let checked = csrf::check(
        &manager.vault().mac("csrf"),
        &token,
        PURPOSE,
        field(csrf::FIELD),
        &headers,
        &manager.settings().public_url,
    );
    if let Err(error) = checked {
        return Err(PageError::Forged(error.to_string()));
    }
    let password = Secret::new(field("password").to_owned());
    match manager.log_in(field("email"), &password, address).await {
        Ok(token) => Ok(([(header::SET_COOKIE, COOKIE.set(&token))], Redirect::to(next)).into_response()),
        Err(LogInError::Store(error)) => Err(error.into()),
        Err(error) => {
            let errors = FormErrors::default().with("", sentence(&error.to_string()));
            let status = match error {
                LogInError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                LogInError::Wrong | LogInError::Store(_) => StatusCode::UNAUTHORIZED,
            };
            let mut page = form(&manager, &token, status, field("email"), next, errors).await?;
            if let LogInError::TooMany { retry_after } = error {
                page.headers_mut()
                    .insert(header::RETRY_AFTER, retry_after.as_secs().into());
            }
            Ok(page)
        }
    }
}

async fn log_out(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    manager.log_out(operator.token(), &operator.by).await?;
    Ok(([(header::SET_COOKIE, COOKIE.clear())], Redirect::to("/login")).into_response())
}

/// Only our own pages are gone to after logging in, whatever the parameter says.
fn own_path(next: &str) -> &str {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") {
        next
    } else {
        "/"
    }
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
}
