//! The mails that the services write, each with what it tells.

mod event;
mod html;
mod render;
mod right;
mod template;
#[cfg(test)]
mod tests;
mod values;

use jiff::Timestamp;
use oauth::Secret;

pub use event::{Event, UnknownEvent};
pub use render::TemplateError;
pub use right::{ClosedAs, Right, UnknownClosedAs, UnknownRight};
pub use template::{Preview, check_template, preview, template};

use crate::{Language, Mail, MailAddress};

/// One mail of a service. In all of them, `reference` is the request's, as people know it; `link` leads to the page that
/// the mail is about, until `until`; `deadline` is shown as its day, other times to the minute, in UTC. Links and what
/// people have written are secret; the rest is one line each.
#[derive(Debug, Clone)]
pub enum Letter {
    /// To the subject: was it you who asked?
    Verification {
        reference: String,
        right: Right,
        link: Secret,
        until: Timestamp,
    },
    /// To the subject: it is still to be confirmed.
    VerificationReminder {
        reference: String,
        right: Right,
        link: Secret,
        until: Timestamp,
    },
    /// To the subject: closed, because it was not confirmed. The link leads to a new request.
    RequestUnverified {
        reference: String,
        right: Right,
        link: Secret,
    },
    /// To the subject: the copy can be fetched.
    Delivery {
        reference: String,
        link: Secret,
        until: Timestamp,
    },
    /// To the subject: it can still be fetched.
    DeliveryReminder {
        reference: String,
        link: Secret,
        until: Timestamp,
    },
    /// To the subject: what came of the request, with what somebody has written about it.
    RequestClosed {
        reference: String,
        right: Right,
        outcome: ClosedAs,
        explanation: Option<Secret>,
    },
    /// To the subject: the deadline is now this one, for this reason.
    Extension {
        reference: String,
        right: Right,
        deadline: Timestamp,
        reason: Secret,
    },
    /// To a system's owner: please look for data, or delete it.
    DirectContact {
        reference: String,
        right: Right,
        connection: String,
        account: Option<String>,
        notes: Option<Secret>,
        link: Secret,
        deadline: Timestamp,
    },
    /// To a system's owner: we have no answer yet.
    DirectContactReminder {
        reference: String,
        right: Right,
        connection: String,
        account: Option<String>,
        link: Secret,
        deadline: Timestamp,
    },
    /// To a system's owner: no longer needed.
    DirectContactWithdrawn {
        reference: String,
        right: Right,
        connection: String,
    },
    /// To the administrators: a system's owner did not answer, and the request is blocked.
    DirectContactOverdue {
        reference: String,
        connection: String,
        link: Secret,
        deadline: Timestamp,
    },
    /// To whoever may approve: a request waits for it, and has to be answered until then.
    ApprovalAwaited {
        reference: String,
        right: Right,
        link: Secret,
        deadline: Timestamp,
    },
    /// To the administrators: a connection fails since then, with this error.
    ConnectionAlert {
        connection: String,
        since: Timestamp,
        cause: Secret,
        link: Secret,
    },
    /// To the administrators: events have not reached that webhook since then, for this reason.
    WebhookAlert {
        endpoint: String,
        since: Timestamp,
        cause: Secret,
        link: Secret,
    },
    /// To a colleague: choose a password.
    Invitation {
        role: Option<String>,
        link: Secret,
        until: Timestamp,
    },
    /// To a user: choose a new password.
    PasswordReset { link: Secret, until: Timestamp },
    /// To a vendor's customer: a request is not done, and its deadline is near, or has passed.
    VendorRequestDeadline {
        reference: String,
        right: Right,
        passed: bool,
        deadline: Timestamp,
        link: Secret,
    },
}

impl Letter {
    /// Which event it tells of.
    pub const fn event(&self) -> Event {
        match self {
            Self::Verification { .. } => Event::Verification,
            Self::VerificationReminder { .. } => Event::VerificationReminder,
            Self::RequestUnverified { .. } => Event::RequestUnverified,
            Self::Delivery { .. } => Event::Delivery,
            Self::DeliveryReminder { .. } => Event::DeliveryReminder,
            Self::RequestClosed { .. } => Event::RequestClosed,
            Self::Extension { .. } => Event::Extension,
            Self::DirectContact {
                right: Right::Access, ..
            } => Event::DirectContactAccess,
            Self::DirectContact {
                right: Right::Deletion, ..
            } => Event::DirectContactDeletion,
            Self::DirectContactReminder { .. } => Event::DirectContactReminder,
            Self::DirectContactWithdrawn { .. } => Event::DirectContactWithdrawn,
            Self::DirectContactOverdue { .. } => Event::DirectContactOverdue,
            Self::ApprovalAwaited { .. } => Event::ApprovalAwaited,
            Self::ConnectionAlert { .. } => Event::ConnectionAlert,
            Self::WebhookAlert { .. } => Event::WebhookAlert,
            Self::Invitation { .. } => Event::Invitation,
            Self::PasswordReset { .. } => Event::PasswordReset,
            Self::VendorRequestDeadline { passed: false, .. } => Event::VendorRequestDue,
            Self::VendorRequestDeadline { passed: true, .. } => Event::VendorRequestOverdue,
        }
    }

    /// The mail, in our own words. `brand` is who writes.
    pub fn compose(&self, language: Language, brand: &str, to: MailAddress) -> Result<Mail, TemplateError> {
        self.compose_from(template(self.event(), language), language, brand, to)
    }

    /// The mail, in the words of a customer's template ([`check_template`]).
    pub fn compose_from(
        &self,
        template: &str,
        language: Language,
        brand: &str,
        to: MailAddress,
    ) -> Result<Mail, TemplateError> {
        let values = values::of(self, language, brand)?;
        let rendered = render::render(template, &values)?;
        let link = values.link();
        let mail = Mail::new(self.event().name(), to, language, &rendered.subject, &rendered.text())?;
        Ok(mail.html(&html::page(&rendered, language, link))?)
    }
}
