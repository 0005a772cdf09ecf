//! How a request ended.

words! {
    /// How a closed request ended.
    pub enum Outcome("outcome") {
        /// The subject has the dossier.
        Downloaded = "downloaded",
        /// The dossier waited for the subject until its link expired.
        NotDownloaded = "not_downloaded",
        /// The deletion was carried out and the subject was told.
        Completed = "completed",
        /// Nobody confirmed that the request came from the subject.
        Unverified = "unverified",
        /// Staff refused the request, see [`DenialGround`].
        Denied = "denied",
        /// Not a request at all.
        Spam = "spam",
        /// The subject did not answer questions.
        Nonresponsive = "nonresponsive",
        /// Withdrawn before anything was deleted.
        Cancelled = "cancelled",
        /// Another request asks the same.
        Duplicate = "duplicate",
    }
}

words! {
    /// Why a request was denied. What staff want to add in free text is kept sealed, not here.
    pub enum DenialGround("denial ground") {
        /// The person could not be identified (GDPR article 12(2)).
        NotIdentified = "not_identified",
        /// Manifestly unfounded (GDPR article 12(5)).
        Unfounded = "unfounded",
        /// Excessive, in particular repetitive (GDPR article 12(5)).
        Excessive = "excessive",
        /// A law demands that the data be kept, or withheld.
        LegalObligation = "legal_obligation",
        /// Handing it over would harm the rights of others (GDPR article 15(4)).
        RightsOfOthers = "rights_of_others",
        /// No law gives this person this right here.
        NotApplicable = "not_applicable",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// What is known about the erasure after a deletion.
    pub enum ErasureProof("erasure proof") {
        /// An access job after the deletion found nothing.
        Erased = "erased",
        /// It still found something, and a person accepted that.
        RemainsAccepted = "remains_accepted",
        /// It was asked for and could not be carried out.
        Unproven = "unproven",
        /// It was not asked for.
        NotAsked = "not_asked",
    }
}
