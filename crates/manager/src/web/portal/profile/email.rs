//! Another mail address of one's own.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::StatusCode;
use rightful_http::pages::{
    Layout,
    parts::{Csrf, Field, FormErrors, Toast},
};

use super::super::{Operator, PageError, Section, Submitted, page_error::sentence};
use crate::{Manager, app::ChangeOperatorError};

const PATH: &str = "/profile/email";

pub(super) fn router() -> Router<Manager> {
    Router::new().route(PATH, get(page).post(change))
}

#[derive(Template)]
#[template(path = "portal/profile/email.html")]
struct EmailPage<'a> {
    csrf: Csrf,
    email: &'a str,
    errors: FormErrors,
}

async fn page(operator: Operator) -> Result<Response, PageError> {
    operator.require_recent(PATH)?;
    Ok(form(&operator, StatusCode::OK, &operator.email, FormErrors::default()))
}

fn form(operator: &Operator, status: StatusCode, email: &str, errors: FormErrors) -> Response {
    let body = EmailPage {
        csrf: operator.csrf(PATH),
        email,
        errors,
    };
    let page = operator.page_in(Section::Profile, "Your e-mail address", Layout::Reading, &body);
    (status, page).into_response()
}

async fn change(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require_recent(PATH)?;
    let email = submitted.field("email")?;
    match manager.change_email(operator.id, email, &operator.by).await {
        Ok(()) => Ok(Operator::see(
            "/profile",
            &Toast::done("Your e-mail address was changed. You log in with the new one."),
        )),
        Err(ChangeOperatorError::Store(error)) => Err(error.into()),
        Err(error) => {
            let errors = FormErrors::default().with("email", sentence(&error.to_string()));
            Ok(form(operator, StatusCode::UNPROCESSABLE_ENTITY, email, errors))
        }
    }
}
