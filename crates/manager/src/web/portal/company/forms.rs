//! Sections that are one form each.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get, post},
};
use http::StatusCode;
use privacy::Right;
use rightful_http::pages::{
    Layout,
    parts::{Choice, Csrf, Field, FormErrors, PostButton, Toast},
};
use serde_json::{Value, json};

use super::{Operator, PageError, Submitted, Where, errors};
use crate::{
    Manager, Permission,
    app::company::{Company, Section},
};

pub(super) fn router() -> Router<Manager> {
    [
        Section::Automation,
        Section::Approvals,
        Section::Retention,
        Section::Brand,
    ]
    .into_iter()
    .fold(Router::new(), |router, section| {
        router
            .route(path(section), routes(section))
            .route(reset_path(section), reset_routes(section))
    })
}

fn routes(section: Section) -> MethodRouter<Manager> {
    get(move |State(manager), operator| form(manager, operator, section))
        .post(move |State(manager), submitted| save(manager, submitted, section))
}

fn reset_routes(section: Section) -> MethodRouter<Manager> {
    post(move |State(manager), submitted| reset(manager, submitted, section))
}

const fn path(section: Section) -> &'static str {
    match section {
        Section::Frameworks => "/settings/frameworks",
        Section::Automation => "/settings/automation",
        Section::Approvals => "/settings/approvals",
        Section::Retention => "/settings/retention",
        Section::Brand => "/settings/brand",
        Section::PrivacyCentre => super::privacy_centre::PATH,
    }
}

const fn reset_path(section: Section) -> &'static str {
    match section {
        Section::Frameworks => "/settings/frameworks/reset",
        Section::Automation => "/settings/automation/reset",
        Section::Approvals => "/settings/approvals/reset",
        Section::Retention => "/settings/retention/reset",
        Section::Brand => "/settings/brand/reset",
        Section::PrivacyCentre => super::privacy_centre::RESET,
    }
}

/// Title and what it is about.
const fn words(section: Section) -> (&'static str, &'static str) {
    match section {
        Section::Frameworks => ("Legal frameworks", ""),
        Section::PrivacyCentre => ("Privacy centre", ""),
        Section::Automation => (
            "Automation",
            "What happens without a person. It counts for requests that come in from now on.",
        ),
        Section::Approvals => (
            "Approvals",
            "How many people decide before something is handed over or deleted. It counts for requests that come in from now on. Who must be among them for one connection is said on its page.",
        ),
        Section::Retention => (
            "Retention",
            "How long personal data is kept once a request is closed. That it was answered stays on record.",
        ),
        Section::Brand => ("Brand", "How pages and letters name you."),
    }
}

#[derive(Template)]
#[template(path = "portal/company/section.html")]
struct SectionPage<'a> {
    title: &'static str,
    lede: &'static str,
    action: &'static str,
    csrf: Csrf,
    errors: FormErrors,
    fields: Vec<Field<'a>>,
    may_manage: bool,
    /// The way back to what the configuration says, where somebody has edited it.
    reset: Option<PostButton<'static>>,
}

async fn form(manager: Manager, operator: Operator, section: Section) -> Result<Response, PageError> {
    operator.require(Permission::ReadSettings)?;
    let company = manager.company().await?;
    let edited = manager.company_section(section).await?.edited;
    Ok(page(
        &operator,
        section,
        &company.section(section),
        edited,
        FormErrors::default(),
    ))
}

fn page(operator: &Operator, section: Section, typed: &Value, edited: bool, errors: FormErrors) -> Response {
    let (title, lede) = words(section);
    let may_manage = operator.may(Permission::ManageSettings);
    let reset = reset_path(section);
    let body = SectionPage {
        title,
        lede,
        action: path(section),
        csrf: operator.csrf(path(section)),
        fields: fields(section, typed, &errors),
        errors,
        may_manage,
        reset: (edited && may_manage)
            .then(|| PostButton::new(reset, "Back to the defaults", operator.csrf(reset)).quiet()),
    };
    operator.page_in(Where::Settings(path(section)), title, Layout::Reading, &body)
}

async fn save(manager: Manager, submitted: Submitted, section: Section) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    let company = manager.company().await?;
    let typed = typed(section, &submitted, &company)?;
    match manager.change_company(section, Some(&typed), &operator.by).await {
        Ok(_) => Ok(Operator::see(path(section), &Toast::done("The settings were saved."))),
        Err(error) => {
            let page = page(operator, section, &typed, false, errors(error)?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn reset(manager: Manager, submitted: Submitted, section: Section) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    // Who must approve for a connection is said on its page, and stays as it is said there.
    let company = manager.company().await?;
    let connections = Some(&company.approvals.connections);
    let kept = connections.filter(|named| section == Section::Approvals && !named.is_empty());
    let kept = kept.map(|connections| json!({"connections": connections}));
    let by = &submitted.operator.by;
    let changed = manager.change_company(section, kept.as_ref(), by).await;
    if let Err(error) = changed {
        errors(error)?;
    }
    let toast = Toast::done("The settings are as the configuration says again.");
    Ok(Operator::see(path(section), &toast))
}

/// What was typed, in the form in which the section is written.
fn typed(section: Section, form: &Submitted, company: &Company) -> Result<Value, PageError> {
    let rights = |name: &'static str| -> Vec<String> { form.fields.all(name).map(str::to_owned).collect() };
    let text = |name: &str| form.field(name).map(str::to_owned);
    let people = |name: &str| text(name).map(|text| text.parse::<u8>().map_or(Value::from(text), Value::from));
    Ok(match section {
        // Those have pages of their own.
        Section::Frameworks | Section::PrivacyCentre => Value::Null,
        Section::Automation => json!({
            "start": rights("start"),
            "approve": rights("approve"),
            "duplicate_window": text("duplicate_window")?,
            "grace": text("grace")?,
        }),
        Section::Approvals => json!({
            "access": people("access")?,
            "deletion": people("deletion")?,
            "separate_approver": form.field("separate_approver")? == "true",
            // Those are said on the pages of the connections.
            "connections": company.approvals.connections,
        }),
        Section::Retention => json!({"requests": text("requests")?, "dossiers": text("dossiers")?}),
        Section::Brand => {
            let colour = text("colour")?;
            json!({"name": text("name")?, "colour": if colour.is_empty() { Value::Null } else { colour.into() }})
        }
    })
}

fn fields<'a>(section: Section, typed: &Value, errors: &FormErrors) -> Vec<Field<'a>> {
    let text = |name: &str| match typed.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let short = |name: &'static str, label: &'static str, hint: &'static str| {
        Field::text(name, label)
            .hint(hint)
            .value(text(name))
            .error(errors.of(name).map(str::to_owned))
            .short()
    };
    let rights = |name: &'static str, label: &'static str, hint: &'static str| {
        let listed = |right: Right| {
            let list = typed.get(name).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|value| value == right.name()))
        };
        let choice = |right: Right, label: &'static str| Choice::new(right.name(), label).chosen(listed(right));
        let choices = vec![
            choice(Right::Access, "Access requests"),
            choice(Right::Deletion, "Deletion requests"),
        ];
        Field::checks(name, label, choices).hint(hint).optional()
    };
    match section {
        Section::Frameworks | Section::PrivacyCentre => Vec::new(),
        Section::Automation => vec![
            rights(
                "start",
                "Start without triage",
                "The connections begin as soon as a request is there. What may be a duplicate waits for a person all the same.",
            ),
            rights(
                "approve",
                "Approve without review",
                "Nobody looks at what is handed over or deleted.",
            ),
            short(
                "duplicate_window",
                "Look for duplicates among requests of the last",
                "In days, such as 30d. Open requests are always looked at.",
            ),
            short(
                "grace",
                "A deletion waits after its approval for",
                "In days or hours, such as 2d or 12h; 0s for no wait. Until then it can be cancelled.",
            ),
        ],
        Section::Approvals => vec![
            short("access", "People who approve an access request", "1 to 5."),
            short("deletion", "People who approve a deletion", "1 to 5."),
            Field::checks(
                "separate_approver",
                "Separation",
                vec![
                    Choice::new("true", "Whoever made a request may not approve it")
                        .chosen(typed.get("separate_approver") == Some(&Value::Bool(true))),
                ],
            )
            .optional(),
        ],
        Section::Retention => vec![
            short(
                "requests",
                "Personal data of a closed request",
                "In days after its closing, such as 730d. Then its key is destroyed, and with it everything that names the person.",
            ),
            short("dossiers", "What was found", "In days after its closing, such as 7d."),
        ],
        Section::Brand => vec![
            short("name", "Name", "Pages and mails show it.").max_length(60),
            short(
                "colour",
                "Colour",
                "Such as #0d6159, for links and buttons. Empty for ours.",
            )
            .optional(),
        ],
    }
}
