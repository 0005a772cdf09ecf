//! Whether and where a subject can be written to.

use mail::MailAddress;
use store::StoreError;

use crate::{Manager, app::requests::case::Case, rows::request::RequestRow};

/// Who is written to about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WrittenTo {
    /// The subject, at this address.
    Subject(MailAddress),
    /// Nobody, because that was asked for.
    Nobody,
    /// Nobody, because there is no mailer.
    NoMailer,
    /// Nobody, because there is no address that a mail can be sent to.
    NoAddress,
}

impl Manager {
    /// Who is written to about a request.
    pub(crate) fn written_to(&self, row: &RequestRow) -> Result<WrittenTo, StoreError> {
        if !row.options.notify {
            return Ok(WrittenTo::Nobody);
        }
        if !self.mailer().is_configured() {
            return Ok(WrittenTo::NoMailer);
        }
        if row.key.is_none() || row.identities.is_none() {
            return Ok(WrittenTo::NoAddress);
        }
        let identities = self.request_key(row)?.identities(row)?;
        let address = identities
            .email()
            .map(|email| MailAddress::parse("email", email.reveal()));
        Ok(match address {
            Some(Ok(address)) => WrittenTo::Subject(address),
            Some(Err(_)) | None => WrittenTo::NoAddress,
        })
    }
}

impl Case {
    /// The subject's address, where the subject is written to.
    pub(crate) fn subject_address(&self) -> Result<Option<MailAddress>, StoreError> {
        Ok(match self.manager.written_to(&self.request)? {
            WrittenTo::Subject(address) => Some(address),
            WrittenTo::Nobody | WrittenTo::NoMailer | WrittenTo::NoAddress => None,
        })
    }
}
