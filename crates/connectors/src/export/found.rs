//! What an export held.

/// The sums over one export that was read to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Objects, empty ones among them.
    pub objects: u64,
    /// Records of all objects.
    pub records: u64,
    /// Different fields of each object (leaves by their path, list positions aside), added up over the objects.
    pub fields: u64,
    /// Files.
    pub files: u64,
    /// Bytes unpacked.
    pub bytes: u64,
    /// SHA-256 of the archive as it was fetched, in hexadecimal digits.
    pub sha256: String,
    /// The vendor's job that the archive says it is for.
    pub request_id: Option<String>,
}

impl Found {
    /// Whether the vendor holds nothing: no record and no file.
    pub const fn is_nothing(&self) -> bool {
        self.records == 0 && self.files == 0
    }
}
