//! `/settings/templates`: the words of mails, in each language.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::StatusCode;
use mail::{Event, Language, Preview};
use rightful_http::{
    extract::Path2,
    pages::{
        Layout,
        parts::{Badge, Csrf, Field, FormErrors, PostButton, Toast, Tone, When},
    },
};

use super::super::{Operator, PageError, Section, Submitted, mail_words, page_error::sentence};
use crate::{
    Manager, Permission,
    app::{ChangeTemplateError, MailTemplate},
};

pub(super) const PATH: &str = "/settings/templates";
const SECTION: Section = Section::Settings(PATH);
/// The longest template: many times what ours need.
const LONGEST: u32 = 20_000;

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(PATH, get(list))
        .route("/settings/templates/{event}/{language}", get(one).post(save))
        .route("/settings/templates/{event}/{language}/reset", post(reset))
}

#[derive(Template)]
#[template(path = "portal/settings/templates.html")]
struct ListPage {
    mails: Vec<Line>,
}

/// One mail with its languages.
struct Line {
    title: &'static str,
    occasion: &'static str,
    languages: Vec<InLanguage>,
}

struct InLanguage {
    title: &'static str,
    href: String,
    is_own: bool,
}

async fn list(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let templates = manager.mail_templates().await?;
    let language = |template: &MailTemplate| InLanguage {
        title: template.language.title(),
        href: path(template.event, template.language),
        is_own: template.changed_at.is_some(),
    };
    let line = |event: &Event| Line {
        title: mail_words::of_event(*event),
        occasion: mail_words::occasion(*event),
        languages: templates
            .iter()
            .filter(|template| template.event == *event)
            .map(language)
            .collect(),
    };
    let body = ListPage {
        mails: Event::ALL
            .iter()
            .filter(|event| !event.is_vendors())
            .map(line)
            .collect(),
    };
    Ok(operator.page(SECTION, "Mails", &body))
}

#[derive(Template)]
#[template(path = "portal/settings/template.html")]
struct OnePage {
    title: &'static str,
    occasion: &'static str,
    languages: Vec<(InLanguage, bool)>,
    action: String,
    csrf: Csrf,
    template: Field<'static>,
    names: &'static [&'static str],
    errors: FormErrors,
    preview: Option<Preview>,
    /// What is previewed is not what is kept.
    is_draft: bool,
    changed_at: Option<jiff::Timestamp>,
    reset: Option<PostButton<'static>>,
}

async fn one(
    State(manager): State<Manager>,
    operator: Operator,
    Path2(event, language): Path2<Event, Language>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let kept = manager.mail_template(event, language).await?;
    let text = kept.template.clone();
    page(&manager, &operator, &kept, &text, FormErrors::default()).await
}

/// Saves the words, or shows what they would make.
async fn save(
    State(manager): State<Manager>,
    Path2(event, language): Path2<Event, Language>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    let text = submitted.raw("template")?;
    let refused = if submitted.field("then")? == "preview" {
        manager.preview_mail(event, language, text).err()
    } else {
        match manager.change_mail_template(event, language, text, &operator.by).await {
            Ok(_) => {
                return Ok(Operator::see(
                    &path(event, language),
                    &Toast::done("The words were saved. Mails from now on have them."),
                ));
            }
            Err(ChangeTemplateError::Unusable(error)) => Some(error),
            Err(ChangeTemplateError::Store(error)) => return Err(error.into()),
        }
    };
    let kept = manager.mail_template(event, language).await?;
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let errors = refused.map_or_else(FormErrors::default, |error| {
        FormErrors::default().with("template", sentence(&error.to_string()))
    });
    let page = page(&manager, operator, &kept, text, errors).await?;
    Ok((status, page).into_response())
}

async fn reset(
    State(manager): State<Manager>,
    Path2(event, language): Path2<Event, Language>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    manager
        .reset_mail_template(event, language, &submitted.operator.by)
        .await?;
    Ok(Operator::see(
        &path(event, language),
        &Toast::done("The mail has its first words again."),
    ))
}

async fn page(
    manager: &Manager,
    operator: &Operator,
    kept: &MailTemplate,
    text: &str,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let (event, language) = (kept.event, kept.language);
    let all = manager.mail_templates().await?;
    let action = path(event, language);
    let reset = format!("{action}/reset");
    let error = errors.of("template").map(str::to_owned);
    let body = OnePage {
        title: mail_words::of_event(event),
        occasion: mail_words::occasion(event),
        languages: all
            .iter()
            .filter(|template| template.event == event)
            .map(|template| {
                let here = template.language == language;
                let href = path(event, template.language);
                let (title, is_own) = (template.language.title(), template.changed_at.is_some());
                (InLanguage { title, href, is_own }, here)
            })
            .collect(),
        csrf: operator.csrf(&action),
        template: Field::area("template", "Words")
            .hint("The first line is the subject. Paragraphs have an empty line between them; what follows the line -- stands small below.")
            .value(text.to_owned())
            .max_length(LONGEST)
            .error(error),
        names: mail_words::names(event),
        preview: manager.preview_mail(event, language, text).ok(),
        is_draft: text.replace("\r\n", "\n") != kept.template,
        changed_at: kept.changed_at,
        reset: kept
            .changed_at
            .is_some()
            .then(|| PostButton::new(reset.clone(), "Back to the first words", operator.csrf(&reset)).quiet()),
        action,
        errors,
    };
    Ok(operator.page_in(SECTION, body.title, Layout::Wide, &body))
}

fn path(event: Event, language: Language) -> String {
    format!("{PATH}/{event}/{language}")
}
