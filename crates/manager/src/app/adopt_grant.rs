//! Taking a grant into use.

use jiff::Timestamp;
use oauth::refresh_at;
use privacy::audit::{Detail, Event, Fact};
use store::{StoreError, Tx, jobs::NewJob};

use super::{
    ConnectionState,
    connection_jobs::{job, resumed},
    credentials::{Grant, Keyring},
};
use crate::{By, Manager, rows::connection::ConnectionRow, steps};

impl Manager {
    /// Puts `grant` in the place of whatever the connection had, and lets the tasks that waited for it go on. The caller
    /// saves the row.
    pub(crate) async fn adopt_grant(
        &self,
        tx: &mut Tx,
        row: &mut ConnectionRow,
        keyring: &Keyring,
        grant: &Grant,
        by: &By,
    ) -> Result<(), StoreError> {
        let vendor = keyring.vendor(row)?;
        row.tokens = Some(keyring.seal_tokens(&grant.tokens));
        row.generation += 1;
        row.token_received_at = Some(grant.received_at);
        row.token_expires_at = Some(grant.expires_at);
        row.endpoints = Some(grant.endpoints.to_text());
        row.refresh_lease = None;
        row.account_id = Some(grant.whose.account_id.clone());
        row.account_name.clone_from(&grant.whose.account_name);
        row.user_id = Some(grant.whose.user_id.clone());
        let email = grant.whose.user_email.as_ref();
        row.user_email = email.map(|email| keyring.seal("user_email", email.reveal()));
        row.pending = None;
        row.state = ConnectionState::Connected;
        let lane = vendor.organisation(Some(&grant.whose.account_id));
        if lane != row.lane {
            self.leave_lane(tx, &row.lane, row.id).await?;
        }
        row.lane = lane;
        row.forget_trouble();
        row.last_success_at = Some(tx.now());
        self.set_lanes(tx, row, &*vendor).await?;

        self.resume(tx, row);
        tx.audit(by.event(
            Event::ConnectionConnected,
            row.id.object(),
            [(Detail::Target, Fact::code(&grant.whose.account_id))],
        ));
        Ok(())
    }

    /// The connection works (again): its tokens are kept fresh, it is checked, and the tasks that waited for it go on.
    pub(crate) fn resume(&self, tx: &mut Tx, row: &ConnectionRow) {
        let now = tx.now();
        let check_at = now
            .saturating_add(self.settings().connection_check_every.signed())
            .unwrap_or(now);
        tx.enqueue(job(
            steps::connection::REFRESH,
            steps::INTERNAL.to_owned(),
            row.id,
            refresh_due(row).max(now),
        ));
        tx.enqueue(job(steps::connection::CHECK, row.lane.clone(), row.id, check_at));
        resumed(tx, row.id);
    }
}

impl ConnectionRow {
    /// All is well.
    pub(crate) fn forget_trouble(&mut self) {
        self.error_code = None;
        self.error_message = None;
        self.failing_since = None;
        self.alerted_at = None;
    }

    /// Something is wrong from now on, or has been for longer. Administrators are told when it lasts.
    pub(crate) fn note_trouble(&mut self, tx: &mut Tx, code: &str, message: String) {
        self.error_code = Some(code.to_owned());
        self.error_message = Some(message);
        if self.failing_since.is_none() {
            let now = tx.now();
            self.failing_since = Some(now);
            let alert = job(steps::connection::ALERT, steps::INTERNAL.to_owned(), self.id, now);
            tx.enqueue(NewJob {
                key: Some(format!("{}:{}:{}", alert.kind, self.id, now.as_microsecond())),
                ..alert
            });
        }
    }
}

/// When the connection's access token should be refreshed.
pub(crate) fn refresh_due(row: &ConnectionRow) -> Timestamp {
    match (row.token_received_at, row.token_expires_at) {
        (Some(received_at), Some(expires_at)) => refresh_at(received_at, expires_at.duration_since(received_at)),
        _ => Timestamp::UNIX_EPOCH,
    }
}
