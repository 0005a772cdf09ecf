//! Which vendor's job belongs to which task, for ever.

use store::{StoreError, Tx, args};

use crate::TaskId;

/// Claims a vendor's job for a task; false where another task has it, or had it.
pub(crate) async fn claim(
    tx: &mut Tx,
    organisation: &str,
    vendor_job_id: &str,
    task: TaskId,
) -> Result<bool, StoreError> {
    tx.execute(
        "INSERT INTO vendor_job (organisation, vendor_job_id, task) VALUES ($1, $2, $3) \
         ON CONFLICT (organisation, vendor_job_id) DO NOTHING",
        args![organisation, vendor_job_id, task],
    )
    .await?;
    let row = tx
        .fetch_one(
            "SELECT task FROM vendor_job WHERE organisation = $1 AND vendor_job_id = $2",
            args![organisation, vendor_job_id],
        )
        .await?;
    Ok(row.parse::<TaskId>("task")? == task)
}

/// The task that has a vendor's job, or had it.
pub(crate) async fn owner(tx: &mut Tx, organisation: &str, vendor_job_id: &str) -> Result<Option<TaskId>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT task FROM vendor_job WHERE organisation = $1 AND vendor_job_id = $2",
            args![organisation, vendor_job_id],
        )
        .await?;
    row.map(|row| row.parse("task")).transpose()
}
