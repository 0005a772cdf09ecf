//! The OAuth 2.0 redirect URI, one for all connections, and the page that tells how an authorization ended.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode};
use rightful_http::{
    extract::Path,
    pages::{
        Layout, Shell,
        parts::{Notice, Tone},
    },
};

use super::portal::{PageError, frame::COOKIE};
use crate::{ConnectionId, Manager, app::CallbackRefused};

pub(super) fn router() -> Router<Manager> {
    // A HEAD of a link checker must not use the code up (CL-29).
    let head = || async { StatusCode::METHOD_NOT_ALLOWED };
    Router::new()
        .route("/oauth/callback", get(callback).head(head))
        .route("/oauth/result/{ticket}", get(result))
}

async fn callback(
    State(manager): State<Manager>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let session = COOKIE.read(&headers).map(|token| token.hash());
    let completed = manager
        .complete_authorization(&query.unwrap_or_default(), session)
        .await;
    match completed {
        // CL-7: code and state leave the address bar.
        Ok(completed) => Ok(Redirect::to(&format!("/oauth/result/{}", completed.ticket)).into_response()),
        Err(CallbackRefused::Store(error)) => Err(error.into()),
        Err(refused) => Err(PageError::Refused {
            status: StatusCode::BAD_REQUEST,
            reason: format!("{refused}; begin again with Connect on the connection's page"),
        }),
    }
}

#[derive(Template)]
#[template(path = "portal/authorization_result.html")]
struct ResultPage<'a> {
    title: &'a str,
    tone: Tone,
    message: &'a str,
    account: Option<String>,
    user: Option<String>,
    connection: ConnectionId,
    name: &'a str,
}

async fn result(State(manager): State<Manager>, Path(ticket): Path<String>) -> Result<Response, PageError> {
    let Some((id, outcome)) = manager.authorization_outcome(&ticket).await? else {
        return Err(PageError::NotFound);
    };
    let Some(view) = manager.connection(id).await? else {
        return Err(PageError::NotFound);
    };
    let (status, title, tone) = match outcome.code.as_str() {
        "connected" => (StatusCode::OK, "Connected", Tone::Ok),
        "needs_confirmation" => (StatusCode::OK, "Please confirm the account", Tone::Warn),
        _ => (StatusCode::BAD_REQUEST, "Not connected", Tone::Bad),
    };
    let works = outcome.code == "connected";
    let account = view.account.as_ref().filter(|_| works);
    let user = view.user.as_ref().filter(|_| works);
    let body = ResultPage {
        title,
        tone,
        message: &outcome.message,
        account: account.map(|account| match &account.name {
            Some(name) => format!("{name} ({})", account.id),
            None => account.id.clone(),
        }),
        user: user.map(|user| match &user.email {
            Some(email) => privacy::personal::mask_email(email.reveal()),
            None => user.id.clone(),
        }),
        connection: id,
        name: &view.name,
    };
    let page = Shell::new(&manager.company_as_known().brand.name, title)
        .layout(Layout::Narrow)
        .around(&body);
    Ok((status, page).into_response())
}
