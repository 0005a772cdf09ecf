//! Putting a request right while it is in triage: the law, the identifiers, who takes part.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use privacy::{IdentityType, Personal, request::StageName};
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Choice, Csrf, Field, FormErrors, Toast},
    },
};

use super::{
    super::{Operator, PageError, Section, Submitted, page_error::sentence},
    words,
};
use crate::{
    ConnectionId, Manager, Permission, RequestId,
    app::{
        ConnectionState, ConnectionView,
        requests::{RequestView, TakesPart, TriageChange, TriageError},
    },
};

#[derive(Template)]
#[template(path = "portal/requests/edit.html")]
struct EditPage<'a> {
    href: String,
    reference: String,
    action: String,
    csrf: Csrf,
    errors: FormErrors,
    framework: Field<'a>,
    identities: Vec<Field<'a>>,
    remove: Option<Field<'a>>,
    connections: Option<Field<'a>>,
}

/// What was typed. Identifiers are not shown again: what is there is masked, and what was typed may be wrong.
#[derive(Default)]
struct Typed {
    framework: String,
    identities: Vec<(IdentityType, String)>,
    remove: Vec<IdentityType>,
    connections: Vec<ConnectionId>,
}

/// The form.
pub(super) async fn form(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<RequestId>,
) -> Result<Response, PageError> {
    operator.require(Permission::WorkRequests)?;
    let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
    if view.state != StageName::Triage {
        return Err(TriageError::NotNow.into());
    }
    let offered = offered(&manager).await?;
    let part: Vec<ConnectionId> = view.tasks.iter().flatten().map(|task| task.connection_id).collect();
    let typed = Typed {
        framework: view.framework.clone(),
        connections: part,
        ..Typed::default()
    };
    page(&manager, &operator, &view, &typed, &offered, FormErrors::default()).await
}

/// Changes the request and plans it anew.
pub(super) async fn save(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
    let offered = offered(&manager).await?;
    let typed = typed(&submitted)?;
    let changed = manager
        .change_in_triage(id, &change(&typed, &offered), &operator.by)
        .await;
    let errors = match changed {
        Ok(_) => {
            let path = format!("/requests/{id}");
            return Ok(Operator::see(&path, &Toast::done("The request was changed.")));
        }
        Err(TriageError::Invalid { field, reason }) => {
            let field = field.strip_prefix("identities.").unwrap_or(field);
            FormErrors::default().with(field, sentence(&format!("{} {reason}", label(field))))
        }
        Err(error @ TriageError::Confirmed) => FormErrors::default().with("email", sentence(&error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let page = page(&manager, operator, &view, &typed, &offered, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn label(field: &str) -> &str {
    match field {
        "framework" => "The legal framework",
        "connections" => "The choice",
        field => field.parse().map_or("The data subject", words::identifier),
    }
}

fn typed(submitted: &Submitted) -> Result<Typed, PageError> {
    let mut identities = Vec::new();
    for kind in IdentityType::ALL {
        let value = submitted.field(kind.name())?;
        if !value.is_empty() {
            identities.push((*kind, value.to_owned()));
        }
    }
    let all = |name: &'static str| submitted.fields.all(name);
    Ok(Typed {
        framework: submitted.field("framework")?.to_owned(),
        identities,
        remove: all("remove").filter_map(|word| word.parse().ok()).collect(),
        connections: all("connections").filter_map(|id| id.parse().ok()).collect(),
    })
}

fn change(typed: &Typed, offered: &[ConnectionView]) -> TriageChange {
    let removed = typed.remove.iter().map(|kind| (*kind, None));
    let mut identities: BTreeMap<IdentityType, Option<Personal>> = removed.collect();
    let given = typed.identities.iter();
    identities.extend(given.map(|(kind, value)| (*kind, Some(Personal::new(value.clone())))));
    // All that are offered is every one that can act, also those that are connected later.
    let is_ticked = |view: &&ConnectionView| typed.connections.contains(&view.id);
    let ticked: Vec<ConnectionId> = offered.iter().filter(is_ticked).map(|view| view.id).collect();
    let connections = if offered.is_empty() {
        None
    } else if ticked.len() == offered.len() {
        Some(TakesPart::Everyone)
    } else {
        Some(TakesPart::Only(ticked))
    };
    TriageChange {
        framework: Some(typed.framework.clone()).filter(|framework| !framework.is_empty()),
        identities,
        connections,
    }
}

/// The connections that can be chosen.
async fn offered(manager: &Manager) -> Result<Vec<ConnectionView>, PageError> {
    let mut connections = manager.connections().await?;
    connections.retain(|view| {
        !matches!(
            view.state,
            ConnectionState::PendingAuthorization | ConnectionState::Disabled
        )
    });
    Ok(connections)
}

async fn page(
    manager: &Manager,
    operator: &Operator,
    view: &RequestView,
    typed: &Typed,
    offered: &[ConnectionView],
    errors: FormErrors,
) -> Result<Response, PageError> {
    let laws = manager.company().await?.frameworks.clone();
    let laws = laws.frameworks.iter();
    let laws = laws.map(|law| Choice::new(law.id.to_string(), law.name.clone()));
    let field = |kind: &IdentityType| {
        let field = match view.identities.get(kind) {
            Some(masked) => Field::text(kind.name(), words::identifier(*kind))
                .hint(format!("Now {masked}. Leave it empty to keep it.")),
            None => Field::text(kind.name(), words::identifier(*kind)).hint("Not given."),
        };
        field
            .error(errors.of(kind.name()).map(str::to_owned))
            .autocomplete("off")
            .max_length(355)
            .optional()
    };
    // The last identifier stays.
    let remove = (view.identities.len() > 1).then(|| {
        let given = view.identities.iter();
        let given = given.map(|(kind, masked)| {
            let label = format!("{}: {masked}", words::identifier(*kind));
            Choice::new(kind.name(), label).chosen(typed.remove.contains(kind))
        });
        Field::checks("remove", "Take away", given.collect()).optional()
    });
    let connections = (!offered.is_empty()).then(|| {
        let choices = offered.iter().map(|view| {
            Choice::new(view.id.to_string(), view.name.clone()).chosen(typed.connections.contains(&view.id))
        });
        Field::checks("connections", "Who is asked", choices.collect())
            .hint("Tick all to ask everyone who can act, also those that are connected until it is started.")
            .error(errors.of("connections").map(str::to_owned))
    });
    let action = format!("/requests/{}/edit", view.id);
    let body = EditPage {
        href: format!("/requests/{}", view.id),
        reference: view.reference.clone(),
        csrf: operator.csrf(&action),
        action,
        framework: Field::select("framework", "Legal framework", laws.collect())
            .hint("The deadline is computed anew, from the day on which the request came in.")
            .value(typed.framework.clone())
            .error(errors.of("framework").map(str::to_owned)),
        identities: IdentityType::ALL.iter().map(field).collect(),
        remove,
        connections,
        errors,
    };
    let title = format!("Change {}", view.reference);
    Ok(operator.page_in(Section::Requests, &title, Layout::Reading, &body))
}

impl From<TriageError> for PageError {
    fn from(error: TriageError) -> Self {
        match error {
            TriageError::NotFound => Self::NotFound,
            TriageError::Store(error) => error.into(),
            TriageError::NotNow | TriageError::Confirmed | TriageError::Invalid { .. } => Self::conflict(error),
        }
    }
}
