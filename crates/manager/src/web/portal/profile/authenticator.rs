//! One's own authenticator app.

use askama::{Template, filters::HtmlSafe};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::pages::{
    Layout,
    parts::{Confirm, Csrf, Field, FormErrors, Notice, PostButton, Toast, Tone},
};

use super::super::{Operator, PageError, Section, Submitted, page_error::sentence};
use crate::{
    Manager,
    app::{Enrolment, OperatorView, SecondFactorError},
};

const PATH: &str = "/profile/authenticator";
const CONFIRM: &str = "/profile/authenticator/confirm";
const REMOVE: &str = "/profile/authenticator/remove";
const RENEW: &str = "/profile/authenticator/recovery-codes";

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(PATH, get(page).post(begin))
        .route(CONFIRM, post(confirm))
        .route(REMOVE, get(ask_to_remove).post(remove))
        .route(RENEW, post(renew))
}

#[derive(Template)]
#[template(path = "portal/profile/authenticator.html")]
struct AuthenticatorPage<'a> {
    me: OperatorView,
    must: bool,
    enrolment: Option<Enrolment>,
    codes_left: u64,
    errors: FormErrors,
    operator: &'a Operator,
}

/// A picture of ours, that needs no escaping.
struct Picture<'a>(&'a str);

impl std::fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl HtmlSafe for Picture<'_> {}

impl AuthenticatorPage<'_> {
    fn begin(&self, label: &'static str) -> PostButton<'_> {
        PostButton::new(PATH, label, self.operator.csrf(PATH))
    }

    fn renew(&self) -> PostButton<'_> {
        PostButton::new(RENEW, "Make new recovery codes", self.operator.csrf(RENEW)).quiet()
    }

    fn csrf(&self) -> Csrf {
        self.operator.csrf(CONFIRM)
    }

    fn picture(&self) -> Option<Picture<'_>> {
        self.enrolment.as_ref()?.picture.as_deref().map(Picture)
    }
}

#[derive(Template)]
#[template(path = "portal/profile/recovery_codes.html")]
struct CodesPage {
    codes: Vec<Secret>,
}

#[derive(Template)]
#[template(ext = "html", source = "{{ confirm }}")]
struct RemovePage<'a> {
    confirm: Confirm<'a>,
}

async fn page(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    show(&manager, &operator, StatusCode::OK, FormErrors::default()).await
}

async fn show(
    manager: &Manager,
    operator: &Operator,
    status: StatusCode,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let me = manager.operator(operator.id).await?.ok_or(PageError::NotFound)?;
    // The secret is shown to who has proved who they are (SEC-12).
    let enrolment = manager.enrolment(operator.id).await?;
    if enrolment.is_some() {
        operator.require_recent(PATH)?;
    }
    let body = AuthenticatorPage {
        must: operator.must_enrol,
        enrolment,
        codes_left: manager.recovery_codes_left(operator.id).await?,
        errors,
        me,
        operator,
    };
    let page = operator.page_in(Section::Profile, "Authenticator app", Layout::Reading, &body);
    Ok((status, page).into_response())
}

async fn begin(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require_recent(PATH)?;
    manager.begin_second_factor(operator.id).await.map_err(refused)?;
    Ok(axum::response::Redirect::to(PATH).into_response())
}

async fn confirm(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require_recent(PATH)?;
    let code = Secret::new(submitted.field("totp")?.to_owned());
    match manager.confirm_second_factor(operator.id, &code, &operator.by).await {
        Ok(codes) => Ok(shown_once(operator, codes)),
        Err(error @ (SecondFactorError::WrongCode | SecondFactorError::TooMany)) => {
            let errors = FormErrors::default().with("totp", sentence(&error.to_string()));
            show(&manager, operator, StatusCode::UNPROCESSABLE_ENTITY, errors).await
        }
        Err(error) => Err(refused(error)),
    }
}

async fn renew(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require_recent(PATH)?;
    let codes = manager
        .renew_recovery_codes(operator.id, &operator.by)
        .await
        .map_err(refused)?;
    Ok(shown_once(operator, codes))
}

fn shown_once(operator: &Operator, codes: Vec<Secret>) -> Response {
    operator.page_in(
        Section::Profile,
        "Recovery codes",
        Layout::Reading,
        &CodesPage { codes },
    )
}

async fn ask_to_remove(operator: Operator) -> Result<Response, PageError> {
    operator.require_recent(REMOVE)?;
    let confirm = Confirm::new(
        REMOVE,
        operator.csrf(REMOVE),
        "Remove the authenticator app?",
        "Remove",
        PATH,
    )
    .text("From then on the password alone lets you in. The recovery codes are worth nothing any more.")
    .danger();
    Ok(operator.page_in(
        Section::Profile,
        "Authenticator app",
        Layout::Reading,
        &RemovePage { confirm },
    ))
}

async fn remove(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require_recent(REMOVE)?;
    manager
        .remove_second_factor(operator.id, &operator.by)
        .await
        .map_err(refused)?;
    Ok(Operator::see(
        "/profile",
        &Toast::done("The authenticator app was removed."),
    ))
}

fn refused(error: SecondFactorError) -> PageError {
    match error {
        SecondFactorError::Store(error) => error.into(),
        error => PageError::conflict(error),
    }
}
