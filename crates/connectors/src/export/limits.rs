//! How much of an export is read.

/// Limits against archives that are made to hurt. What goes beyond one is refused whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in all, unpacked; the archive itself may not be longer either.
    pub max_bytes: u64,
    /// Entries of the archive, folders among them.
    pub max_entries: u64,
    /// Unpacked bytes for each packed byte, of one entry and of the whole; small entries may have more.
    pub max_ratio: u64,
    /// Bytes of one record: more in one piece is kept as a file. This bounds the memory that reading takes.
    pub max_record: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 5 << 30,
            max_entries: 50_000,
            max_ratio: 200,
            max_record: 8 << 20,
        }
    }
}
