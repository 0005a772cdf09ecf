//! Proving once more who one is.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::QueryPairs,
    pages::{
        Layout,
        parts::{Csrf, Field, FormErrors},
    },
};

use super::super::{
    Operator, PageError, Section, Submitted,
    page_error::{own_path, path_with_next, sentence},
};
use crate::{Manager, app::ConfirmError};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/confirm", get(page).post(confirm))
}

#[derive(Template)]
#[template(path = "portal/sign_in/confirm.html")]
struct ConfirmPage<'a> {
    csrf: Csrf,
    errors: FormErrors,
    next: &'a str,
    has_password: bool,
    single_sign_on: Option<String>,
}

async fn page(
    State(manager): State<Manager>,
    operator: Operator,
    QueryPairs(query): QueryPairs,
) -> Result<Response, PageError> {
    let next = query
        .iter()
        .find(|(name, _)| name == "next")
        .map_or("/", |(_, value)| value);
    form(
        &manager,
        &operator,
        StatusCode::OK,
        own_path(next),
        FormErrors::default(),
    )
    .await
}

async fn form(
    manager: &Manager,
    operator: &Operator,
    status: StatusCode,
    next: &str,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let known = manager.operator(operator.id).await?.ok_or(PageError::NotFound)?;
    let again = known.has_single_sign_on && manager.settings().oidc_issuer.is_some();
    let body = ConfirmPage {
        csrf: operator.csrf("/confirm"),
        errors,
        next,
        has_password: known.has_password,
        single_sign_on: again.then(|| path_with_next("/login/single-sign-on", next)),
    };
    let page = operator.page_in(Section::Profile, "Confirm that it is you", Layout::Reading, &body);
    Ok((status, page).into_response())
}

async fn confirm(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    let next = own_path(submitted.field("next")?);
    let password = Secret::new(submitted.raw("password")?.to_owned());
    let confirmed = manager
        .confirm_identity(operator.id, operator.token(), &password, &operator.visitor)
        .await;
    match confirmed {
        Ok(()) => Ok(Redirect::to(next).into_response()),
        Err(ConfirmError::Store(error)) => Err(error.into()),
        Err(error) => {
            let status = match error {
                ConfirmError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let errors = FormErrors::default().with("password", sentence(&error.to_string()));
            form(&manager, operator, status, next, errors).await
        }
    }
}
