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
    extract::Query,
    pages::parts::{Badge, Csrf, Field, FormErrors, Notice, Tone},
    totp::picture,
};
use serde::Deserialize;

use super::TWO_STEP;
use crate::{
    Provider,
    app::two_step::{Enrolment, TwoStepError},
    web::{
        form::Sent,
        oauth::Onward,
        page::{PageError, reading_page, sentence},
        visitor::Visitor,
    },
};

const CONFIRM: &str = "/accountsettings/two-step/confirm";
const OFF: &str = "/accountsettings/two-step/off";
const RECOVERY: &str = "/accountsettings/two-step/recovery";

#[derive(Template)]
#[template(path = "two_step.html")]
struct TwoStep<'a> {
    on: bool,
    /// The account that asks for it.
    asked_by: Option<&'a str>,
    onward: &'a Onward,
    codes_left: i64,
    begin: Csrf,
    end: Csrf,
    replace: Csrf,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "two_step_enrol.html")]
struct Enrol<'a> {
    csrf: Csrf,
    onward: &'a Onward,
    picture: Picture,
    written: Secret,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryCodes<'a> {
    codes: &'a [Secret],
    brand: &'a str,
    /// Where the page was on the way to, else back.
    next: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TwoStepQuery {
    authorization: String,
    return_to: String,
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
pub(super) async fn show(
    State(provider): State<Provider>,
    Query(query): Query<TwoStepQuery>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let onward = Onward::read(&query.authorization, &query.return_to);
    page(&provider, &visitor, &onward, FormErrors::default()).await
}

async fn page(
    provider: &Provider,
    visitor: &Visitor,
    onward: &Onward,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let session = visitor.logged_in()?;
    let body = TwoStep {
        on: session.two_step,
        asked_by: session
            .two_step_asked_by()
            .map(|membership| membership.account.name.as_str()),
        onward,
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
    let session = visitor.logged_in()?;
    let password = Secret::new(sent.verbatim("current_password")?.to_owned());
    match provider.begin_two_step(session, &password, visitor.origin).await {
        Ok(enrolment) => Ok(enrol(&provider, &sent, enrolment, FormErrors::default())?),
        Err(error) => refused(&provider, &sent, error).await,
    }
}

fn enrol(provider: &Provider, sent: &Sent, enrolment: Enrolment, errors: FormErrors) -> Result<Response, PageError> {
    let body = Enrol {
        csrf: sent.visitor.csrf(provider, CONFIRM),
        onward: &onward(sent)?,
        // A brand's and a person's name always fit; the written secret is there in any case.
        picture: Picture(picture(&enrolment.uri).unwrap_or_default()),
        written: enrolment.written,
        errors,
    };
    Ok(reading_page(provider, &sent.visitor, "Two-step log-in", &body))
}

fn onward(sent: &Sent) -> Result<Onward, PageError> {
    Ok(Onward::read(
        sent.verbatim("authorization")?,
        sent.verbatim("return_to")?,
    ))
}

/// `POST /accountsettings/two-step/confirm`
pub(super) async fn confirm(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.logged_in()?;
    match provider
        .confirm_two_step(session, sent.text("totp")?, visitor.origin)
        .await
    {
        Ok(codes) => Ok(shown_once(&provider, &sent, &codes)?),
        Err(TwoStepError::Code) => {
            let enrolment = match provider.unconfirmed_two_step(session).await {
                Ok(enrolment) => enrolment,
                Err(error) => return refused(&provider, &sent, error).await,
            };
            let errors = FormErrors::default().with("totp", "That is not the code that the app shows now");
            let page = enrol(&provider, &sent, enrolment, errors)?;
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(error) => refused(&provider, &sent, error).await,
    }
}

fn shown_once(provider: &Provider, sent: &Sent, codes: &[Secret]) -> Result<Response, PageError> {
    let next = match onward(sent)?.path() {
        path if path == "/" => TWO_STEP.to_owned(),
        path => path,
    };
    let body = RecoveryCodes {
        codes,
        brand: &provider.settings().brand_name,
        next,
    };
    Ok(reading_page(provider, &sent.visitor, "Recovery codes", &body))
}

/// `POST /accountsettings/two-step/off`
pub(super) async fn end(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.logged_in()?;
    let (password, code) = both(&sent)?;
    match provider.end_two_step(session, &password, &code, visitor.origin).await {
        Ok(()) => Ok(Redirect::to(TWO_STEP).into_response()),
        Err(error) => refused(&provider, &sent, error).await,
    }
}

/// `POST /accountsettings/two-step/recovery`
pub(super) async fn replace(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.logged_in()?;
    let (password, code) = both(&sent)?;
    match provider
        .replace_recovery_codes(session, &password, &code, visitor.origin)
        .await
    {
        Ok(codes) => Ok(shown_once(&provider, &sent, &codes)?),
        Err(error) => refused(&provider, &sent, error).await,
    }
}

fn both(sent: &Sent) -> Result<(Secret, Secret), PageError> {
    let secret = |text: &str| Secret::new(text.to_owned());
    Ok((secret(sent.verbatim("current_password")?), secret(sent.text("totp")?)))
}

async fn refused(provider: &Provider, sent: &Sent, error: TwoStepError) -> Result<Response, PageError> {
    let errors = match error {
        TwoStepError::Required => {
            let mut errors = FormErrors::default();
            errors.add_general(sentence(&error.to_string()));
            errors
        }
        TwoStepError::Password => FormErrors::default().with("current_password", "That is not your password"),
        TwoStepError::Code => FormErrors::default().with("totp", "That code is not right, or was used before"),
        TwoStepError::Gone => return Ok(Redirect::to(TWO_STEP).into_response()),
        TwoStepError::Throttled(throttled) => return Err(throttled.into()),
        TwoStepError::Store(error) => return Err(error.into()),
    };
    let page = page(provider, &sent.visitor, &onward(sent)?, errors).await?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}
