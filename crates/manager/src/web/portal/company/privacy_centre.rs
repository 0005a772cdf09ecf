//! What the privacy centre says and offers: one long form, and the way to see what comes of it.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::StatusCode;
use mail::Language;
use privacy::{IdentityType, Right};
use rightful_http::pages::{
    Layout,
    parts::{Choice, Control, Csrf, Field, FormErrors, PostButton, Toast},
};
use serde_json::{Map, Value, json};

use super::{Operator, PageError, Submitted, Where, errors};
use crate::{
    Manager, Permission,
    app::company::{Company, MOST_INTRODUCTION, Section},
};

pub(super) const PATH: &str = "/settings/privacy-centre";
pub(super) const RESET: &str = "/settings/privacy-centre/reset";

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(PATH, get(form).post(save))
        .route(RESET, post(reset))
}

#[derive(Template)]
#[template(path = "portal/company/privacy_centre.html")]
struct CentrePage<'a> {
    csrf: Csrf,
    errors: FormErrors,
    /// Whether the form is there for everybody.
    is_open: bool,
    /// Nothing can be confirmed, so nothing is taken.
    lacks_mailer: bool,
    previews: Vec<(&'static str, &'static str)>,
    groups: Vec<Group<'a>>,
    may_manage: bool,
    /// The way back to what the configuration says, where somebody has edited it.
    reset: Option<PostButton<'static>>,
}

struct Group<'a> {
    title: &'static str,
    fields: Vec<Field<'a>>,
}

async fn form(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ReadSettings)?;
    let company = manager.company().await?;
    let edited = manager.company_section(Section::PrivacyCentre).await?.edited;
    let present = company.section(Section::PrivacyCentre);
    Ok(page(
        &manager,
        &operator,
        &company,
        &present,
        edited,
        FormErrors::default(),
    ))
}

fn page(
    manager: &Manager,
    operator: &Operator,
    company: &Company,
    typed: &Value,
    edited: bool,
    errors: FormErrors,
) -> Response {
    let may_manage = operator.may(Permission::ManageSettings);
    let offered = company.privacy_centre.languages.iter();
    let body = CentrePage {
        csrf: operator.csrf(PATH),
        is_open: manager.takes_forms(company),
        lacks_mailer: !manager.mailer().is_configured(),
        previews: offered.map(|language| (language.name(), language.title())).collect(),
        groups: groups(company, typed, &errors),
        errors,
        may_manage,
        reset: (edited && may_manage)
            .then(|| PostButton::new(RESET, "Back to the defaults", operator.csrf(RESET)).quiet()),
    };
    operator.page_in(Where::Settings(PATH), "Privacy centre", Layout::Reading, &body)
}

async fn save(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    let typed = typed(&submitted)?;
    let changed = manager.change_company(Section::PrivacyCentre, Some(&typed), &operator.by);
    match changed.await {
        Ok(_) => Ok(Operator::see(PATH, &Toast::done("The settings were saved."))),
        Err(error) => {
            let errors = errors(error)?;
            let company = manager.company().await?;
            let page = page(&manager, operator, &company, &typed, false, errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn reset(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    let changed = manager.change_company(Section::PrivacyCentre, None, &submitted.operator.by);
    if let Err(error) = changed.await {
        errors(error)?;
    }
    let toast = Toast::done("The settings are as the configuration says again.");
    Ok(Operator::see(PATH, &toast))
}

/// What was typed, in the form in which the section is written.
fn typed(form: &Submitted) -> Result<Value, PageError> {
    let chosen = |name: &'static str| -> Vec<String> { form.fields.all(name).map(str::to_owned).collect() };
    let text = |name: &str| -> Result<Value, PageError> {
        let text = form.field(name)?.trim();
        Ok(if text.is_empty() { Value::Null } else { text.into() })
    };
    let mut introduction = Map::new();
    for language in Language::ALL {
        let written = form.field(&introduction_of(*language))?.replace("\r\n", "\n");
        if !written.trim().is_empty() {
            introduction.insert(language.to_string(), written.trim().into());
        }
    }
    Ok(json!({
        "open": form.field("open")? == "true",
        "languages": chosen("languages"),
        "introduction": introduction,
        "rights": chosen("rights"),
        "frameworks": chosen("frameworks"),
        "identifiers": chosen("identifiers"),
        "privacy_notice": text("privacy_notice")?,
        "contact": text("contact")?,
    }))
}

fn introduction_of(language: Language) -> String {
    format!("introduction.{language}")
}

fn groups<'a>(company: &Company, typed: &Value, errors: &FormErrors) -> Vec<Group<'a>> {
    let text = |name: &str| typed.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let error = |name: &str| errors.of(name).map(str::to_owned);
    let checks = |name: &'static str, label: &'static str, all: Vec<(String, String)>| {
        let listed = typed.get(name).and_then(Value::as_array);
        let choices = all.into_iter().map(|(word, label)| {
            let chosen = listed.is_some_and(|list| list.iter().any(|value| *value == word));
            Choice::new(word, label).chosen(chosen)
        });
        Field::checks(name, label, choices.collect()).error(error(name))
    };
    let words = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(word, label)| ((*word).to_owned(), (*label).to_owned()))
            .collect()
    };
    let languages = Language::ALL.iter();
    let languages = languages.map(|language| (language.to_string(), language.title().to_owned()));
    let open = Choice::new("true", "Requests are taken by the form").chosen(typed.get("open") == Some(&true.into()));
    let rights = [
        (Right::Access.name(), "A copy of the data"),
        (Right::Deletion.name(), "Deletion of the data"),
    ];
    let identifiers = [
        (IdentityType::OptimizelyEndUserId.name(), "Visitor ID"),
        (IdentityType::DcpId.name(), "Customer number"),
        (IdentityType::FullstackId.name(), "User ID"),
        (IdentityType::Other.name(), "Another number or name"),
    ];
    let laws = company.frameworks.frameworks.iter();
    let laws = laws.map(|law| (law.id.to_string(), law.name.clone()));
    let introduction = |language: &Language| {
        let written = typed
            .pointer(&format!("/introduction/{language}"))
            .and_then(Value::as_str);
        let name = introduction_of(*language);
        let error = error(&name);
        Field::area(name, language.title())
            .value(written.unwrap_or_default().to_owned())
            .max_length(u32::try_from(MOST_INTRODUCTION).unwrap_or(u32::MAX))
            .error(error)
            .optional()
    };
    vec![
        Group {
            title: "What is offered",
            fields: vec![
                Field::checks("open", "Form", vec![open]).optional(),
                checks("rights", "What can be asked for", words(&rights)),
                checks("languages", "Languages", languages.collect())
                    .hint("Readers choose on every page. Mails to them are written in the language of the form."),
                checks(
                    "identifiers",
                    "What is asked for beside the e-mail address",
                    words(&identifiers),
                )
                .hint("Nobody has to fill these in.")
                .optional(),
                checks("frameworks", "Legal frameworks whose places can be chosen", laws.collect())
                    .hint("None chosen: every place. Whoever lives elsewhere can ask as well, under the usual legal framework.")
                    .optional(),
            ],
        },
        Group {
            title: "Introduction",
            fields: Language::ALL.iter().map(introduction).collect(),
        },
        Group {
            title: "Below every page",
            fields: vec![
                Field::new(Control::Input("url"), "privacy_notice", "Link to your privacy notice")
                    .hint("Such as https://www.example.com/privacy.")
                    .value(text("privacy_notice"))
                    .error(error("privacy_notice"))
                    .optional(),
                Field::email("contact", "Address for questions")
                    .hint("People who need help write there; pages that say what went wrong name it too.")
                    .autocomplete("off")
                    .value(text("contact"))
                    .error(error("contact"))
                    .optional(),
            ],
        },
    ]
}
