//! How many tasks still need a connection.

use store::{StoreError, Tx};

use crate::ConnectionId;

/// Tasks of this connection that are neither done nor given up.
pub(crate) async fn count(tx: &mut Tx, connection: ConnectionId) -> Result<i64, StoreError> {
    super::task::count_open(tx, connection).await
}
