//! Whether a connection can work.

words! {
    /// How a connection is.
    ConnectionState, UnknownConnectionState, "no connection state":
    /// Nobody has authorized it yet.
    PendingAuthorization = "pending_authorization",
    /// Its grant works.
    Connected = "connected",
    /// Its grant is gone: a person has to authorize it again.
    NeedsReconnect = "needs_reconnect",
    /// The vendor does not accept its client id or secret.
    Misconfigured = "misconfigured",
    /// It was authorized again, for another account or user: somebody has to decide.
    NeedsConfirmation = "needs_confirmation",
    /// It takes no part.
    Disabled = "disabled",
}

impl ConnectionState {
    /// Whether a person has to do something before it works.
    pub const fn needs_a_person(self) -> bool {
        !matches!(self, Self::Connected | Self::Disabled)
    }

    /// In words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PendingAuthorization => "Waiting for authorization",
            Self::Connected => "Connected",
            Self::NeedsReconnect => "Needs to be reconnected",
            Self::Misconfigured => "Client not accepted",
            Self::NeedsConfirmation => "Waiting for your confirmation",
            Self::Disabled => "Disabled",
        }
    }
}
