//! Mails in plain words.

use mail::{Event, Listed, State};
use rightful_http::pages::parts::{Badge, Tone};

/// What a mail tells of, by the word under which the outbox keeps it.
pub(super) fn title(event: &str) -> &'static str {
    event.parse().map_or("Another mail", of_event)
}

pub(super) const fn of_event(event: Event) -> &'static str {
    match event {
        Event::Verification => "Please confirm your request",
        Event::VerificationReminder => "Reminder to confirm",
        Event::RequestUnverified => "Closed: not confirmed",
        Event::Delivery => "Your data is ready",
        Event::DeliveryReminder => "Reminder to fetch the data",
        Event::RequestClosed => "What came of the request",
        Event::Extension => "It takes longer",
        Event::DirectContactAccess => "Please look for data",
        Event::DirectContactDeletion => "Please delete data",
        Event::DirectContactReminder => "Reminder to answer",
        Event::DirectContactWithdrawn => "No longer needed",
        Event::DirectContactOverdue => "A system's owner did not answer",
        Event::ApprovalAwaited => "Please review a request",
        Event::ConnectionAlert => "A connection fails",
        Event::WebhookAlert => "A webhook gets nothing",
        Event::Invitation => "Invitation",
        Event::PasswordReset => "Choose a new password",
        Event::VendorRequestDue => "A vendor's request is soon due",
        Event::VendorRequestOverdue => "A vendor's request is overdue",
    }
}

/// Who gets such a mail, and when.
pub(super) const fn occasion(event: Event) -> &'static str {
    match event {
        Event::Verification => "To the person, when a request came in that has to be confirmed",
        Event::VerificationReminder => "To the person, a day later, if it is still to be confirmed",
        Event::RequestUnverified => "To the person, when it was not confirmed in time",
        Event::Delivery => "To the person, when the copy can be fetched",
        Event::DeliveryReminder => "To the person, before the link ends",
        Event::RequestClosed => "To the person, when the request is closed",
        Event::Extension => "To the person, when the deadline is put off",
        Event::DirectContactAccess => "To a system's owner, for an access request",
        Event::DirectContactDeletion => "To a system's owner, for a deletion",
        Event::DirectContactReminder => "To a system's owner who has not answered",
        Event::DirectContactWithdrawn => "To a system's owner, when the request was withdrawn",
        Event::DirectContactOverdue => "To administrators, when nobody answered in time",
        Event::ApprovalAwaited => "To whoever may approve, when a request waits for it",
        Event::ConnectionAlert => "To administrators, when a connection has failed for long",
        Event::WebhookAlert => "To administrators, when events have not reached a webhook for long",
        Event::Invitation => "To a colleague who is invited",
        Event::PasswordReset => "To a user who asked for it",
        Event::VendorRequestDue => "From a vendor to its customer, before a deadline",
        Event::VendorRequestOverdue => "From a vendor to its customer, after a deadline",
    }
}

/// What a template may name, in the words that stand between its braces.
pub(super) const fn names(event: Event) -> &'static [&'static str] {
    match event {
        Event::Verification | Event::VerificationReminder => &["brand", "reference", "right", "link", "until"],
        Event::RequestUnverified => &["brand", "reference", "right", "link"],
        Event::Delivery | Event::DeliveryReminder => &["brand", "reference", "link", "until"],
        Event::RequestClosed => &["brand", "reference", "right", "outcome", "explanation"],
        Event::Extension => &["brand", "reference", "right", "deadline", "reason"],
        Event::DirectContactAccess | Event::DirectContactDeletion => &[
            "brand",
            "reference",
            "connection",
            "account",
            "notes",
            "link",
            "deadline",
        ],
        Event::DirectContactReminder => &[
            "brand",
            "reference",
            "right",
            "connection",
            "account",
            "link",
            "deadline",
        ],
        Event::DirectContactWithdrawn => &["brand", "reference", "right", "connection"],
        Event::DirectContactOverdue => &["brand", "reference", "connection", "link", "deadline"],
        Event::ConnectionAlert => &["brand", "connection", "since", "cause", "link"],
        Event::WebhookAlert => &["brand", "endpoint", "since", "cause", "link"],
        Event::Invitation => &["brand", "role", "link", "until"],
        Event::PasswordReset => &["brand", "link", "until"],
        Event::ApprovalAwaited | Event::VendorRequestDue | Event::VendorRequestOverdue => {
            &["brand", "reference", "right", "link", "deadline"]
        }
    }
}

/// What became of a mail.
pub(super) fn state(mail: &Listed) -> Badge<'static> {
    let (tone, word) = match mail.state {
        State::Sent => (Tone::Ok, "Sent"),
        State::Kept => (Tone::Ok, "In the mailbox"),
        State::Failed => (Tone::Bad, "Not sent"),
        State::Queued => (Tone::Info, "On its way"),
    };
    Badge::new(tone, word)
}
