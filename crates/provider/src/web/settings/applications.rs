//! `/accountsettings/apps/developers`: registering applications and looking after them. For administrators.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::{ClientId, ClientType, Secret};
use rightful_http::{
    extract::Path,
    pages::parts::{Badge, Choice, Csrf, Empty, Field, Notice, PostButton, Tone, When},
};

use super::{DEVELOPERS, application_form::ApplicationForm};
use crate::{
    Provider,
    app::{
        applications::{Application, ApplicationError, Overlap, UnknownOverlap},
        sessions::Session,
    },
    web::{
        form::Sent,
        page::{PageError, page, reading_page},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "developers.html")]
struct Developers<'a> {
    account: &'a str,
    applications: Vec<Application>,
    form: &'a ApplicationForm,
    csrf: Csrf,
    brand: &'a str,
    authorize: String,
}

#[derive(Template)]
#[template(path = "application.html")]
struct Edit<'a> {
    application: &'a Application,
    form: &'a ApplicationForm,
    csrf: Csrf,
    /// The form for a new secret: its token, and how long the old one works.
    rotate: Option<(Csrf, Field<'a>)>,
    /// Until when the secret before the last one still works.
    old_until: Option<jiff::Timestamp>,
    delete: PostButton<'a>,
}

#[derive(Template)]
#[template(path = "application_secret.html")]
struct ShownOnce<'a> {
    title: &'a str,
    name: &'a str,
    client_id: ClientId,
    secret: Option<&'a Secret>,
}

/// `GET /accountsettings/apps/developers`
pub(super) async fn list(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    developers(&provider, &visitor, session, &ApplicationForm::empty()).await
}

async fn developers(
    provider: &Provider,
    visitor: &Visitor,
    session: &Session,
    form: &ApplicationForm,
) -> Result<Response, PageError> {
    let body = Developers {
        account: &session.current.account.name,
        applications: provider.list_applications(session.current.account.id).await?,
        form,
        csrf: visitor.csrf(provider, DEVELOPERS),
        brand: &provider.settings().brand_name,
        authorize: format!("{}/oauth2/authorize", provider.settings().issuer()),
    };
    let shown = page(provider, visitor, "Developers", &body);
    Ok(if form.errors.is_empty() {
        shown
    } else {
        (StatusCode::BAD_REQUEST, shown).into_response()
    })
}

/// `POST /accountsettings/apps/developers`
pub(super) async fn register(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.administrator()?;
    let mut form = ApplicationForm::read(&sent)?;
    let Some(new) = form.application() else {
        return developers(&provider, visitor, session, &form).await;
    };
    let account = session.current.account.id;
    match provider.create_application(account, &new, visitor.actor()).await {
        Ok(registered) => {
            let body = ShownOnce {
                title: "Application registered",
                name: new.name.trim(),
                client_id: registered.client_id,
                secret: registered.client_secret.as_ref(),
            };
            Ok(reading_page(&provider, visitor, body.title, &body))
        }
        Err(ApplicationError::Invalid(faults)) => {
            form.blame(&faults);
            developers(&provider, visitor, session, &form).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /accountsettings/apps/developers/{client_id}`
pub(super) async fn show(
    State(provider): State<Provider>,
    Path(id): Path<ClientId>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let application = provider.application(session.current.account.id, id).await?;
    Ok(edit_page(
        &provider,
        &visitor,
        &application,
        &ApplicationForm::of(&application),
    ))
}

fn edit_page(provider: &Provider, visitor: &Visitor, application: &Application, form: &ApplicationForm) -> Response {
    let at = format!("{DEVELOPERS}/{}", application.client.id);
    let button = |what: &str, label| {
        let action = format!("{at}/{what}");
        PostButton::new(action.clone(), label, visitor.csrf(provider, &action)).about(application.name.clone())
    };
    let body = Edit {
        application,
        form,
        csrf: visitor.csrf(provider, &at),
        rotate: (application.client.client_type == ClientType::Confidential)
            .then(|| (visitor.csrf(provider, &format!("{at}/secret")), overlap_field())),
        old_until: application
            .old_secret_until
            .filter(|until| provider.clock().now() < *until),
        delete: button("delete", "Delete this application").danger(),
    };
    let shown = page(provider, visitor, &application.name, &body);
    if form.errors.is_empty() {
        shown
    } else {
        (StatusCode::BAD_REQUEST, shown).into_response()
    }
}

fn overlap_field() -> Field<'static> {
    let choices = Overlap::ALL
        .into_iter()
        .map(|overlap| Choice::new(overlap.as_str(), overlap.words()));
    Field::select("overlap", "The old secret", choices.collect()).value(Overlap::default().as_str())
}

/// `POST /accountsettings/apps/developers/{client_id}`
pub(super) async fn edit(
    State(provider): State<Provider>,
    Path(id): Path<ClientId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let account = visitor.administrator()?.current.account.id;
    let application = provider.application(account, id).await?;
    let mut form = ApplicationForm::read(&sent)?.with_type(application.client.client_type);
    let Some(changed) = form.application() else {
        return Ok(edit_page(&provider, visitor, &application, &form));
    };
    match provider.edit_application(account, id, &changed, visitor.actor()).await {
        Ok(()) => Ok(Redirect::to(DEVELOPERS).into_response()),
        Err(ApplicationError::Invalid(faults)) => {
            form.blame(&faults);
            Ok(edit_page(&provider, visitor, &application, &form))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /accountsettings/apps/developers/{client_id}/secret`
pub(super) async fn rotate(
    State(provider): State<Provider>,
    Path(id): Path<ClientId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let account = visitor.administrator()?.current.account.id;
    visitor.proven(&provider, &format!("{DEVELOPERS}/{id}"))?;
    let application = provider.application(account, id).await?;
    let overlap: Overlap = sent
        .text("overlap")?
        .parse()
        .map_err(|error: UnknownOverlap| PageError::Unreadable(error.to_string()))?;
    let secret = provider
        .rotate_client_secret(account, id, overlap, visitor.actor())
        .await?;
    let body = ShownOnce {
        title: "New client secret",
        name: &application.name,
        client_id: id,
        secret: Some(&secret),
    };
    Ok(reading_page(&provider, visitor, body.title, &body))
}

/// `POST /accountsettings/apps/developers/{client_id}/delete`
pub(super) async fn delete(
    State(provider): State<Provider>,
    Path(id): Path<ClientId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let account = visitor.administrator()?.current.account.id;
    provider.delete_application(Some(account), id, visitor.actor()).await?;
    Ok(Redirect::to(DEVELOPERS).into_response())
}

impl From<ApplicationError> for PageError {
    fn from(error: ApplicationError) -> Self {
        match error {
            ApplicationError::NotFound | ApplicationError::Account(_) => Self::NotFound,
            ApplicationError::Invalid(_) | ApplicationError::Public => Self::Unreadable(error.to_string()),
            ApplicationError::Store(error) => error.into(),
        }
    }
}
