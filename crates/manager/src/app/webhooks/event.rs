//! What webhooks are told, and which audit events it comes from.

use std::{fmt, str::FromStr};

use privacy::audit::{Detail, Event};
use serde_json::Value;

words! {
    /// Something that webhooks are told.
    WebhookEvent, UnknownWebhookEvent, "there is no such event":
    /// A request came in.
    RequestCreated = "request.created",
    /// The subject confirmed the request, or staff vouched for the subject.
    RequestVerified = "request.verified",
    /// The request has another state.
    RequestStateChanged = "request.state_changed",
    /// The request is closed.
    RequestClosed = "request.closed",
    /// The deadline was put off.
    RequestExtended = "request.extended",
    /// A task is done.
    TaskCompleted = "task.completed",
    /// A task needs a person.
    TaskFailed = "task.failed",
    /// What was found is ready for review.
    DossierReady = "dossier.ready",
    /// The download link was mailed, first or again.
    DeliverySent = "delivery.sent",
    /// The subject has the dossier.
    DeliveryDownloaded = "delivery.downloaded",
    /// The download link ended before the dossier was fetched.
    DeliveryExpired = "delivery.expired",
    /// A connection has a grant that works.
    ConnectionConnected = "connection.connected",
    /// A connection's grant is gone.
    ConnectionNeedsReconnect = "connection.needs_reconnect",
    /// A connection was authorized for another account or user: somebody must decide.
    ConnectionNeedsConfirmation = "connection.needs_confirmation",
    /// A vendor does not know its client.
    ConnectionMisconfigured = "connection.misconfigured",
}

impl WebhookEvent {
    /// When it is sent, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RequestCreated => "A request came in",
            Self::RequestVerified => "A request was verified",
            Self::RequestStateChanged => "A request has another state",
            Self::RequestClosed => "A request was closed",
            Self::RequestExtended => "A deadline was put off",
            Self::TaskCompleted => "A task is done",
            Self::TaskFailed => "A task needs a person",
            Self::DossierReady => "What was found is ready for review",
            Self::DeliverySent => "A download link was mailed",
            Self::DeliveryDownloaded => "A subject has the dossier",
            Self::DeliveryExpired => "A download link ended unused",
            Self::ConnectionConnected => "A connection works",
            Self::ConnectionNeedsReconnect => "A connection’s grant is gone",
            Self::ConnectionNeedsConfirmation => "A connection was authorized for another account",
            Self::ConnectionMisconfigured => "A vendor does not know a connection’s client",
        }
    }
}

/// What webhooks are told of an audit event with these facts.
pub(super) fn told(event: Event, facts: &Value) -> Vec<WebhookEvent> {
    use WebhookEvent as W;
    let fact = |detail: Detail| facts.get(detail.name()).and_then(Value::as_str);
    let mut told: Vec<W> = match event {
        Event::RequestCreated | Event::RequestImported => Some(W::RequestCreated),
        Event::RequestVerified => Some(W::RequestVerified),
        Event::RequestExtended => Some(W::RequestExtended),
        Event::RequestCollected => Some(W::DossierReady),
        Event::RequestDelivered => Some(W::DeliverySent),
        Event::RequestDownloaded => Some(W::DeliveryDownloaded),
        Event::RequestDownloadExpired => Some(W::DeliveryExpired),
        Event::TaskCompleted => Some(W::TaskCompleted),
        Event::TaskFailed => Some(W::TaskFailed),
        Event::ConnectionConnected => Some(W::ConnectionConnected),
        Event::ConnectionNeedsReconnect => Some(W::ConnectionNeedsReconnect),
        Event::ConnectionNeedsConfirmation => Some(W::ConnectionNeedsConfirmation),
        Event::ConnectionMisconfigured => Some(W::ConnectionMisconfigured),
        _ => None,
    }
    .into_iter()
    .collect();
    // Every move of a request says from where to where.
    if event.name().starts_with("request.")
        && let (Some(from), Some(to)) = (fact(Detail::From), fact(Detail::To))
        && from != to
    {
        told.push(W::RequestStateChanged);
        told.extend((to == "closed").then_some(W::RequestClosed));
    }
    told
}

/// Which events a webhook is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscribed {
    /// Every one, those of later versions too.
    All,
    /// These.
    Only(Vec<WebhookEvent>),
}

impl Subscribed {
    /// Whether it is told this one.
    pub fn takes(&self, event: WebhookEvent) -> bool {
        match self {
            Self::All => true,
            Self::Only(events) => events.contains(&event),
        }
    }

    /// As the API lists them: `*` stands for all.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::All => vec!["*"],
            Self::Only(events) => events.iter().map(|event| event.name()).collect(),
        }
    }

    /// From a list of words: those of events, or `*`. An event that is named twice is one.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownWebhookEvent> {
        let mut events = Vec::new();
        let mut all = false;
        for word in words {
            if word == "*" {
                all = true;
                continue;
            }
            let event = word.parse()?;
            if !events.contains(&event) {
                events.push(event);
            }
        }
        match (all, events.is_empty()) {
            (true, _) => Ok(Self::All),
            (false, true) => Err(UnknownWebhookEvent),
            (false, false) => Ok(Self::Only(events)),
        }
    }
}

impl FromStr for Subscribed {
    type Err = UnknownWebhookEvent;

    fn from_str(text: &str) -> Result<Self, UnknownWebhookEvent> {
        Self::of(text.split(','))
    }
}

impl fmt::Display for Subscribed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(","))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_event_that_webhooks_know_is_told_by_some_audit_event() {
        let moved = json!({"from": "delivering", "to": "closed"});
        let all: Vec<WebhookEvent> = Event::ALL.iter().flat_map(|event| told(*event, &moved)).collect();
        for event in WebhookEvent::ALL {
            assert!(all.contains(event), "{event}");
        }
        assert_eq!(
            told(Event::RequestDownloaded, &moved),
            [
                WebhookEvent::DeliveryDownloaded,
                WebhookEvent::RequestStateChanged,
                WebhookEvent::RequestClosed
            ]
        );
        let stays = json!({"from": "collecting", "to": "collecting"});
        assert_eq!(told(Event::RequestExtended, &stays), [WebhookEvent::RequestExtended]);
        assert_eq!(told(Event::TaskCompleted, &moved), [WebhookEvent::TaskCompleted]);
        assert_eq!(told(Event::SessionStarted, &json!({})), []);
    }

    #[test]
    fn a_list_of_events_is_read_back() {
        for text in ["*", "request.created", "task.failed,request.closed"] {
            assert_eq!(text.parse::<Subscribed>().unwrap().to_string(), text);
        }
        for text in ["", "request.", "request.created,", "everything"] {
            assert!(text.parse::<Subscribed>().is_err(), "{text}");
        }
        let twice = Subscribed::of(["task.failed", "task.failed"]).unwrap();
        assert_eq!(twice.names(), ["task.failed"]);
        assert!(
            Subscribed::of(["*", "task.failed"])
                .unwrap()
                .takes(WebhookEvent::RequestCreated)
        );
    }
}
