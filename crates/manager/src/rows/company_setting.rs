//! Settings that people edit.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

/// A section as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct SettingRow {
    pub(crate) section: String,
    pub(crate) content: serde_json::Value,
    pub(crate) changed_at: Timestamp,
    pub(crate) changed_by: String,
}

fn from_row(row: &Row) -> Result<SettingRow, StoreError> {
    Ok(SettingRow {
        section: row.get("section")?,
        content: row.json("content")?,
        changed_at: row.get("changed_at")?,
        changed_by: row.get("changed_by")?,
    })
}

/// Every section that somebody has edited.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<SettingRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT section, content, changed_at, changed_by FROM company_setting ORDER BY section",
            args![],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// Stores a section.
pub(crate) async fn store(
    tx: &mut Tx,
    section: &str,
    content: &serde_json::Value,
    changed_by: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO company_setting (section, content, version, changed_at, changed_by) VALUES ($1, $2, 1, $3, $4) \
         ON CONFLICT (section) DO UPDATE SET content = excluded.content, version = company_setting.version + 1, \
         changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        args![section, content.to_string(), now, changed_by],
    )
    .await?;
    Ok(())
}

/// Forgets a section: it is as the configuration says again.
pub(crate) async fn forget(tx: &mut Tx, section: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM company_setting WHERE section = $1", args![section])
        .await?;
    Ok(())
}
