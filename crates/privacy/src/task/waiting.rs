//! What a task waits for.

words! {
    /// What a waiting task waits for, in order of rank: a task that is held for two reasons says the first of them.
    pub enum WaitingFor("reason to wait") {
        /// The request is paused.
        Pause = "pause",
        /// The grace period of a deletion.
        Grace = "grace",
        /// Somebody must connect the system again.
        Reconnect = "reconnect",
        /// Somebody must confirm whose account the connection now is.
        Confirmation = "confirmation",
        /// The connection is disabled.
        Disabled = "disabled",
        /// The vendor asked the whole organisation to slow down.
        RateLimit = "rate_limit",
        /// The next try after one that failed.
        Retry = "retry",
        /// A person who answers by a mailed form. Not a hold: the answer itself is awaited.
        Processor = "processor",
    }
}

impl WaitingFor {
    /// Would a task held for this reason keep saying so if `other` came on top?
    pub fn outranks(self, other: Self) -> bool {
        self < other
    }
}
