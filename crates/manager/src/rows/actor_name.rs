//! What the actors of audit events are called.

use store::{StoreError, Tx, args};

use super::operator::OperatorRow;
use crate::{ApiKeyId, OperatorId};

/// An operator, also one that may not log in any more.
pub(crate) async fn operator(tx: &mut Tx, id: OperatorId) -> Result<Option<OperatorRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM operator WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(OperatorRow::from_row).transpose()
}

/// The name of an API key, also of one that was revoked.
pub(crate) async fn api_key(tx: &mut Tx, id: ApiKeyId) -> Result<Option<String>, StoreError> {
    let row = tx
        .fetch_optional("SELECT name FROM api_key WHERE id = $1", args![id])
        .await?;
    row.map(|row| row.get("name")).transpose()
}
