//! What a person should know about the mails of a request.

use mail::{Filter, State};
use store::{StoreError, Tx};

use crate::{
    Manager,
    app::{requests::Notice, subject::WrittenTo},
    rows::request::RequestRow,
};

impl Manager {
    /// What a person should know about the mails of a request: which were not sent, and that nobody is written to.
    pub(crate) async fn mail_notices(&self, tx: &mut Tx, row: &RequestRow) -> Result<Vec<Notice>, StoreError> {
        let mut notices = Vec::new();
        let failed = Filter {
            object: Some(row.id.object()),
            state: Some(State::Failed),
            limit: 1,
            ..Filter::default()
        };
        if row.key.is_some() && !mail::list(tx, &failed).await?.is_empty() {
            notices.push(Notice {
                code: "mail_failed",
                message: "A mail about this request could not be sent: see its mails, and send it again or tell the \
                          person in another way.",
            });
        }
        if row.stage.is_open() {
            notices.extend(match self.written_to(row)? {
                WrittenTo::NoMailer => Some(Notice {
                    code: "no_mailer",
                    message: "Nobody is written to, because no mailer is set up: tell the person yourself.",
                }),
                WrittenTo::NoAddress => Some(Notice {
                    code: "no_mail_address",
                    message: "The person can’t be written to, because no e-mail address is known: tell them yourself.",
                }),
                WrittenTo::Subject(_) | WrittenTo::Nobody => None,
            });
        }
        Ok(notices)
    }
}
