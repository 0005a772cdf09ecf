//! Where sealed bytes belong.

/// The one place in the database where sealed bytes may stand. Bytes moved to another row, column or table do not
/// open there. Nothing in a place is secret; `row` is an id, never a personal value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The column's name, or what the bytes are when they stand outside a column.
    pub column: &'a str,
    /// The row's id.
    pub row: &'a str,
}

impl Place<'_> {
    /// `header`, then the three parts, each after its length, so that no two places read the same.
    pub(crate) fn bound_to(&self, header: &[u8]) -> Vec<u8> {
        let parts = [self.table, self.column, self.row];
        let mut bytes = Vec::with_capacity(header.len() + parts.iter().map(|part| 8 + part.len()).sum::<usize>());
        bytes.extend_from_slice(header);
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}
