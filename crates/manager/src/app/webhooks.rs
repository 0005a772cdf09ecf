//! Webhooks: places that are told what happens, signed by the Standard Webhooks scheme, at least once, in no order.
//!
//! What happens is what the audit log says ([`event::told`] is the one mapping). The deliveries of an event are in the
//! commit of the event ([`follow_up::Deliveries`]); each is a job of its own, on the lane of its webhook.

mod alert;
mod attempt;
mod change;
mod deliveries;
mod event;
mod follow_up;
mod secret;
mod view;

use crate::WebhookId;

pub use change::{ChangeWebhookError, NewWebhook, WebhookChanges, WebhookMade};
pub use deliveries::{DeliveriesPage, DeliveryFilter, DeliveryView, Replayed};
pub use event::{Subscribed, UnknownWebhookEvent, WebhookEvent};
pub use view::{WebhookState, WebhookView};

pub(crate) use follow_up::Deliveries;

words! {
    /// Why a webhook takes no part.
    Because, UnknownBecause, "not a reason to take no part":
    /// Somebody wanted it so.
    Person = "person",
    /// Its receiver said that it is gone.
    Gone = "gone",
}

words! {
    /// What became of a delivery.
    DeliveryState, UnknownDeliveryState, "must be pending, delivered or failed":
    /// It is to be sent, first or again.
    Pending = "pending",
    /// The receiver has taken it.
    Delivered = "delivered",
    /// It was given up.
    Failed = "failed",
}

words! {
    /// Why an attempt failed.
    DeliveryCause, UnknownDeliveryCause, "not a cause of failed deliveries":
    /// The receiver answered something else than 2xx.
    Refused = "refused",
    /// The receiver sends elsewhere; that is not followed.
    Redirect = "redirect",
    /// The receiver answered 410.
    Gone = "gone",
    /// No answer in time.
    TimedOut = "timed_out",
    /// The receiver can't be reached.
    Unreachable = "unreachable",
    /// Our own guard refuses to call that address.
    Forbidden = "forbidden",
    /// The webhook was disabled before it was sent.
    Disabled = "disabled",
}

impl DeliveryCause {
    /// In plain words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Refused => "the receiver did not take it",
            Self::Redirect => "the receiver sends elsewhere, which is not followed: enter the final address",
            Self::Gone => "the receiver says that it is gone for good",
            Self::TimedOut => "the receiver did not answer in time",
            Self::Unreachable => "the receiver can’t be reached",
            Self::Forbidden => "the address may not be called",
            Self::Disabled => "the webhook was disabled before it was sent",
        }
    }
}

/// The lane of what is sent to a webhook: one that is slow or dead holds up no other.
pub(crate) fn lane(id: WebhookId) -> String {
    id.object()
}
