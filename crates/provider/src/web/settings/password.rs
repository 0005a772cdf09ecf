//! `/accountsettings/password`: a new password.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::pages::parts::{Choice, Csrf, Field, FormErrors, Notice, PostButton, Tone, When};

use super::{PASSWORD, SESSIONS};
use crate::{
    Provider,
    app::{change_password::ChangePasswordError, sessions::OtherSession},
    web::{
        form::Sent,
        page::{PageError, reading_page, sentence},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "password.html")]
struct Password {
    action: &'static str,
    csrf: Csrf,
    errors: FormErrors,
    changed: Option<&'static str>,
    others: Vec<OtherSession>,
    end_others: PostButton<'static>,
    other_sessions: Field<'static>,
}

fn other_sessions() -> Field<'static> {
    let choices = vec![
        Choice::new("end", "Log out my other browsers").hint("Best where somebody else may know the old password."),
        Choice::new("keep", "Keep them logged in"),
    ];
    Field::radios("other_sessions", "Other browsers", choices).value("end")
}

/// `GET /accountsettings/password`
pub(super) async fn form(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    show(&provider, &visitor, FormErrors::default(), None).await
}

async fn show(
    provider: &Provider,
    visitor: &Visitor,
    errors: FormErrors,
    changed: Option<&'static str>,
) -> Result<Response, PageError> {
    let session = visitor.session()?;
    let body = Password {
        action: PASSWORD,
        csrf: visitor.csrf(provider, PASSWORD),
        errors,
        changed,
        others: provider.other_sessions(session).await?,
        other_sessions: other_sessions(),
        end_others: PostButton::new(SESSIONS, "Log out the others", visitor.csrf(provider, SESSIONS)).danger(),
    };
    Ok(reading_page(provider, visitor, "Password", &body))
}

/// `POST /accountsettings/sessions/end`
pub(super) async fn end_others(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let session = sent.visitor.session()?;
    provider.end_other_sessions(session, sent.visitor.origin).await?;
    Ok(Redirect::to(PASSWORD).into_response())
}

/// `POST /accountsettings/password`
pub(super) async fn change(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    let secret = |field| sent.verbatim(field).map(|text| Secret::new(text.to_owned()));
    let (current, new) = (secret("current_password")?, secret("new_password")?);
    let errors = FormErrors::default();
    let end_others = sent.text("other_sessions")? != "keep";
    let changed = provider
        .change_password(session, &current, &new, end_others, visitor.origin)
        .await;
    let errors = match changed {
        Ok(()) => {
            let what = if end_others {
                "Use the new one from now on. Your other browsers were logged out."
            } else {
                "Use the new one from now on."
            };
            return show(&provider, visitor, errors, Some(what)).await;
        }
        Err(ChangePasswordError::Wrong) => errors.with("current_password", "That is not your password"),
        Err(ChangePasswordError::Rule(rule)) => {
            let text = sentence(&rule.to_string());
            errors.with("new_password", text.trim_end_matches('.'))
        }
        Err(ChangePasswordError::Hash) => errors.with("new_password", "That password could not be stored"),
        Err(ChangePasswordError::Throttled(throttled)) => return Err(throttled.into()),
        Err(ChangePasswordError::Store(error)) => return Err(error.into()),
    };
    let page = show(&provider, visitor, errors, None).await?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}
