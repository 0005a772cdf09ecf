//! A connection as the API and the pages show it: never a secret.

use jiff::Timestamp;
use privacy::Personal;
use serde::Serialize;
use serde_json::Value;
use store::StoreError;

use super::ConnectionState;
use crate::{
    ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
};

/// A connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// Its connector's name.
    pub connector: String,
    /// What people call it.
    pub name: String,
    /// How it is.
    #[serde(serialize_with = "state")]
    pub state: ConnectionState,
    /// What is wrong, if something is.
    pub error: Option<ConnectionFault>,
    /// The application's id at the vendor.
    pub client_id: String,
    /// The vendor's account that it works for.
    pub account: Option<AccountView>,
    /// The user who authorized it.
    pub user: Option<UserView>,
    /// When the present access token ends; it is refreshed before.
    pub token_expires_at: Option<Timestamp>,
    /// When a call worked last.
    pub last_success_at: Option<Timestamp>,
    /// Since when it has been failing, if it is.
    pub failing_since: Option<Timestamp>,
    /// When it was set up.
    pub created_at: Timestamp,
    /// What has to be registered at the vendor.
    pub redirect_uri: String,
    /// Its settings with all defaults, without secrets.
    pub settings: Value,
}

/// What is wrong with a connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionFault {
    /// A stable word.
    pub code: String,
    /// In plain words. It may quote a stranger: escape it.
    pub message: String,
}

/// The vendor's account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// The vendor's id.
    pub id: String,
    /// Its name, where the vendor tells.
    pub name: Option<String>,
}

/// The user who authorized a connection.
#[derive(Debug, Clone, Serialize)]
pub struct UserView {
    /// The vendor's id.
    pub id: String,
    /// The mail address, where the vendor tells.
    #[serde(serialize_with = "email")]
    pub email: Option<Personal>,
}

impl Manager {
    /// The connection of this id.
    pub async fn connection(&self, id: ConnectionId) -> Result<Option<ConnectionView>, StoreError> {
        let row = rows::connection::by_id(&mut self.store().read().await?, id).await?;
        row.map(|row| self.connection_view(&row)).transpose()
    }

    /// Every connection, oldest first.
    pub async fn connections(&self) -> Result<Vec<ConnectionView>, StoreError> {
        let rows = rows::connection::all(&mut self.store().read().await?).await?;
        rows.iter().map(|row| self.connection_view(row)).collect()
    }

    pub(crate) fn connection_view(&self, row: &ConnectionRow) -> Result<ConnectionView, StoreError> {
        let keyring = self.keyring(row)?;
        let email = keyring.user_email(row)?;
        let fault = row.error_code.clone().zip(row.error_message.clone());
        Ok(ConnectionView {
            id: row.id,
            connector: row.connector.clone(),
            name: row.name.clone(),
            state: row.state,
            error: fault.map(|(code, message)| ConnectionFault { code, message }),
            client_id: row.client_id.clone(),
            account: row.account_id.clone().map(|id| AccountView {
                id,
                name: row.account_name.clone(),
            }),
            user: row.user_id.clone().map(|id| UserView { id, email }),
            token_expires_at: row.token_expires_at,
            last_success_at: row.last_success_at,
            failing_since: row.failing_since,
            created_at: row.created_at,
            redirect_uri: self.settings().redirect_uri(),
            settings: keyring.set_up(row)?.shown_settings(),
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn state<S: serde::Serializer>(state: &ConnectionState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.name())
}

/// Staff may see who of their own people authorized a connection.
#[expect(clippy::ref_option, reason = "serde hands over references")]
fn email<S: serde::Serializer>(email: &Option<Personal>, serializer: S) -> Result<S::Ok, S::Error> {
    email.as_ref().map(Personal::reveal).serialize(serializer)
}
