//! What happened, as the audit log tells it.

use privacy::audit::Event;
use serde_json::Value;

use super::super::{page_error::sentence, requests::happened};

/// The event in words, without the stop; whether somebody should know.
pub(super) fn told(action: &str, facts: &Value) -> (String, bool) {
    if let Some(own) = action.parse().ok().and_then(own) {
        return (own.to_owned(), is_bad(action, facts));
    }
    let told = happened(action, facts);
    let words = if told.sentence == action {
        action.replace(['.', '_'], " ")
    } else if action.starts_with("task.") || action.starts_with("direct_contact.") {
        format!("Task: {}", told.sentence)
    } else {
        told.sentence
    };
    (sentence(&words).trim_end_matches('.').to_owned(), told.is_bad)
}

fn is_bad(action: &str, facts: &Value) -> bool {
    let broken = facts.get("reason").and_then(Value::as_str) == Some("broken");
    match action.parse() {
        Ok(Event::AuditVerified) => broken,
        Ok(event) => matches!(
            event,
            Event::SessionRefused
                | Event::AccessDenied
                | Event::ConnectionNeedsReconnect
                | Event::ConnectionMisconfigured
                | Event::ConnectionAuthorizationFailed
                | Event::ConnectionAlerted
                | Event::WebhookFailing
                | Event::WebhookDisabled
        ),
        Err(_) => false,
    }
}

fn own(event: Event) -> Option<&'static str> {
    Some(match event {
        Event::ConnectionCreated => "The connection was set up",
        Event::ConnectionAuthorizing => "Somebody was sent to the vendor to authorize it",
        Event::ConnectionAuthorizationFailed => "The authorization failed",
        Event::ConnectionConnected => "Connected",
        Event::ConnectionRefreshed => "The tokens were refreshed",
        Event::ConnectionNeedsReconnect => "The grant is gone: it must be connected again",
        Event::ConnectionNeedsConfirmation => "Authorized for another account or user: somebody must decide",
        Event::ConnectionConfirmed => "Somebody decided about the new account",
        Event::ConnectionMisconfigured => "The vendor does not know its client",
        Event::ConnectionChecked => "The connection was checked",
        Event::ConnectionAlerted => "Administrators were mailed about its errors",
        Event::ConnectionChanged => "The settings of the connection were changed",
        Event::ConnectionApproverNamed => "Somebody was named who must approve",
        Event::ConnectionApproverRemoved => "Somebody need not approve any more",
        Event::ConnectionPolicyChanged => "The field policy was changed",
        Event::ConnectionDisabled => "The connection was disabled",
        Event::ConnectionEnabled => "The connection was enabled",
        Event::ConnectionRemoved => "The connection was removed",
        Event::SessionStarted => "Logged in",
        Event::SessionRefused => "A log-in was refused",
        Event::SessionEnded => "Logged out",
        Event::AccessDenied => "Tried what their role or scope does not allow",
        Event::UserCreated => "A user was added",
        Event::UserInvited => "A user was invited",
        Event::UserRoleChanged => "A user was given another role",
        Event::UserPasswordChanged => "A password was changed",
        Event::UserPasswordAsked => "A link to choose a new password was made",
        Event::UserEmailChanged => "An e-mail address was changed",
        Event::UserSingleSignOnBound => "A user was recognised by the identity provider for the first time",
        Event::UserTotpChanged => "A second factor was changed",
        Event::UserDisabled => "A user was deactivated",
        Event::UserEnabled => "A user was let in again",
        Event::UserRemoved => "A user was removed",
        Event::ApiKeyCreated => "An API key was made",
        Event::ApiKeyRevoked => "An API key was revoked",
        Event::WebhookCreated => "A webhook was added",
        Event::WebhookChanged => "A webhook was changed",
        Event::WebhookRemoved => "A webhook was removed",
        Event::WebhookFailing => "Deliveries to a webhook were given up",
        Event::WebhookDisabled => "A webhook was disabled, because its receiver is gone",
        Event::WebhookReplayed => "Deliveries of a webhook were sent again",
        Event::WebhookTested => "A webhook was sent a test event",
        Event::SettingsChanged => "Settings were changed",
        Event::FrameworksChanged => "The table of legal frameworks was changed",
        Event::TemplateChanged => "A mail template was changed",
        Event::MailSentAgain => "A mail was sent again",
        Event::MailRead => "A mail in the mailbox was read",
        Event::ImportFinished => "An import has ended",
        Event::ImportHandedIn => "A list of requests was handed in",
        Event::KeyRotated => "The master key was rotated",
        Event::AuditExported => "The audit log was exported",
        Event::AuditVerified => "The audit log was verified",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_told_in_words() {
        for event in Event::ALL {
            let (words, _) = told(event.name(), &Value::Null);
            assert!(
                !words.contains('_') && !words.contains(event.name()),
                "{event}: {words}"
            );
            assert!(words.starts_with(char::is_uppercase), "{event}: {words}");
        }
        assert!(told("audit.verified", &serde_json::json!({"reason": "broken"})).1);
    }
}
