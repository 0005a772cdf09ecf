//! `/accountsettings/two-step`: an authenticator app beside the password.

use std::fmt;

use askama::{Template, filters::HtmlSafe};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    pages::parts::{Badge, Csrf, Field, FormErrors, Tone},
    totp::picture,
};

use super::TWO_STEP;
use crate::{
    Provider,
    app::two_step::{Enrolment, TwoStepError},
    web::{
        form::Sent,
        page::{PageError, reading_page},
        visitor::Visitor,
    },
};

const CONFIRM: &str = "/accountsettings/two-step/confirm";
const OFF: &str = "/accountsettings/two-step/off";
const RECOVERY: &str = "/accountsettings/two-step/recovery";

#[derive(Template)]
#[template(path = "two_step.html")]
struct TwoStep {
    on: bool,
    codes_left: i64,
    begin: Csrf,
    end: Csrf,
    replace: Csrf,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "two_step_enrol.html")]
struct Enrol {
    csrf: Csrf,
    picture: Picture,
    written: Secret,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryCodes<'a> {
    codes: &'a [Secret],
    brand: &'a str,
}

/// An SVG of ours: nothing in it to escape.
struct Picture(String);

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Picture {}

/// `GET /accountsettings/two-step`
pub(super) async fn show(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    page(&provider, &visitor, FormErrors::default()).await
}

async fn page(provider: &Provider, visitor: &Visitor, errors: FormErrors) -> Result<Response, PageError> {
    let session = visitor.session()?;
    let body = TwoStep {
        on: session.two_step,
        codes_left: provider.recovery_codes_left(session).await?,
        begin: visitor.csrf(provider, TWO_STEP),
        end: visitor.csrf(provider, OFF),
        replace: visitor.csrf(provider, RECOVERY),
        errors,
    };
    Ok(reading_page(provider, visitor, "Two-step log-in", &body))
}

/// `POST /accountsettings/two-step`: the secret is shown in the answer to the password, and nowhere else.
pub(super) async fn begin(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    let password = Secret::new(sent.verbatim("current_password")?.to_owned());
    match provider.begin_two_step(session, &password, visitor.origin).await {
        Ok(enrolment) => Ok(enrol(&provider, visitor, enrolment, FormErrors::default())),
        Err(error) => refused(&provider, visitor, error).await,
    }
}

fn enrol(provider: &Provider, visitor: &Visitor, enrolment: Enrolment, errors: FormErrors) -> Response {
    let body = Enrol {
        csrf: visitor.csrf(provider, CONFIRM),
        // A brand's and a person's name always fit; the written secret is there in any case.
        picture: Picture(picture(&enrolment.uri).unwrap_or_default()),
        written: enrolment.written,
        errors,
    };
    reading_page(provider, visitor, "Two-step log-in", &body)
}

/// `POST /accountsettings/two-step/confirm`
pub(super) async fn confirm(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    match provider
        .confirm_two_step(session, sent.text("totp")?, visitor.origin)
        .await
    {
        Ok(codes) => Ok(shown_once(&provider, visitor, &codes)),
        Err(TwoStepError::Code) => {
            let enrolment = match provider.unconfirmed_two_step(session).await {
                Ok(enrolment) => enrolment,
                Err(error) => return refused(&provider, visitor, error).await,
            };
            let errors = FormErrors::default().with("totp", "That is not the code that the app shows now");
            let page = enrol(&provider, visitor, enrolment, errors);
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(error) => refused(&provider, visitor, error).await,
    }
}

fn shown_once(provider: &Provider, visitor: &Visitor, codes: &[Secret]) -> Response {
    let body = RecoveryCodes {
        codes,
        brand: &provider.settings().brand_name,
    };
    reading_page(provider, visitor, "Recovery codes", &body)
}

/// `POST /accountsettings/two-step/off`
pub(super) async fn end(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    let (password, code) = both(&sent)?;
    match provider.end_two_step(session, &password, &code, visitor.origin).await {
        Ok(()) => Ok(Redirect::to(TWO_STEP).into_response()),
        Err(error) => refused(&provider, visitor, error).await,
    }
}

/// `POST /accountsettings/two-step/recovery`
pub(super) async fn replace(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    let (password, code) = both(&sent)?;
    match provider
        .replace_recovery_codes(session, &password, &code, visitor.origin)
        .await
    {
        Ok(codes) => Ok(shown_once(&provider, visitor, &codes)),
        Err(error) => refused(&provider, visitor, error).await,
    }
}

fn both(sent: &Sent) -> Result<(Secret, Secret), PageError> {
    let secret = |text: &str| Secret::new(text.to_owned());
    Ok((secret(sent.verbatim("current_password")?), secret(sent.text("totp")?)))
}

async fn refused(provider: &Provider, visitor: &Visitor, error: TwoStepError) -> Result<Response, PageError> {
    let errors = match error {
        TwoStepError::Password => FormErrors::default().with("current_password", "That is not your password"),
        TwoStepError::Code => FormErrors::default().with("totp", "That code is not right, or was used before"),
        TwoStepError::Gone => return Ok(Redirect::to(TWO_STEP).into_response()),
        TwoStepError::Throttled(throttled) => return Err(throttled.into()),
        TwoStepError::Store(error) => return Err(error.into()),
    };
    let page = page(provider, visitor, errors).await?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}
