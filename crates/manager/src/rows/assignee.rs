//! Who takes care of a request.

use store::{StoreError, Tx, args};

use crate::{OperatorId, RequestId};

/// Who takes care of a request, if anybody does.
pub(crate) async fn of_request(tx: &mut Tx, request: RequestId) -> Result<Option<OperatorId>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT operator FROM request_assignee WHERE request = $1",
            args![request],
        )
        .await?;
    row.map(|row| row.parse("operator")).transpose()
}

/// Gives a request to an operator, or to nobody.
pub(crate) async fn set(tx: &mut Tx, request: RequestId, operator: Option<OperatorId>) -> Result<(), StoreError> {
    let now = tx.now();
    match operator {
        Some(operator) => {
            tx.execute(
                "INSERT INTO request_assignee (request, operator, assigned_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (request) DO UPDATE SET operator = excluded.operator, assigned_at = excluded.assigned_at",
                args![request, operator, now],
            )
            .await?
        }
        None => {
            tx.execute("DELETE FROM request_assignee WHERE request = $1", args![request])
                .await?
        }
    };
    Ok(())
}
