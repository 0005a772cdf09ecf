//! Asking the vendor whether a connection works, and whose it is.

use connectors::{ConnectorError, Whose, direct_contact};
use privacy::audit::{Detail, Event, Fact};
use store::{StoreError, Tx, retried};

use super::{ConnectionState, ConnectionView, access::AccessError, connection_jobs::park, pace::Pace};
use crate::{
    By, ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
};

/// Why a connection could not be checked; what a check finds is in the connection itself.
#[derive(Debug, thiserror::Error)]
pub enum CheckConnectionError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// The database failed.
    #[error("the check could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Checks a connection now and tells how it is.
    pub async fn check_connection(&self, id: ConnectionId, by: &By) -> Result<ConnectionView, CheckConnectionError> {
        let row = rows::connection::by_id(&mut self.store().read().await?, id).await?;
        if row.is_some_and(|row| row.connector == direct_contact::NAME) {
            // Nobody can be called; whether mails arrive is seen at the next request.
            let view = self.connection(id).await?;
            return view.ok_or(CheckConnectionError::NotFound);
        }
        // What went wrong stands in the row.
        if let Err(AccessError::Store(error)) = self.check(id, by, &Pace::beside_the_lane()).await {
            return Err(error.into());
        }
        let view = self.connection(id).await?;
        view.ok_or(CheckConnectionError::NotFound)
    }

    /// Checks a connection and stores what was found.
    pub(crate) async fn check(&self, id: ConnectionId, by: &By, pace: &Pace) -> Result<(), AccessError> {
        match self.ask_whose(id, pace).await {
            Ok(whose) => retried(|| self.note_checked_once(id, &whose, by)).await,
            Err(error) => {
                retried(|| self.note_fault(id, &error, by)).await?;
                Err(error)
            }
        }
    }

    async fn note_checked_once(&self, id: ConnectionId, whose: &Whose, by: &By) -> Result<(), AccessError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let mut row = row.ok_or(AccessError::NotFound)?;
        if row.state == ConnectionState::Connected {
            self.note_whose(&mut tx, &mut row, whose)?;
            tx.audit(by.event(Event::ConnectionChecked, id.object(), []));
            rows::connection::save(&mut tx, &row).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn ask_whose(&self, id: ConnectionId, pace: &Pace) -> Result<Whose, AccessError> {
        let mut access = self.access(id, pace).await?;
        loop {
            match access.vendor().check(&access.call(self)).await {
                Ok(whose) => return Ok(whose),
                Err(error) => access = self.refused(access, error).await?,
            }
        }
    }

    fn note_whose(&self, tx: &mut Tx, row: &mut ConnectionRow, whose: &Whose) -> Result<(), StoreError> {
        let keyring = self.keyring(row)?;
        if row.account_id.as_ref() != Some(&whose.account_id) || row.user_id.as_ref() != Some(&whose.user_id) {
            // CL-30: the very same grant speaks for somebody else now.
            row.state = ConnectionState::NeedsReconnect;
            let message = format!(
                "the grant is for account {} now: connect again to confirm",
                whose.account_id
            );
            row.note_trouble(tx, "account_changed", message);
            let facts = [(Detail::Cause, Fact::Word("account_changed"))];
            tx.audit(By::automation().event(Event::ConnectionNeedsReconnect, row.id.object(), facts));
            park(tx, row.id);
            return Ok(());
        }
        row.account_name.clone_from(&whose.account_name);
        let email = whose.user_email.as_ref();
        row.user_email = email.map(|email| keyring.seal("user_email", email.reveal()));
        row.last_success_at = Some(tx.now());
        row.forget_trouble();
        Ok(())
    }

    /// Stores what is wrong, where the broker has not done so already.
    async fn note_fault(&self, id: ConnectionId, error: &AccessError, by: &By) -> Result<(), StoreError> {
        let AccessError::Vendor(fault) = error else {
            return Ok(());
        };
        let mut tx = self.store().write().await?;
        let Some(mut row) = rows::connection::locked(&mut tx, id).await? else {
            return Ok(());
        };
        row.note_trouble(&mut tx, fault.code(), fault.to_string());
        if !matches!(
            fault,
            ConnectorError::Throttled { .. } | ConnectorError::Unavailable { .. }
        ) {
            tx.audit(by.event(
                Event::ConnectionChecked,
                id.object(),
                [(Detail::Cause, Fact::code(fault.code()))],
            ));
        }
        rows::connection::save(&mut tx, &row).await?;
        tx.commit().await
    }
}
