//! The templates, ours and customers'.

use jiff::Timestamp;
use oauth::Secret;

use super::{ClosedAs, Event, Letter, Right, TemplateError, render, values};
use crate::{Language, MailAddress};

macro_rules! templates {
    ($($event:ident = $file:literal,)*) => {
        /// Our own template of an event's mail: what a customer begins with who wants other words.
        pub const fn template(event: Event, language: Language) -> &'static str {
            match (event, language) {
                $(
                    (Event::$event, Language::English) => include_str!(concat!("../../templates/en/", $file, ".txt")),
                    (Event::$event, Language::German) => include_str!(concat!("../../templates/de/", $file, ".txt")),
                    (Event::$event, Language::French) => include_str!(concat!("../../templates/fr/", $file, ".txt")),
                    (Event::$event, Language::Spanish) => include_str!(concat!("../../templates/es/", $file, ".txt")),
                )*
            }
        }
    };
}

templates! {
    Verification = "verification",
    VerificationReminder = "verification_reminder",
    RequestUnverified = "request_unverified",
    Delivery = "delivery",
    DeliveryReminder = "delivery_reminder",
    RequestClosed = "request_closed",
    Extension = "extension",
    DirectContactAccess = "direct_contact_access",
    DirectContactDeletion = "direct_contact_deletion",
    DirectContactReminder = "direct_contact_reminder",
    DirectContactWithdrawn = "direct_contact_withdrawn",
    DirectContactOverdue = "direct_contact_overdue",
    ApprovalAwaited = "approval_awaited",
    ConnectionAlert = "connection_alert",
    WebhookAlert = "webhook_alert",
    Invitation = "invitation",
    PasswordReset = "password_reset",
    VendorRequestDue = "vendor_request_due",
    VendorRequestOverdue = "vendor_request_overdue",
}

/// Says whether a customer's template can be used for every mail of this event: it must have a subject and a text, show
/// nothing that such a mail lacks, say who writes, and show the link, if there is one, alone on a line.
pub fn check_template(event: Event, template: &str) -> Result<(), TemplateError> {
    for letter in samples(event) {
        let to = MailAddress::parse("to", "reader@example.com")?;
        letter.compose_from(template, Language::English, BRAND, to)?;
        let values = values::of(&letter, Language::English, BRAND)?;
        let rendered = render::render(template, &values)?;
        if values
            .link()
            .is_some_and(|link| !rendered.paragraphs.iter().any(|paragraph| paragraph == link))
        {
            return Err(TemplateError::Form {
                reason: "{{ link }} must stand alone, with empty lines around it",
            });
        }
        if !rendered.text().contains(BRAND) {
            return Err(TemplateError::Form {
                reason: "it must say who writes: {{ brand }}",
            });
        }
    }
    Ok(())
}

/// A mail as it would be, of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// The mail that a template makes of an example of its event.
pub fn preview(event: Event, template: &str, language: Language, brand: &str) -> Result<Preview, TemplateError> {
    let letter = samples(event).into_iter().next().ok_or(TemplateError::Form {
        reason: "there is no example of this mail",
    })?;
    let values = values::of(&letter, language, brand)?;
    let rendered = render::render(template, &values)?;
    Ok(Preview {
        text: rendered.text(),
        subject: rendered.subject,
    })
}

/// Unlike any word of a template.
const BRAND: &str = "Brand-7f3a";

/// One letter of the event for every way that a template can take.
pub(super) fn samples(event: Event) -> Vec<Letter> {
    let reference = || "R-2026-0042".to_owned();
    let connection = || "Acme CRM".to_owned();
    let secret = |text: &str| Secret::new(text.to_owned());
    let link = || secret("https://privacy.example.com/p/sample-link?of=sample&kind=any");
    // 29 November 2026
    let until = Timestamp::from_second(1_795_939_200).unwrap_or_default();
    let account = |given: bool| given.then(|| "1234".to_owned());
    let notes = |given: bool| given.then(|| secret("Please look in the archive too.\nThank you."));
    let rights = Right::ALL.iter().copied();
    match event {
        Event::Verification => rights
            .map(|right| Letter::Verification {
                reference: reference(),
                right,
                link: link(),
                until,
            })
            .collect(),
        Event::VerificationReminder => rights
            .map(|right| Letter::VerificationReminder {
                reference: reference(),
                right,
                link: link(),
                until,
            })
            .collect(),
        Event::RequestUnverified => rights
            .map(|right| Letter::RequestUnverified {
                reference: reference(),
                right,
                link: link(),
            })
            .collect(),
        Event::Delivery => vec![Letter::Delivery {
            reference: reference(),
            link: link(),
            until,
        }],
        Event::DeliveryReminder => vec![Letter::DeliveryReminder {
            reference: reference(),
            link: link(),
            until,
        }],
        Event::RequestClosed => rights
            .flat_map(|right| ClosedAs::ALL.iter().map(move |outcome| (right, *outcome)))
            .flat_map(|way| [true, false].map(|explained| (way, explained)))
            .map(|((right, outcome), explained)| Letter::RequestClosed {
                reference: reference(),
                right,
                outcome,
                explanation: notes(explained),
            })
            .collect(),
        Event::Extension => rights
            .map(|right| Letter::Extension {
                reference: reference(),
                right,
                deadline: until,
                reason: secret("Two of the systems are being moved."),
            })
            .collect(),
        Event::DirectContactAccess | Event::DirectContactDeletion => [true, false]
            .map(|given| Letter::DirectContact {
                reference: reference(),
                right: if event == Event::DirectContactAccess {
                    Right::Access
                } else {
                    Right::Deletion
                },
                connection: connection(),
                account: account(given),
                notes: notes(given),
                link: link(),
                deadline: until,
            })
            .into(),
        Event::DirectContactReminder => rights
            .flat_map(|right| [true, false].map(|given| (right, given)))
            .map(|(right, given)| Letter::DirectContactReminder {
                reference: reference(),
                right,
                connection: connection(),
                account: account(given),
                link: link(),
                deadline: until,
            })
            .collect(),
        Event::DirectContactWithdrawn => rights
            .map(|right| Letter::DirectContactWithdrawn {
                reference: reference(),
                right,
                connection: connection(),
            })
            .collect(),
        Event::DirectContactOverdue => vec![Letter::DirectContactOverdue {
            reference: reference(),
            connection: connection(),
            link: link(),
            deadline: until,
        }],
        Event::ApprovalAwaited => rights
            .map(|right| Letter::ApprovalAwaited {
                reference: reference(),
                right,
                link: link(),
                deadline: until,
            })
            .collect(),
        Event::ConnectionAlert => vec![Letter::ConnectionAlert {
            connection: connection(),
            since: until,
            cause: secret("the vendor no longer accepts our authorization"),
            link: link(),
        }],
        Event::WebhookAlert => vec![Letter::WebhookAlert {
            endpoint: "hooks.example.com".to_owned(),
            since: until,
            cause: secret("the receiver did not answer in time"),
            link: link(),
        }],
        Event::Invitation => [true, false]
            .map(|given| Letter::Invitation {
                role: given.then(|| "Request manager".to_owned()),
                link: link(),
                until,
            })
            .into(),
        Event::PasswordReset => vec![Letter::PasswordReset { link: link(), until }],
        Event::VendorRequestDue | Event::VendorRequestOverdue => rights
            .map(|right| Letter::VendorRequestDeadline {
                reference: reference(),
                right,
                passed: event == Event::VendorRequestOverdue,
                deadline: until,
                link: link(),
            })
            .collect(),
    }
}
