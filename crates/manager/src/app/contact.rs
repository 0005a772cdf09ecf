//! Direct Contact: a person is asked by mail and answers through a form that needs no log-in.

mod answer;
mod ask;
mod file_kind;
mod file_name;
mod form;
mod nudge;
mod overdue;
mod token;
mod upload;
mod view;
mod withdraw;

pub use answer::{AnswerContactError, AnswerFault, ContactAnswer, ContactOutcome};
pub(crate) use answer::{WrittenAnswer, cannot_delete};
pub(crate) use ask::ContactMailError;
pub(crate) use file_kind::EXTENSIONS;
pub(crate) use file_name::harmless;
pub(crate) use form::upload_name;
pub use form::{ContactForm, ContactLink, Upload};
pub use nudge::Nudge;
pub use token::ContactToken;
pub use upload::{Receiving, UploadError};
pub use view::ContactView;

use crate::Manager;

impl Manager {
    /// Whether anybody can be asked by mail.
    pub fn can_mail(&self) -> bool {
        self.mailer().is_configured()
    }
}
