//! What comes out of a statement.

use std::sync::Arc;

use rusqlite::{Statement, types::Value};

use crate::error::DatabaseError;

/// One row, on its own.
pub(crate) struct SqliteRow {
    /// The same for all rows of an answer.
    columns: Arc<[Box<str>]>,
    values: Vec<Value>,
}

impl SqliteRow {
    /// The value of `column`, if there is such a column.
    pub(crate) fn get(&self, column: &str) -> Option<&Value> {
        let place = self.columns.iter().position(|name| &**name == column)?;
        self.values.get(place)
    }
}

pub(super) fn collect(statement: &mut Statement<'_>, most: usize) -> Result<Vec<SqliteRow>, DatabaseError> {
    let columns: Arc<[Box<str>]> = statement.column_names().into_iter().map(Box::from).collect();
    let mut rows = statement.raw_query();
    let mut collected = Vec::new();
    while collected.len() < most
        && let Some(row) = rows.next()?
    {
        let values = (0..columns.len()).map(|place| row.get(place));
        collected.push(SqliteRow {
            values: values.collect::<Result<_, _>>()?,
            columns: Arc::clone(&columns),
        });
    }
    Ok(collected)
}
