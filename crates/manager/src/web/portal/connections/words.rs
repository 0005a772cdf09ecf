//! How a connection stands, in plain words.

use connectors::Connector;
use rightful_http::pages::parts::{Badge, Notice, Tone};

use super::super::page_error::sentence;
use crate::app::{ConnectionState, ConnectionView};

/// The vendor's name for people.
pub(in super::super) fn system(view: &ConnectionView) -> &'static str {
    if view.connector == connectors::direct_contact::NAME {
        return "A person, asked by mail";
    }
    connectors::connector(&view.connector).map_or("The vendor", Connector::title)
}

/// The state as a badge.
pub(in super::super) fn badge(view: &ConnectionView) -> Badge<'static> {
    let tone = match view.state {
        ConnectionState::Connected if view.error.is_some() => Tone::Warn,
        ConnectionState::Connected => Tone::Ok,
        ConnectionState::PendingAuthorization => Tone::Info,
        ConnectionState::NeedsConfirmation => Tone::Warn,
        ConnectionState::NeedsReconnect | ConnectionState::Misconfigured => Tone::Bad,
        ConnectionState::Disabled => Tone::Neutral,
    };
    let text = match view.state {
        ConnectionState::Connected if view.error.is_some() => "Connected, with errors",
        state => state.title(),
    };
    Badge::new(tone, text)
}

/// What is the matter and what to do, where something is.
pub(in super::super) fn notice(view: &ConnectionView) -> Option<Notice<'static>> {
    let system = system(view);
    let said = view.error.as_ref().map(|error| sentence(&error.message));
    let said = |usual: &str| said.clone().unwrap_or_else(|| usual.to_owned());
    let (tone, title, text) = match view.state {
        ConnectionState::Connected => {
            let message = sentence(&view.error.as_ref()?.message);
            let text = format!("{message} It is tried again by itself; tasks wait meanwhile.");
            (Tone::Warn, "The last call did not work".to_owned(), text)
        }
        ConnectionState::PendingAuthorization if view.error.is_some() => (
            Tone::Bad,
            "Not connected".to_owned(),
            format!("{} Choose Connect to try again.", said("")),
        ),
        ConnectionState::PendingAuthorization => (
            Tone::Info,
            "One step is left".to_owned(),
            format!("Choose Connect: you log in at {system}, accept, and come back here."),
        ),
        ConnectionState::NeedsReconnect => (
            Tone::Bad,
            format!("{system} no longer accepts our authorization"),
            format!(
                "{} Choose Reconnect; its tasks wait until then and go on by themselves.",
                said("")
            ),
        ),
        ConnectionState::Misconfigured => (
            Tone::Bad,
            format!("{system} does not accept our client"),
            format!(
                "{} Compare client ID and client secret with those at {system} and correct them under Edit.",
                said("")
            ),
        ),
        ConnectionState::NeedsConfirmation => (
            Tone::Warn,
            "Is this the right account?".to_owned(),
            said("Somebody has to confirm the new account."),
        ),
        ConnectionState::Disabled => (
            Tone::Neutral,
            "This connection takes no part".to_owned(),
            "New requests leave it out, and the tasks it has wait. Choose Enable to let them go on.".to_owned(),
        ),
    };
    Some(Notice::new(tone, text).title(title))
}

/// The account for people.
pub(in super::super) fn account(view: &ConnectionView) -> Option<String> {
    let account = view.account.as_ref()?;
    Some(match &account.name {
        Some(name) => format!("{name} ({})", account.id),
        None => account.id.clone(),
    })
}

/// The user for people: staff may see who of their own authorized it.
pub(in super::super) fn user(view: &ConnectionView) -> Option<String> {
    let user = view.user.as_ref()?;
    Some(match &user.email {
        Some(email) => email.reveal().clone(),
        None => user.id.clone(),
    })
}
