//! Telling administrators that a webhook gets nothing.

use jiff::Timestamp;
use mail::{Letter, MailAddress};
use oauth::Secret;
use store::{StoreError, Tx};

use super::view::host;
use crate::{
    Manager, Role,
    app::mails::Posting,
    rows::{self, webhook::WebhookRow},
};

impl Manager {
    /// Mails every administrator once that a webhook has not been told anything since then; says how many.
    pub(super) async fn tell_about_webhook(
        &self,
        tx: &mut Tx,
        webhook: &WebhookRow,
        since: Timestamp,
        cause: &str,
    ) -> Result<u32, StoreError> {
        let letter = Letter::WebhookAlert {
            endpoint: host(&webhook.url),
            since,
            cause: Secret::new(cause.to_owned()),
            link: Secret::new(self.settings().page(&format!("/settings/webhooks/{}", webhook.id))),
        };
        let mut told: u32 = 0;
        for operator in rows::operator::of_roles(tx, &[Role::SuperAdmin]).await? {
            let address = self.operator_email(&operator)?;
            // One that no mail can be sent to can still log in and see it.
            let Ok(to) = MailAddress::parse("to", &address) else {
                continue;
            };
            let posting = Posting {
                letter: &letter,
                to,
                language: self.settings().language(),
                about: webhook.id.object(),
                once: format!(
                    "webhook_alert:{}:{}:{}",
                    webhook.id,
                    since.as_microsecond(),
                    operator.id
                ),
            };
            told += u32::from(self.post(tx, posting).await?.is_some());
        }
        Ok(told)
    }
}
