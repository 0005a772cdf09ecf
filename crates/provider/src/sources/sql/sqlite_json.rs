//! A row of SQLite as JSON: each value by its own type, whatever the column says.

use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _, sqlite::SqliteRow};

use super::record_json::RecordJson;

pub(super) fn line(row: &SqliteRow) -> Result<Vec<u8>, sqlx::Error> {
    let mut json = RecordJson::new();
    for (index, column) in row.columns().iter().enumerate() {
        json.name(column.name());
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            json.value(&());
            continue;
        }
        match value.type_info().name() {
            "INTEGER" => json.value(&row.try_get_unchecked::<i64, _>(index)?),
            "REAL" => json.real(row.try_get_unchecked(index)?),
            "TEXT" => json.text(row.try_get_unchecked(index)?),
            _ => json.bytes(row.try_get_unchecked(index)?),
        }
    }
    Ok(json.finish())
}
