//! What a request asks for, and what came of it, as templates know it.

words! {
    /// What a request asks for.
    Right, UnknownRight, "expected access or deletion":
    /// A copy of the data.
    Access = "access",
    /// That the data is deleted.
    Deletion = "deletion",
}

words! {
    /// What came of a request that was confirmed once. (One that never was has a mail of its own.)
    ClosedAs, UnknownClosedAs, "not an outcome that a mail tells of":
    /// The copy was fetched.
    Downloaded = "downloaded",
    /// It was not.
    NotDownloaded = "not_downloaded",
    /// It was done.
    Completed = "completed",
    /// It was refused.
    Denied = "denied",
    /// The subject did not answer a question.
    Nonresponsive = "nonresponsive",
    /// The subject called it off.
    Cancelled = "cancelled",
    /// The same request was there already.
    Duplicate = "duplicate",
}
