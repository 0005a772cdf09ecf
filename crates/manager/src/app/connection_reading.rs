//! What pages ask about a connection beside its view.

use connectors::Authorization;
use serde_json::Value;
use store::{Event, StoreError};

use crate::{ConnectionId, Manager, rows};

impl Manager {
    /// How the connection is authorized, and what people should read before; none where there is nothing to authorize.
    pub async fn connection_authorization(&self, id: ConnectionId) -> Result<Option<Authorization>, StoreError> {
        let row = rows::connection::by_id(&mut self.store().read().await?, id).await?;
        let Some(row) = row else { return Ok(None) };
        let set_up = self.keyring(&row)?.set_up(&row)?;
        Ok(set_up.vendor().map(connectors::Vendor::authorization))
    }

    /// The connector's name and the settings as they were given, `null` in the places of secrets.
    pub async fn connection_settings(&self, id: ConnectionId) -> Result<Option<(String, Value)>, StoreError> {
        let row = rows::connection::by_id(&mut self.store().read().await?, id).await?;
        Ok(row.map(|row| (row.connector, row.settings)))
    }

    /// The last events about `object`, newest first.
    pub async fn recent_events(&self, object: &str, limit: i64) -> Result<Vec<Event>, StoreError> {
        self.store().read().await?.recent_events(object, limit).await
    }
}
