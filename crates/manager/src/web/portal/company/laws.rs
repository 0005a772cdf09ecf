//! The table of legal frameworks, and a form for each of them.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::StatusCode;
use privacy::framework::Framework;
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Choice, Csrf, Field, FormErrors, PostButton, Toast},
    },
};
use serde_json::{Value, json};

use super::{Operator, PageError, Submitted, Where, errors};
use crate::{
    Manager, Permission,
    app::company::{LegalFrameworks, Section},
};

const LIST: &str = "/settings/frameworks";
const NEW: &str = "/settings/frameworks/new";
const USUAL: &str = "/settings/frameworks/usual";
const RESET: &str = "/settings/frameworks/reset";

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(LIST, get(list))
        .route(NEW, get(new).post(add))
        .route(USUAL, post(usual))
        .route(RESET, post(reset))
        .route("/settings/frameworks/law/{id}", get(edit).post(change))
        .route("/settings/frameworks/law/{id}/remove", post(remove))
}

#[derive(Template)]
#[template(path = "portal/company/laws.html")]
struct ListPage {
    laws: Vec<Framework>,
    usual: Field<'static>,
    csrf: Csrf,
    may_manage: bool,
    reset: Option<PostButton<'static>>,
}

async fn list(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ReadSettings)?;
    let edited = manager.company_section(Section::Frameworks).await?.edited;
    let laws = manager.company().await?.frameworks.clone();
    let may_manage = operator.may(Permission::ManageSettings);
    let choices = laws.frameworks.iter();
    let choices = choices.map(|law| Choice::new(law.id.to_string(), law.name.clone()));
    let body = ListPage {
        usual: Field::select("usual", "Where a request names none", choices.collect())
            .value(laws.usual.as_str().to_owned()),
        csrf: operator.csrf(USUAL),
        may_manage,
        reset: (edited && may_manage)
            .then(|| PostButton::new(RESET, "Back to the defaults", operator.csrf(RESET)).quiet()),
        laws: laws.frameworks.into(),
    };
    Ok(operator.page(Where::Settings(LIST), "Legal frameworks", &body))
}

#[derive(Template)]
#[template(path = "portal/company/law.html")]
struct LawPage<'a> {
    title: &'a str,
    action: &'a str,
    csrf: Csrf,
    errors: FormErrors,
    fields: Vec<Field<'static>>,
    remove: Option<PostButton<'a>>,
}

async fn new(operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    Ok(form(&operator, None, &Value::Null, FormErrors::default()))
}

async fn edit(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let laws = manager.company().await?.frameworks.clone();
    let law = laws.frameworks.get(&id).ok_or(PageError::NotFound)?;
    let typed = serde_json::to_value(law).unwrap_or_default();
    Ok(form(&operator, Some(&id), &typed, FormErrors::default()))
}

fn form(operator: &Operator, id: Option<&str>, typed: &Value, errors: FormErrors) -> Response {
    let action = id.map_or_else(|| NEW.to_owned(), |id| format!("/settings/frameworks/law/{id}"));
    let remove = format!("{action}/remove");
    let title = if id.is_some() {
        "Change a legal framework"
    } else {
        "Add a legal framework"
    };
    let body = LawPage {
        title,
        action: &action,
        csrf: operator.csrf(&action),
        fields: fields(id.is_none(), typed, &errors),
        errors,
        remove: id.map(|_| PostButton::new(remove.clone(), "Remove", operator.csrf(&remove)).danger()),
    };
    operator.page_in(Where::Settings(LIST), title, Layout::Reading, &body)
}

fn fields(is_new: bool, typed: &Value, errors: &FormErrors) -> Vec<Field<'static>> {
    let text = |name: &str| match typed.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    let field = |name: &'static str, label: &'static str, hint: &'static str| {
        Field::text(name, label)
            .hint(hint)
            .value(text(name))
            .error(errors.of(name).map(str::to_owned))
    };
    let mut fields = vec![field("name", "Name", "As your team calls it.")];
    if is_new {
        fields.push(
            field(
                "id",
                "Short name",
                "For programs: small letters, digits and _, such as gdpr.",
            )
            .short(),
        );
    }
    fields.extend([
        field(
            "term",
            "Time to answer",
            "Such as 1 month or 45 days, from the receipt of a request.",
        )
        .short(),
        field(
            "extension",
            "Extension",
            "Such as 60 days, once a request. Empty where the law gives none.",
        )
        .short()
        .optional(),
        field(
            "places",
            "Places",
            "Countries and states whose people it protects, such as DE FR US-CA.",
        )
        .optional(),
    ]);
    fields
}

/// A law as it was typed.
fn typed(submitted: &Submitted, id: &str, aliases: &[privacy::framework::FrameworkId]) -> Result<Value, PageError> {
    let extension = submitted.field("extension")?;
    let places = submitted.field("places")?.split([' ', ',', ';']);
    let places: Vec<_> = places.filter(|place| !place.is_empty()).collect();
    Ok(json!({
        "id": id,
        "aliases": aliases,
        "name": submitted.field("name")?,
        "term": submitted.field("term")?,
        "extension": if extension.is_empty() { Value::Null } else { extension.into() },
        "places": places,
    }))
}

async fn add(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    let law = typed(&submitted, submitted.field("id")?, &[])?;
    let laws = manager.company().await?.frameworks.clone();
    let mut all = as_list(&laws);
    all.push(law.clone());
    save(
        &manager,
        &submitted,
        (None, &law),
        &laws,
        all,
        "The legal framework was added.",
    )
    .await
}

async fn change(
    State(manager): State<Manager>,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    let laws = manager.company().await?.frameworks.clone();
    let before = laws.frameworks.get(&id).ok_or(PageError::NotFound)?;
    let law = typed(&submitted, before.id.as_str(), &before.aliases)?;
    let all = as_list(&laws).into_iter();
    let all = all.map(|other| {
        if other.get("id") == law.get("id") {
            law.clone()
        } else {
            other
        }
    });
    let all = all.collect();
    save(
        &manager,
        &submitted,
        (Some(&id), &law),
        &laws,
        all,
        "The legal framework was changed.",
    )
    .await
}

async fn remove(
    State(manager): State<Manager>,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    let laws = manager.company().await?.frameworks.clone();
    let law = laws.frameworks.get(&id).ok_or(PageError::NotFound)?;
    if law.id == laws.usual {
        return Err(PageError::conflict(
            "requests that name no legal framework are under this one: choose another for them first",
        ));
    }
    let law = serde_json::to_value(law).unwrap_or_default();
    let all = as_list(&laws)
        .into_iter()
        .filter(|other| other.get("id") != law.get("id"))
        .collect();
    save(
        &manager,
        &submitted,
        (Some(&id), &law),
        &laws,
        all,
        "The legal framework was removed.",
    )
    .await
}

async fn usual(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    let laws = manager.company().await?.frameworks.clone();
    let given = json!({"usual": submitted.field("usual")?, "frameworks": as_list(&laws)});
    let changed = manager.change_company(Section::Frameworks, Some(&given), &submitted.operator.by);
    match changed.await {
        Ok(_) => Ok(Operator::see(
            LIST,
            &Toast::done("The usual legal framework was changed."),
        )),
        Err(error) => {
            errors(error)?;
            Err(PageError::conflict("choose a law of the table"))
        }
    }
}

async fn reset(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    let changed = manager.change_company(Section::Frameworks, None, &submitted.operator.by);
    if let Err(error) = changed.await {
        errors(error)?;
    }
    Ok(Operator::see(LIST, &Toast::done("The table is as delivered again.")))
}

fn as_list(laws: &LegalFrameworks) -> Vec<Value> {
    laws.frameworks
        .iter()
        .map(|law| serde_json::to_value(law).unwrap_or_default())
        .collect()
}

/// Stores the whole table; a law that can't be used is shown again with what is wrong.
async fn save(
    manager: &Manager,
    submitted: &Submitted,
    (id, law): (Option<&str>, &Value),
    laws: &LegalFrameworks,
    all: Vec<Value>,
    done: &'static str,
) -> Result<Response, PageError> {
    let given = json!({"usual": laws.usual, "frameworks": all});
    let changed = manager.change_company(Section::Frameworks, Some(&given), &submitted.operator.by);
    match changed.await {
        Ok(_) => Ok(Operator::see(LIST, &Toast::done(done))),
        Err(error) => {
            let page = form(&submitted.operator, id, law, errors(error)?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
