//! What a connection keeps sealed, and how it is opened.

use jiff::Timestamp;
use oauth::{ClientAccess, ClientMethod, Secret};
use privacy::Personal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::StoreError;
use vault::{DataKey, Place, WrappedKey};

use super::ConnectionState;
use crate::{ConnectionId, Manager, rows::connection::ConnectionRow};
use connectors::{Vendor, Whose};

/// The tokens of a grant.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
}

/// The authorization server that a flow and its grant are pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Endpoints {
    pub(crate) issuer: String,
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) revoke: Option<String>,
    /// Answers without `iss` are refused.
    pub(crate) iss_advertised: bool,
    /// The client secret goes into the `Authorization` header instead of the body.
    pub(crate) basic: bool,
}

impl Endpoints {
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
            what: "connection's endpoints",
            reason: error.to_string(),
        })
    }

    pub(crate) fn to_text(&self) -> String {
        json!(self).to_string()
    }

    /// How the client shows itself at this server.
    pub(crate) fn client<'a>(&self, client_id: &'a str, client_secret: &'a Secret) -> ClientAccess<'a> {
        ClientAccess {
            client_id,
            client_secret: Some(client_secret),
            method: if self.basic {
                ClientMethod::Basic
            } else {
                ClientMethod::Post
            },
        }
    }
}

/// A grant with all that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) tokens: Tokens,
    pub(crate) received_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) endpoints: Endpoints,
    pub(crate) whose: Whose,
}

/// A grant for another account or user than before, which somebody has to confirm.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) grant: Grant,
    /// What the connection goes back to when the new grant is not wanted.
    pub(crate) previous: ConnectionState,
}

/// A connection's data key, and what it seals.
pub(crate) struct Keyring {
    key: DataKey,
    connection: String,
}

impl Manager {
    /// A key for a new connection, and its sealed form for the row.
    pub(crate) fn new_keyring(&self, id: ConnectionId) -> (Keyring, WrappedKey) {
        let connection = id.to_string();
        let (key, wrapped) = self.vault().new_data_key(&key_place(&connection));
        (Keyring { key, connection }, wrapped)
    }

    /// The key of a connection.
    pub(crate) fn keyring(&self, row: &ConnectionRow) -> Result<Keyring, StoreError> {
        let connection = row.id.to_string();
        let wrapped = row.key.clone().ok_or_else(|| damaged("key", "it is missing"))?;
        let wrapped = WrappedKey::from_bytes(wrapped).map_err(|error| damaged("key", error))?;
        let unwrapped = self.vault().unwrap(&key_place(&connection), &wrapped);
        let key = unwrapped.map_err(|error| damaged("key", error))?;
        Ok(Keyring { key, connection })
    }
}

impl Keyring {
    pub(crate) fn seal(&self, column: &str, text: &str) -> Vec<u8> {
        self.key.seal(&self.place(column), text.as_bytes())
    }

    pub(crate) fn open(&self, column: &'static str, sealed: &[u8]) -> Result<String, StoreError> {
        let opened = self.key.open(&self.place(column), sealed);
        let opened = opened.map_err(|error| damaged(column, error))?;
        String::from_utf8(opened.to_vec()).map_err(|_| damaged(column, "it is no text"))
    }

    pub(crate) fn client_secret(&self, row: &ConnectionRow) -> Result<Secret, StoreError> {
        let sealed = row.client_secret.as_deref().unwrap_or_default();
        self.open("client_secret", sealed).map(Secret::new)
    }

    pub(crate) fn tokens(&self, row: &ConnectionRow) -> Result<Option<Tokens>, StoreError> {
        let Some(sealed) = &row.tokens else { return Ok(None) };
        let kept = parse("tokens", &self.open("tokens", sealed)?)?;
        tokens(&kept)
            .map(Some)
            .ok_or_else(|| damaged("tokens", "a token is missing"))
    }

    pub(crate) fn seal_tokens(&self, tokens: &Tokens) -> Vec<u8> {
        self.seal("tokens", &tokens_json(tokens).to_string())
    }

    pub(crate) fn user_email(&self, row: &ConnectionRow) -> Result<Option<Personal>, StoreError> {
        let sealed = row.user_email.as_deref();
        sealed
            .map(|sealed| self.open("user_email", sealed).map(Personal::new))
            .transpose()
    }

    pub(crate) fn pending(&self, row: &ConnectionRow) -> Result<Option<Pending>, StoreError> {
        let Some(sealed) = &row.pending else { return Ok(None) };
        let kept = parse("pending", &self.open("pending", sealed)?)?;
        read_pending(&kept)
            .map(Some)
            .ok_or_else(|| damaged("pending", "something is missing"))
    }

    pub(crate) fn seal_pending(&self, pending: &Pending) -> Vec<u8> {
        let Pending { grant, previous } = pending;
        let kept = json!({
            "tokens": tokens_json(&grant.tokens),
            "received_at": grant.received_at,
            "expires_at": grant.expires_at,
            "endpoints": grant.endpoints,
            "account_id": grant.whose.account_id,
            "account_name": grant.whose.account_name,
            "user_id": grant.whose.user_id,
            "user_email": grant.whose.user_email.as_ref().map(Personal::reveal),
            "previous": previous.name(),
        });
        self.seal("pending", &kept.to_string())
    }

    /// The settings with their secrets in place, read by the connector.
    pub(crate) fn vendor(&self, row: &ConnectionRow) -> Result<Box<dyn Vendor>, StoreError> {
        let connector = connectors::connector(&row.connector);
        let connector = connector.ok_or_else(|| damaged("connector", "there is no such connector"))?;
        let mut settings = row.settings.clone();
        if let Some(secrets) = self.secret_settings(row)? {
            for (pointer, secret) in secrets.as_object().into_iter().flatten() {
                if let Some(place) = settings.pointer_mut(pointer) {
                    *place = secret.clone();
                }
            }
        }
        connector
            .configure(&settings)
            .map_err(|error| damaged("settings", error))
    }

    /// The secrets among the settings, by their JSON pointers.
    pub(crate) fn secret_settings(&self, row: &ConnectionRow) -> Result<Option<Value>, StoreError> {
        let sealed = row.secret_settings.as_deref();
        sealed
            .map(|sealed| parse("secret_settings", &self.open("secret_settings", sealed)?))
            .transpose()
    }

    fn place<'a>(&'a self, column: &'a str) -> Place<'a> {
        Place {
            table: "connection",
            column,
            row: &self.connection,
        }
    }
}

/// Takes the secrets out of `settings`, leaving `null` in their places; keyed by their JSON pointers.
pub(crate) fn take_secrets(settings: &mut Value, pointers: &[&str]) -> Option<Value> {
    let mut secrets = serde_json::Map::new();
    for pointer in pointers {
        if let Some(place) = settings.pointer_mut(pointer).filter(|value| !value.is_null()) {
            secrets.insert((*pointer).to_owned(), place.take());
        }
    }
    (!secrets.is_empty()).then_some(Value::Object(secrets))
}

fn key_place(connection: &str) -> Place<'_> {
    Place {
        table: "connection",
        column: "key",
        row: connection,
    }
}

fn tokens_json(tokens: &Tokens) -> Value {
    json!({"access": tokens.access.reveal(), "refresh": tokens.refresh.as_ref().map(Secret::reveal)})
}

fn tokens(kept: &Value) -> Option<Tokens> {
    let secret = |name| kept.get(name)?.as_str().map(|text| Secret::new(text.to_owned()));
    Some(Tokens {
        access: secret("access")?,
        refresh: secret("refresh"),
    })
}

fn read_pending(kept: &Value) -> Option<Pending> {
    let text = |name| kept.get(name)?.as_str().map(str::to_owned);
    Some(Pending {
        grant: Grant {
            tokens: tokens(kept.get("tokens")?)?,
            received_at: text("received_at")?.parse().ok()?,
            expires_at: text("expires_at")?.parse().ok()?,
            endpoints: serde_json::from_value(kept.get("endpoints")?.clone()).ok()?,
            whose: Whose {
                account_id: text("account_id")?,
                account_name: text("account_name"),
                user_id: text("user_id")?,
                user_email: text("user_email").map(Personal::new),
            },
        },
        previous: text("previous")?.parse().ok()?,
    })
}

fn parse(column: &'static str, text: &str) -> Result<Value, StoreError> {
    // The parser's own words could quote a secret.
    serde_json::from_str(text).map_err(|_| damaged(column, "it is no JSON"))
}

#[expect(clippy::needless_pass_by_value, reason = "errors are handed over by `map_err`")]
fn damaged(column: &'static str, reason: impl ToString) -> StoreError {
    StoreError::Corrupt {
        what: "connection",
        reason: format!("{column}: {}", reason.to_string()),
    }
}
