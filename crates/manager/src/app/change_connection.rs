//! Changing a connection's name, client or settings.

use connectors::direct_contact;
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use serde_json::Value;
use store::{StoreError, retried};

use super::{
    AddConnectionError, ConnectionState,
    add_connection::{check_client_secret, checked_client_id, checked_name, settings_wrong},
    credentials::take_secrets,
    set_up::SetUp,
};
use crate::{By, ConnectionId, Manager, rows};

/// What is to change; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ConnectionChanges {
    /// What people call it.
    pub name: Option<String>,
    /// The application's id at the vendor.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<Secret>,
    /// All settings anew.
    pub settings: Option<Value>,
}

/// Why nothing is changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeConnectionError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// A field is wrong.
    #[error(transparent)]
    Field(AddConnectionError),
    /// The new settings call another authorization server or account: that is another connection.
    #[error("{field} can't be changed once the connection is authorized")]
    Fixed {
        /// The field.
        field: &'static str,
    },
    /// The database failed.
    #[error("the connection could not be changed")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Changes a connection. One whose client was not accepted tries again with the new one.
    pub async fn change_connection(
        &self,
        id: ConnectionId,
        changes: ConnectionChanges,
        by: &By,
    ) -> Result<(), ChangeConnectionError> {
        retried(|| self.change_connection_once(id, &changes, by)).await
    }

    async fn change_connection_once(
        &self,
        id: ConnectionId,
        changes: &ConnectionChanges,
        by: &By,
    ) -> Result<(), ChangeConnectionError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let mut row = row.ok_or(ChangeConnectionError::NotFound)?;
        let keyring = self.keyring(&row)?;
        if let Some(name) = &changes.name {
            row.name = checked_name(name).map_err(ChangeConnectionError::Field)?;
        }
        let mut other_client = false;
        let has_client = row.connector != direct_contact::NAME;
        if let Some(client_id) = changes.client_id.as_ref().filter(|_| has_client) {
            let client_id = checked_client_id(client_id).map_err(ChangeConnectionError::Field)?;
            // A refresh token is bound to the client that it was given to (RFC 6749 section 6).
            if client_id != row.client_id && row.tokens.is_some() && row.state == ConnectionState::Connected {
                return Err(ChangeConnectionError::Fixed { field: "client_id" });
            }
            other_client = client_id != row.client_id;
            row.client_id = client_id;
        }
        if let Some(secret) = changes.client_secret.as_ref().filter(|_| has_client) {
            check_client_secret(secret).map_err(ChangeConnectionError::Field)?;
            row.client_secret = Some(keyring.seal("client_secret", secret.reveal()));
            other_client = true;
        }
        if other_client && row.state == ConnectionState::Misconfigured {
            row.forget_trouble();
            row.state = match row.tokens {
                Some(_) => ConnectionState::Connected,
                None => ConnectionState::PendingAuthorization,
            };
            if row.state == ConnectionState::Connected {
                self.resume(&mut tx, &row);
            }
        }
        if other_client && row.error_code.as_deref() == Some("client_refused") {
            row.forget_trouble();
        }
        if let Some(mut settings) = changes.settings.clone() {
            let before = keyring.set_up(&row)?;
            keep_secrets(&mut settings, keyring.secret_settings(&row)?.as_ref());
            let after = SetUp::read(&row.connector, &settings).ok_or(ChangeConnectionError::NotFound)?;
            let after = after.map_err(|error| ChangeConnectionError::Field(settings_wrong(&error)))?;
            self.check_contact(&row.connector, &after)
                .map_err(ChangeConnectionError::Field)?;
            // Tokens of one server must never be shown to another.
            let issuer = |set_up: &SetUp| set_up.vendor().map(|vendor| vendor.authorization().issuer);
            if row.tokens.is_some() && issuer(&after) != issuer(&before) {
                return Err(ChangeConnectionError::Fixed { field: "settings" });
            }
            let pointers =
                connectors::connector(&row.connector).map_or(&[][..], |connector| connector.secret_settings());
            let secrets = take_secrets(&mut settings, pointers);
            row.settings = settings;
            row.secret_settings = secrets.map(|secrets| keyring.seal("secret_settings", &secrets.to_string()));
            if let Some(vendor) = after.vendor() {
                self.set_lanes(&mut tx, &row, vendor).await?;
            }
        }
        rows::connection::save(&mut tx, &row).await?;
        tx.audit(by.event(
            Event::ConnectionChanged,
            id.object(),
            [(Detail::Connector, Fact::code(&row.connector))],
        ));
        Ok(tx.commit().await?)
    }
}

/// Where `null` stands in the place of a secret, the one that is there is meant.
fn keep_secrets(settings: &mut Value, kept: Option<&Value>) {
    for (pointer, secret) in kept.and_then(Value::as_object).into_iter().flatten() {
        if let Some(place) = settings.pointer_mut(pointer).filter(|value| value.is_null()) {
            *place = secret.clone();
        }
    }
}
