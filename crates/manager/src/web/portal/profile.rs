//! One's own pages: password, authenticator, sessions, language.

mod authenticator;
mod email;
mod sessions;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::StatusCode;
use mail::Language;
use oauth::Secret;
use rightful_http::pages::{
    Layout,
    parts::{Badge, Choice, Csrf, Field, FormErrors, PostButton, Toast, Tone, When},
};

use super::{Operator, PageError, Section, Submitted, page_error::sentence, sign_in};
use crate::{
    Manager, SessionId,
    app::{ChangePasswordError, ConfirmError, OperatorView, SessionView},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/profile", get(page))
        .route("/profile/password", post(change_password))
        .route("/profile/language", post(change_language))
        .merge(sessions::router())
        .merge(email::router())
        .merge(authenticator::router())
}

#[derive(Template)]
#[template(path = "portal/profile/show.html")]
struct ProfilePage<'a> {
    me: OperatorView,
    role: &'static str,
    errors: FormErrors,
    recovery_codes: u64,
    sessions: Vec<SessionView>,
    this: SessionId,
    languages: Vec<Choice<'static>>,
    operator: &'a Operator,
}

impl ProfilePage<'_> {
    fn csrf(&self, action: &str) -> Csrf {
        self.operator.csrf(action)
    }

    fn end(&self, session: &SessionView) -> PostButton<'_> {
        PostButton::new("/profile/sessions/end", "End", self.csrf("/profile/sessions/end"))
            .value("session", session.id.to_string())
            .about(format!("the session of {}", session.agent))
            .small()
    }

    fn end_others(&self) -> PostButton<'_> {
        PostButton::new(
            "/profile/sessions/end",
            "End all others",
            self.csrf("/profile/sessions/end"),
        )
        .value("session", "others")
        .quiet()
    }
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
    let languages = Language::ALL
        .iter()
        .map(|language| Choice::new(language.name(), language_word(*language)));
    let body = ProfilePage {
        role: me.role.title(),
        errors,
        recovery_codes: manager.recovery_codes_left(operator.id).await?,
        sessions: manager.sessions(operator.id).await?,
        this: operator.session_id,
        languages: languages.collect(),
        me,
        operator,
    };
    let page = operator.page_in(Section::Profile, "Your profile", Layout::Reading, &body);
    Ok((status, page).into_response())
}

fn language_word(language: Language) -> &'static str {
    match language.name() {
        "de" => "Deutsch",
        "fr" => "Français",
        "es" => "Español",
        "it" => "Italiano",
        "nl" => "Nederlands",
        _ => "English",
    }
}

async fn change_password(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    let (old, new) = (submitted.raw("old_password")?, submitted.raw("password")?);
    let (old, new) = (Secret::new(old.to_owned()), Secret::new(new.to_owned()));
    let end_others = !submitted.field("end_others")?.is_empty();
    let who = (operator.id, operator.session_id);
    let changed = manager
        .change_password(who, &old, &new, end_others, &operator.visitor)
        .await;
    let (status, field, error) = match changed {
        Ok(()) => return Ok(Operator::see("/profile", &Toast::done("Your password was changed."))),
        Err(ChangePasswordError::Store(error) | ChangePasswordError::Old(ConfirmError::Store(error))) => {
            return Err(error.into());
        }
        Err(error @ ChangePasswordError::Old(ConfirmError::TooMany { .. })) => {
            (StatusCode::TOO_MANY_REQUESTS, "old_password", error)
        }
        Err(error @ ChangePasswordError::New(_)) => (StatusCode::UNPROCESSABLE_ENTITY, "password", error),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, "old_password", error),
    };
    let errors = FormErrors::default().with(field, sentence(&error.to_string()));
    show(&manager, operator, status, errors).await
}

async fn change_language(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let language = submitted.field("language")?;
    let language = language.parse().map_err(|_| PageError::Refused {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        reason: "no such language".to_owned(),
    })?;
    manager
        .change_language(submitted.operator.id, language)
        .await
        .map_err(PageError::conflict)?;
    Ok(Operator::see(
        "/profile",
        &Toast::done("The language of mails to you was changed."),
    ))
}
