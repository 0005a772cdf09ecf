//! One connection.

use askama::Template;
use axum::{
    Extension, Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use http::StatusCode;
use privacy::audit::Event;
use rightful_http::{
    extract::Path,
    headers::ContentPolicy,
    pages::{
        Layout,
        parts::{PostButton, When},
    },
};
use serde_json::Value;
use store::StoreError;
use url::Url;

use super::{
    super::{Operator, PageError, Section, Submitted},
    approvers, contact, words,
};
use crate::{
    ConnectionId, Manager, Permission,
    app::{
        BeginAuthorizationError, CheckConnectionError, ConfirmConnectionError, ConnectionState, ConnectionView,
        DisableConnectionError,
    },
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/connections/{id}", get(page))
        .route("/connections/{id}/authorize", post(authorize))
        .route("/connections/{id}/check", post(check))
        .route("/connections/{id}/confirm", post(confirm))
        .route("/connections/{id}/disable", post(disable))
        .route("/connections/{id}/enable", post(enable))
}

/// Something that happened to the connection.
pub(super) struct Happened {
    pub(super) at: jiff::Timestamp,
    pub(super) words: &'static str,
    pub(super) bad: bool,
}

#[derive(Template)]
#[template(path = "portal/connections/one.html")]
struct ConnectionPage<'a> {
    connection: &'a ConnectionView,
    operator: &'a Operator,
    may_manage: bool,
    system: &'static str,
    set_up: Vec<String>,
    scope_words: &'static [&'static str],
    settings: Vec<(&'static str, String)>,
    /// Who is asked by mail, where somebody is named.
    asked: Vec<(&'static str, String)>,
    approvers: approvers::Card,
    events: Vec<Happened>,
}

impl ConnectionPage<'_> {
    fn path(&self, action: &str) -> String {
        format!("/connections/{}/{action}", self.connection.id)
    }

    fn button(&self, action: &str, label: &'static str) -> PostButton<'static> {
        let path = self.path(action);
        let csrf = self.operator.csrf(&path);
        PostButton::new(path, label, csrf)
    }

    /// Since when calls fail; a decision that is awaited is no failure.
    fn failing_since(&self) -> Option<jiff::Timestamp> {
        let fails = !matches!(
            self.connection.state,
            ConnectionState::PendingAuthorization | ConnectionState::NeedsConfirmation
        );
        self.connection.failing_since.filter(|_| fails)
    }
}

async fn page(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<ConnectionId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadConnections)?;
    let connection = manager.connection(id).await?.ok_or(PageError::NotFound)?;
    let Some(authorization) = manager.connection_authorization(id).await? else {
        return contact::page(&manager, &operator, &connection).await;
    };
    let redirect_uri = &connection.redirect_uri;
    let body = ConnectionPage {
        system: words::system(&connection),
        may_manage: operator.may(Permission::ManageConnections),
        set_up: authorization
            .set_up
            .iter()
            .map(|step| step.replace("{redirect_uri}", redirect_uri))
            .collect(),
        scope_words: authorization.scope_words,
        settings: shown_settings(&connection),
        asked: connection
            .settings
            .get("direct_contact")
            .map(contact::shown)
            .unwrap_or_default(),
        approvers: approvers::card(&manager, &operator, id).await?,
        events: events(&manager, id).await?,
        connection: &connection,
        operator: &operator,
    };
    let page = operator.page(Section::Connections, &connection.name, &body);
    // The Connect form's answer leads to the vendor.
    let policy = Url::parse(&authorization.authorize_url)
        .map(|url| ContentPolicy::default().form_to(&url))
        .unwrap_or_default();
    Ok((Extension(policy), page).into_response())
}

async fn authorize(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = submitted.operator;
    operator.require(Permission::ManageConnections)?;
    let begun = manager
        .begin_authorization(id, Some(operator.session()), &operator.by)
        .await;
    let url = begun.map_err(|error| match error {
        BeginAuthorizationError::NotFound => PageError::NotFound,
        BeginAuthorizationError::Store(error) => error.into(),
        BeginAuthorizationError::Disabled | BeginAuthorizationError::NotNeeded => PageError::conflict(error),
        BeginAuthorizationError::Discovery { .. } => PageError::Refused {
            status: StatusCode::BAD_GATEWAY,
            reason: error.to_string(),
        },
    })?;
    let authorization = manager.connection_authorization(id).await?.ok_or(PageError::NotFound)?;
    let expected = Url::parse(&authorization.authorize_url);
    if expected.is_ok_and(|expected| expected.origin() == url.origin()) {
        return Ok(Redirect::to(url.as_str()).into_response());
    }
    // The browser would not follow a form to a place that the page did not announce: a link it does.
    let body = LeavingPage {
        host: url.host_str().unwrap_or_default(),
        url: url.as_str(),
    };
    Ok(operator.page_in(Section::Connections, "Continue at the vendor", Layout::Reading, &body))
}

#[derive(Template)]
#[template(path = "portal/connections/leaving.html")]
struct LeavingPage<'a> {
    host: &'a str,
    url: &'a str,
}

async fn check(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    let operator = submitted.operator;
    operator.require(Permission::ReadConnections)?;
    match manager.check_connection(id, &operator.by).await {
        Ok(_) => Ok(Redirect::to(&format!("/connections/{id}"))),
        Err(CheckConnectionError::NotFound) => Err(PageError::NotFound),
        Err(CheckConnectionError::Store(error)) => Err(error.into()),
    }
}

async fn disable(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    submitted.operator.require(Permission::ManageConnections)?;
    changed(id, manager.disable_connection(id, &submitted.operator.by).await)
}

async fn enable(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    submitted.operator.require(Permission::ManageConnections)?;
    changed(id, manager.enable_connection(id, &submitted.operator.by).await)
}

fn changed(id: ConnectionId, outcome: Result<(), DisableConnectionError>) -> Result<Redirect, PageError> {
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("/connections/{id}"))),
        Err(DisableConnectionError::NotFound) => Err(PageError::NotFound),
        Err(DisableConnectionError::Store(error)) => Err(error.into()),
        Err(error) => Err(PageError::conflict(error)),
    }
}

async fn confirm(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    submitted.operator.require(Permission::ManageConnections)?;
    let accept = submitted.field("accept")? == "true";
    match manager.confirm_connection(id, accept, &submitted.operator.by).await {
        Ok(()) => Ok(Redirect::to(&format!("/connections/{id}"))),
        Err(ConfirmConnectionError::NotFound) => Err(PageError::NotFound),
        Err(error @ ConfirmConnectionError::NotWaiting) => Err(PageError::conflict(error)),
        Err(ConfirmConnectionError::Store(error)) => Err(error.into()),
    }
}

/// A rate such as `10/s` or a length of time such as `1m`, as people say it.
fn pace(text: &str) -> String {
    let unit = |short: &str| {
        Some(match short {
            "s" => "second",
            "m" => "minute",
            "h" => "hour",
            "d" => "day",
            _ => return None,
        })
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((count, short)) = text.split_at_checked(digits) else {
        return text.to_owned();
    };
    match (short.strip_prefix('/').and_then(unit), unit(short)) {
        (Some(unit), _) => format!("{count} a {unit}"),
        (_, Some(unit)) => format!("{count} {unit}{}", if count == "1" { "" } else { "s" }),
        _ => text.to_owned(),
    }
}

/// The settings that people decide, in words.
fn shown_settings(view: &ConnectionView) -> Vec<(&'static str, String)> {
    let text = |name: &str| match view.settings.get(name) {
        Some(Value::String(text)) if ["rate_limit", "poll_initial", "poll_max"].contains(&name) => Some(pace(text)),
        Some(Value::String(text)) => Some(word(text).to_owned()),
        Some(Value::Array(values)) => {
            let words: Vec<_> = values.iter().filter_map(Value::as_str).map(word).collect();
            Some(words.join(", "))
        }
        Some(Value::Bool(flag)) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        _ => None,
    };
    [
        ("Looks for", "data_types"),
        ("Asks by", "identifier_types"),
        ("Only account", "account_id"),
        ("Access by", "access_by"),
        ("Deletion by", "deletion_by"),
        ("Looks before a deletion", "access_before_delete"),
        ("Looks after a deletion", "verify_erasure"),
        ("Calls at most", "rate_limit"),
        ("First look after", "poll_initial"),
        ("Longest pause", "poll_max"),
        ("Application", "app_url"),
        ("API", "api_url"),
    ]
    .into_iter()
    .filter_map(|(label, name)| Some((label, text(name)?)))
    .collect()
}

/// A word of the settings as people say it.
fn word(word: &str) -> &str {
    match word {
        "visitor" => "visitors",
        "user" => "collaborators",
        "email" => "e-mail address",
        "optimizely_end_user_id" => "visitor cookie",
        "dcp_id" => "targeting ID",
        "fullstack_id" => "feature experiment ID",
        "other" => "other identifiers",
        "api" => "the vendor's API",
        "direct_contact" => "a person, asked by mail",
        word => word,
    }
}

/// What happened lately, newest first; refreshes are no news.
pub(super) async fn events(manager: &Manager, id: ConnectionId) -> Result<Vec<Happened>, StoreError> {
    let events = manager.recent_events(&id.object(), 100).await?;
    let told = events.into_iter().filter_map(|event| {
        let (words, bad) = match event.action.parse().ok()? {
            Event::ConnectionCreated => ("Set up", false),
            Event::ConnectionAuthorizing => ("Somebody was sent to the vendor to authorize it", false),
            Event::ConnectionAuthorizationFailed => ("The authorization did not work", true),
            Event::ConnectionConnected => ("Connected", false),
            Event::ConnectionNeedsReconnect => ("The authorization was lost", true),
            Event::ConnectionNeedsConfirmation => ("Authorized for another account or user", true),
            Event::ConnectionConfirmed => ("Decided about the new account", false),
            Event::ConnectionMisconfigured => ("The vendor did not accept the client", true),
            Event::ConnectionAlerted => ("Failing for long: administrators were told", true),
            Event::ConnectionChanged => ("Changed", false),
            Event::ConnectionApproverNamed => ("Somebody was named who must approve", false),
            Event::ConnectionApproverRemoved => ("Somebody need not approve any more", false),
            Event::ConnectionDisabled => ("Disabled", false),
            Event::ConnectionEnabled => ("Enabled", false),
            _ => return None,
        };
        Some(Happened {
            at: event.at,
            words,
            bad,
        })
    });
    Ok(told.take(12).collect())
}

#[cfg(test)]
mod tests {
    use super::pace;

    #[test]
    fn rates_and_lengths_of_time_are_said_in_words() {
        for (text, said) in [
            ("10/s", "10 a second"),
            ("5/m", "5 a minute"),
            ("1m", "1 minute"),
            ("2h", "2 hours"),
            ("100ms", "100ms"),
            ("", ""),
        ] {
            assert_eq!(pace(text), said);
        }
    }
}
