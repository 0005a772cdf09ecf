//! Why a request rests.

words! {
    /// Why a request is paused. The legal deadline keeps running.
    pub enum PauseReason("pause reason") {
        /// Staff talk it over.
        InternalDiscussion = "internal_discussion",
        /// The data must not be touched for now.
        LegalHold = "legal_hold",
        /// The subject was asked something.
        NeedsClarification = "needs_clarification",
        /// Anything else.
        Other = "other",
    }
}
