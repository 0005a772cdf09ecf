//! The form by which somebody asks.

mod filled;
mod page;

use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{StatusCode, header};
use mail::Language;
use rightful_http::{ClientAddress, extract::FormPairs};

use self::{filled::Filled, page::show};
use super::{Reader, Texts, at, message};
use crate::{Manager, app::SubmitFormError, web::page_error::PageError};

/// Where the form stands.
const FORM: &str = "/privacy";
/// Where it is answered.
const SENT: &str = "/privacy/sent";

pub(super) fn router() -> Router<Manager> {
    Router::new().route(FORM, get(form).post(submit)).route(SENT, get(sent))
}

async fn form(State(manager): State<Manager>, reader: Reader) -> Result<Response, PageError> {
    let company = manager.company().await?;
    if !manager.takes_forms(&company) {
        return Ok(closed(&manager, reader.language));
    }
    Ok(show(&manager, reader.language, &Filled::default()))
}

async fn submit(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    pairs: FormPairs,
) -> Result<Response, PageError> {
    let company = manager.company_as_known();
    let mut filled = Filled::read(manager.settings(), &company, &pairs)?;
    let language = reader.wanting(&company, &filled.language).language;
    let taken = || Redirect::to(&format!("{SENT}?lang={language}")).into_response();
    if filled.is_a_machine {
        // It is told what everybody is told.
        return Ok(taken());
    }
    match manager.submit_form(filled.sent(language), address).await {
        Ok(()) => Ok(taken()),
        Err(SubmitFormError::Fields(faults)) => {
            filled.add_faults(&faults, language);
            Ok(show(&manager, language, &filled))
        }
        Err(SubmitFormError::Stale) => {
            filled.is_stale = true;
            Ok(show(&manager, language, &filled))
        }
        Err(SubmitFormError::TooMany { retry_after }) => Ok(too_many(&manager, language, retry_after.as_secs())),
        Err(SubmitFormError::Closed) => Ok(closed(&manager, language)),
        Err(SubmitFormError::Store(error)) => Err(error.into()),
        Err(error @ SubmitFormError::Create(_)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a form was not taken");
            Err(PageError::Internal)
        }
    }
}

/// What everybody is told who sent a form, whether we know them or not.
async fn sent(State(manager): State<Manager>, reader: Reader) -> Response {
    page::sent(&manager, reader.language)
}

fn too_many(manager: &Manager, language: Language, seconds: u64) -> Response {
    let texts = Texts::of(language);
    let minutes = seconds.div_ceil(60).to_string();
    let text = texts.too_many.replace("{minutes}", &minutes);
    let page = message(
        manager,
        at(FORM, language),
        StatusCode::TOO_MANY_REQUESTS,
        texts.too_many_title,
        &text,
    );
    ([(header::RETRY_AFTER, seconds.to_string())], page).into_response()
}

fn closed(manager: &Manager, language: Language) -> Response {
    let texts = Texts::of(language);
    let (title, text) = (texts.form_closed_title, texts.form_closed);
    message(manager, at(FORM, language), StatusCode::NOT_FOUND, title, text)
}
