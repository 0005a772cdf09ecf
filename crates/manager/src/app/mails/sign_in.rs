//! Letters about getting in.

use jiff::Timestamp;
use mail::{Language, Letter, MailAddress};
use oauth::Secret;
use store::{StoreError, Tx};

use super::Posting;
use crate::{Manager, rows::operator::OperatorRow};

impl Manager {
    /// Mails an invitation; false where there is no way to.
    pub(crate) async fn mail_invitation(
        &self,
        tx: &mut Tx,
        operator: &OperatorRow,
        link: &Secret,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let letter = Letter::Invitation {
            role: Some(operator.role.title().to_owned()),
            link: link.clone(),
            until,
        };
        let once = format!("invitation:{}:{}", operator.id, until.as_microsecond());
        self.mail_to(tx, operator, &letter, once).await
    }

    /// Mails the link to choose a new password; false where there is no way to.
    pub(crate) async fn mail_password_link(
        &self,
        tx: &mut Tx,
        operator: &OperatorRow,
        link: &Secret,
        until: Timestamp,
        asked: &str,
    ) -> Result<bool, StoreError> {
        let letter = Letter::PasswordReset {
            link: link.clone(),
            until,
        };
        self.mail_to(tx, operator, &letter, format!("password_reset:{asked}"))
            .await
    }

    async fn mail_to(
        &self,
        tx: &mut Tx,
        operator: &OperatorRow,
        letter: &Letter,
        once: String,
    ) -> Result<bool, StoreError> {
        // An address that no mail can be sent to is like no mailer: the link is handed over otherwise.
        let Ok(to) = MailAddress::parse("to", &self.operator_email(operator)?) else {
            return Ok(false);
        };
        let posting = Posting {
            letter,
            to,
            language: operator.language.parse().unwrap_or(Language::English),
            about: operator.id.object(),
            once,
        };
        Ok(self.post(tx, posting).await?.is_some())
    }
}
