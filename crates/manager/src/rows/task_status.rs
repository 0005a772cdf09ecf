//! How many tasks stand where.

use privacy::task::TaskStatus;
use store::{AssertSqlSafe, StoreError, Tx, Value};

use crate::RequestId;

/// How many tasks of each of these requests have which status.
pub(crate) async fn counts(
    tx: &mut Tx,
    requests: &[RequestId],
) -> Result<Vec<(RequestId, TaskStatus, u64)>, StoreError> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=requests.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT request, status, COUNT(*) AS tasks FROM task WHERE request IN ({}) GROUP BY request, status",
        places.join(", ")
    );
    let values: Vec<Value> = requests.iter().map(|id| (*id).into()).collect();
    let rows = tx.fetch_all(AssertSqlSafe(sql), values).await?;
    rows.iter()
        .map(|row| {
            let tasks = u64::try_from(row.get::<i64>("tasks")?).unwrap_or_default();
            Ok((row.parse("request")?, row.parse("status")?, tasks))
        })
        .collect()
}
