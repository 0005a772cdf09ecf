//! Setting a connection up.

use connectors::direct_contact;
use mail::MailAddress;
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use serde_json::Value;
use store::{StoreError, retried};

use super::{ConnectionState, credentials::take_secrets, lanes::own_lane, set_up::SetUp};
use crate::{
    By, ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
};

/// What somebody who sets a connection up says.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// The connector's name, such as `optimizely`.
    pub connector: String,
    /// What people call the connection.
    pub name: String,
    /// The id of the application registered at the vendor.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The connector's settings; `null` means all defaults.
    pub settings: Value,
}

/// Why a connection can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum AddConnectionError {
    /// A field is wrong.
    #[error("{field} {reason}")]
    Field {
        /// Its name, dotted where it lies deeper.
        field: String,
        /// What is wrong, to be read after the name.
        reason: String,
    },
    /// The database failed.
    #[error("the connection could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Sets a connection up. It waits for authorization ([`Manager::begin_authorization`]), unless it is a person who is
    /// asked by mail.
    pub async fn add_connection(&self, new: NewConnection, by: &By) -> Result<ConnectionId, AddConnectionError> {
        let connector = new.connector.trim();
        let by_mail = connector == direct_contact::NAME;
        if !by_mail && connectors::connector(connector).is_none() {
            return Err(wrong("connector", unknown()));
        }
        let name = checked_name(&new.name)?;
        let client_id = if by_mail {
            String::new()
        } else {
            check_client_secret(&new.client_secret)?;
            checked_client_id(&new.client_id)?
        };
        let mut settings = if new.settings.is_null() {
            Value::Object(serde_json::Map::new())
        } else {
            new.settings
        };
        let set_up = SetUp::read(connector, &settings).ok_or_else(|| wrong("connector", unknown()))?;
        let set_up = set_up.map_err(|error| settings_wrong(&error))?;
        self.check_contact(connector, &set_up)?;
        let pointers = connectors::connector(connector).map_or(&[][..], |connector| connector.secret_settings());
        let secrets = take_secrets(&mut settings, pointers);

        let id = ConnectionId::from(self.store().new_id());
        let (keyring, wrapped) = self.new_keyring(id);
        let row = ConnectionRow {
            id,
            connector: connector.to_owned(),
            name,
            state: if by_mail {
                ConnectionState::Connected
            } else {
                ConnectionState::PendingAuthorization
            },
            version: 0,
            lane: own_lane(id),
            key: Some(wrapped.into_bytes()),
            client_id,
            client_secret: (!by_mail).then(|| keyring.seal("client_secret", new.client_secret.reveal())),
            settings,
            secret_settings: secrets.map(|secrets| keyring.seal("secret_settings", &secrets.to_string())),
            endpoints: None,
            tokens: None,
            generation: 0,
            token_received_at: None,
            token_expires_at: None,
            refresh_lease: None,
            refresh_lease_until: jiff::Timestamp::UNIX_EPOCH,
            account_id: None,
            account_name: None,
            user_id: None,
            user_email: None,
            pending: None,
            error_code: None,
            error_message: None,
            failing_since: None,
            alerted_at: None,
            last_success_at: None,
            created_at: self.now(),
            removed_at: None,
        };
        retried(|| self.add_connection_once(&row, &set_up, by)).await?;
        Ok(id)
    }

    async fn add_connection_once(
        &self,
        row: &ConnectionRow,
        set_up: &SetUp,
        by: &By,
    ) -> Result<(), AddConnectionError> {
        let mut tx = self.store().write().await?;
        rows::connection::insert(&mut tx, row).await?;
        if let Some(vendor) = set_up.vendor() {
            self.set_lanes(&mut tx, row, vendor).await?;
        }
        let facts = [(Detail::Connector, Fact::code(&row.connector))];
        tx.audit(by.event(Event::ConnectionCreated, row.id.object(), facts));
        Ok(tx.commit().await?)
    }

    /// Whoever is asked by mail needs an address that mails can go to, and we a way to send them.
    pub(super) fn check_contact(&self, connector: &str, set_up: &SetUp) -> Result<(), AddConnectionError> {
        let prefix = if connector == direct_contact::NAME {
            "settings"
        } else {
            "settings.direct_contact"
        };
        if let Some(contact) = set_up.contact()
            && MailAddress::parse("processor_email", &contact.processor_email).is_err()
        {
            let field = format!("{prefix}.processor_email");
            return Err(wrong(&field, "is not an address that mails can be sent to"));
        }
        if set_up.needs_mails() && !self.can_mail() {
            let reason = "can't be used: no mailer is configured (set smtp_url and mail_from)";
            let field = match set_up {
                SetUp::Processor(_) => "connector",
                SetUp::Vendor(_) => "settings.direct_contact",
            };
            return Err(wrong(field, reason));
        }
        Ok(())
    }
}

fn wrong(field: &str, reason: impl Into<String>) -> AddConnectionError {
    AddConnectionError::Field {
        field: field.to_owned(),
        reason: reason.into(),
    }
}

fn unknown() -> String {
    let known: Vec<_> = connectors::catalog::CATALOG
        .iter()
        .map(|connector| connector.name())
        .chain([direct_contact::NAME])
        .collect();
    format!("is unknown; known are {}", known.join(", "))
}

pub(crate) fn settings_wrong(error: &connectors::SettingsError) -> AddConnectionError {
    match error.field.as_str() {
        "settings" => wrong("settings", &error.reason),
        field => wrong(&format!("settings.{field}"), &error.reason),
    }
}

pub(crate) fn checked_name(name: &str) -> Result<String, AddConnectionError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(wrong("name", "is missing"));
    }
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(wrong("name", "must have at most 100 characters, all of them printable"));
    }
    Ok(name.to_owned())
}

pub(crate) fn checked_client_id(client_id: &str) -> Result<String, AddConnectionError> {
    let client_id = client_id.trim();
    if client_id.is_empty() {
        return Err(wrong("client_id", "is missing"));
    }
    if client_id.len() > 255 || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("client_id", "must be copied from the vendor as it stands there"));
    }
    Ok(client_id.to_owned())
}

pub(crate) fn check_client_secret(secret: &Secret) -> Result<(), AddConnectionError> {
    if secret.reveal().is_empty() {
        return Err(wrong("client_secret", "is missing"));
    }
    if secret.reveal().len() > 1024 || secret.reveal().chars().any(char::is_control) {
        return Err(wrong(
            "client_secret",
            "must be copied from the vendor as it stands there",
        ));
    }
    Ok(())
}
