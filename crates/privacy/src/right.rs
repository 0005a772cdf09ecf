//! The rights a data subject can exercise.

words! {
    /// The right that a privacy request exercises.
    pub enum Right("request type") {
        /// "Show me what you hold about me."
        Access = "access",
        /// "Delete it."
        Deletion = "deletion",
    }
}
