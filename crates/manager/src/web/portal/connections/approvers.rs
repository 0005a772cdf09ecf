//! Who must be among those who approve what a connection brings or deletes.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::StatusCode;
use privacy::request::{Hearing, Standing};
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Badge, Choice, Csrf, Field, FormErrors, Notice, Toast, Tone},
    },
};

use super::super::{Operator, PageError, Section, Submitted, page_error::sentence};
use crate::{
    ConnectionId, Manager, OperatorId, Permission,
    app::{ApproverView, ConnectionApprovers, NameApproversError},
};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/connections/{id}/approvers", get(form).post(save))
}

/// What a connection's page says about its approvers.
pub(super) struct Card {
    pub(super) people: Vec<Person>,
    pub(super) notice: Option<Notice<'static>>,
    /// Where they are named, for whoever may.
    pub(super) href: Option<String>,
}

/// Somebody who is named.
pub(super) struct Person {
    pub(super) name: String,
    /// Why they can't approve, if so.
    pub(super) cannot: Option<Badge<'static>>,
}

/// The card of one connection.
pub(super) async fn card(manager: &Manager, operator: &Operator, id: ConnectionId) -> Result<Card, PageError> {
    let found = manager.approvers(id).await?.ok_or(PageError::NotFound)?;
    let href = operator
        .may(Permission::ManageSettings)
        .then(|| format!("/connections/{id}/approvers"));
    Ok(Card {
        notice: (found.state == Hearing::NobodyCan).then(nobody_can),
        people: found.approvers.iter().map(person).collect(),
        href,
    })
}

fn nobody_can() -> Notice<'static> {
    Notice::new(
        Tone::Bad,
        "Requests in which this connection takes part wait until a super admin names others, or nobody.",
    )
    .title("Nobody who is named can approve any more")
}

fn person(view: &ApproverView) -> Person {
    Person {
        name: view.name.clone(),
        cannot: cannot(view.standing).map(|words| Badge::new(Tone::Warn, words)),
    }
}

/// Why somebody can't approve.
pub(in super::super) const fn cannot(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::MayApprove => None,
        Standing::MadeTheRequest => Some("made the request"),
        Standing::OtherRole => Some("has a role that may not approve"),
        Standing::Invited => Some("invited, not there yet"),
        Standing::Deactivated => Some("deactivated"),
    }
}

#[derive(Template)]
#[template(path = "portal/connections/approvers.html")]
struct FormPage {
    csrf: Csrf,
    action: String,
    back: String,
    name: String,
    errors: FormErrors,
    notice: Option<Notice<'static>>,
    people: Option<Field<'static>>,
}

async fn form(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<ConnectionId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    page(&manager, &operator, id, FormErrors::default()).await
}

async fn save(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    let ticked: Result<Vec<OperatorId>, _> = submitted.fields.all("approvers").map(str::parse).collect();
    let ticked = ticked.map_err(|_| NameApproversError::Invalid {
        reason: "names nobody that is known here",
    });
    let named = match ticked {
        Ok(ticked) => manager.name_approvers(id, &ticked, &operator.by).await,
        Err(error) => Err(error),
    };
    match named {
        Ok(named) => {
            let toast = match named.approvers.len() {
                0 => "Whoever may approve requests does so for this connection.".to_owned(),
                1 => "Saved: this person must be among those who approve.".to_owned(),
                _ => "Saved: one of these people must be among those who approve.".to_owned(),
            };
            Ok(Operator::see(&back(&manager, id).await?, &Toast::done(toast)))
        }
        Err(NameApproversError::NotFound) => Err(PageError::NotFound),
        Err(NameApproversError::Store(error)) => Err(error.into()),
        Err(NameApproversError::Invalid { reason }) => {
            let errors = FormErrors::default().with("approvers", sentence(&format!("The list {reason}")));
            let page = page(&manager, operator, id, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// One that was removed has no page any more.
async fn back(manager: &Manager, id: ConnectionId) -> Result<String, PageError> {
    Ok(match manager.connection(id).await? {
        Some(_) => format!("/connections/{id}"),
        None => "/connections".to_owned(),
    })
}

async fn page(
    manager: &Manager,
    operator: &Operator,
    id: ConnectionId,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let found = manager.approvers(id).await?.ok_or(PageError::NotFound)?;
    let action = format!("/connections/{id}/approvers");
    let possible = manager.possible_approvers().await?;
    let choices = possible.into_iter().map(|one| {
        let named = found.approvers.iter().any(|known| known.id == one.id);
        Choice::new(one.id.to_string(), one.name).chosen(named)
    });
    let choices: Vec<_> = choices.collect();
    let people = (!choices.is_empty()).then(|| {
        Field::checks("approvers", "People", choices)
            .hint("One of those who are ticked must be among those who approve. With nobody ticked, whoever may approve does.")
            .error(errors.of("approvers").map(str::to_owned))
            .optional()
    });
    let body = FormPage {
        csrf: operator.csrf(&action),
        action,
        back: back(manager, id).await?,
        notice: gone(&found),
        name: found.connection,
        people,
        errors,
    };
    let title = format!("Who must approve for {}", body.name);
    Ok(operator.page_in(Section::Connections, &title, Layout::Reading, &body))
}

/// Those who were named and can't be ticked any more.
fn gone(found: &ConnectionApprovers) -> Option<Notice<'static>> {
    let gone = found
        .approvers
        .iter()
        .filter(|one| one.standing != Standing::MayApprove);
    let gone = gone.map(|one| format!("{} ({})", one.name, cannot(one.standing).unwrap_or_default()));
    let gone: Vec<_> = gone.collect();
    (!gone.is_empty()).then(|| {
        let text = format!("{}. Saving this form leaves them out.", gone.join(", "));
        Notice::new(Tone::Warn, text).title("Named, and not able to approve")
    })
}
