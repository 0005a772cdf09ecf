//! Telling administrators that a connection has been failing for long.

use jiff::Timestamp;
use mail::{Letter, MailAddress};
use oauth::Secret;
use privacy::audit::{Detail, Event};
use store::{StoreError, jobs::Lease};

use super::Posting;
use crate::{
    By, ConnectionId, Manager, Role,
    rows::{self, connection::ConnectionRow},
};

impl Manager {
    /// Looks whether the trouble of a connection has lasted for so long that administrators are told, each of them
    /// once; comes again when that would be.
    pub(crate) async fn alert_about(&self, id: ConnectionId, lease: &Lease) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let troubled = row.and_then(|row| row.failing_since.map(|since| (row, since)));
        let Some((mut row, since)) = troubled.filter(|(row, _)| row.alerted_at.is_none()) else {
            tx.finish(lease).await?;
            return tx.commit().await;
        };
        let patience = self.settings().connection_alert_after.signed();
        let at = since.saturating_add(patience).unwrap_or(Timestamp::MAX);
        if tx.now() < at {
            tx.reschedule(lease, at).await?;
            return tx.commit().await;
        }
        let letter = self.alert(&row, since);
        let mut told: u32 = 0;
        for operator in rows::operator::of_roles(&mut tx, &[Role::SuperAdmin, Role::ConnectionsManager]).await? {
            let address = self.operator_email(&operator)?;
            // One that no mail can be sent to can still log in and see it.
            let Ok(to) = MailAddress::parse("to", &address) else {
                continue;
            };
            let posting = Posting {
                letter: &letter,
                to,
                language: self.settings().language(),
                about: id.object(),
                once: format!("connection_alert:{id}:{}:{}", since.as_microsecond(), operator.id),
            };
            told += u32::from(self.post(&mut tx, posting).await?.is_some());
        }
        row.alerted_at = Some(tx.now());
        tx.audit(By::automation().event(Event::ConnectionAlerted, id.object(), [(Detail::Count, told.into())]));
        rows::connection::save(&mut tx, &row).await?;
        tx.finish(lease).await?;
        tx.commit().await
    }

    fn alert(&self, row: &ConnectionRow, since: Timestamp) -> Letter {
        Letter::ConnectionAlert {
            connection: row.name.clone(),
            since,
            cause: Secret::new(row.error_message.clone().unwrap_or_default()),
            link: Secret::new(self.settings().page(&format!("/connections/{}", row.id))),
        }
    }
}
