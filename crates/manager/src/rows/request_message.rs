//! What subjects wrote to go with their requests.

use store::{StoreError, Tx, args};

use crate::RequestId;

/// Keeps a sealed message.
pub(crate) async fn insert(tx: &mut Tx, request: RequestId, sealed: Vec<u8>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO request_message (request, sealed) VALUES ($1, $2)",
        args![request, sealed],
    )
    .await?;
    Ok(())
}

/// The sealed message of a request.
pub(crate) async fn find(tx: &mut Tx, request: RequestId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx
        .fetch_optional("SELECT sealed FROM request_message WHERE request = $1", args![request])
        .await?;
    row.map(|row| row.get("sealed")).transpose()
}
