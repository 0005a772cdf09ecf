//! Why a mail could not be sent, this time or for good.

words! {
    /// A cause. Its word stands in the database; what the server said is sealed, because servers quote addresses.
    Cause, UnknownCause, "not a cause of failure":
    /// No way to send mails is configured.
    NoMailer = "no_mailer",
    /// No connection.
    Unreachable = "unreachable",
    /// The server took too long, or the connection broke: the mail may have arrived.
    Broken = "broken",
    /// The server's certificate is not trusted.
    Certificate = "certificate",
    /// The server does not encrypt.
    NoEncryption = "no_encryption",
    /// User name and password were refused, or are asked for and not configured.
    Credentials = "credentials",
    /// A passing refusal (4xx): greylisting, a full mailbox, a busy server.
    Deferred = "deferred",
    /// A lasting refusal (5xx): no such address, not allowed to send there.
    Refused = "refused",
    /// The address needs SMTPUTF8 (RFC 6531), which the server does not have.
    AddressNotSupported = "address_not_supported",
    /// What answers does not speak SMTP.
    NotSmtp = "not_smtp",
    /// What was sealed does not open.
    Unreadable = "unreadable",
    /// What it was about has been forgotten meanwhile.
    Forgotten = "forgotten",
}

impl Cause {
    /// The cause in plain words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoMailer => "no mailer is configured",
            Self::Unreachable => "the mail server could not be reached",
            Self::Broken => "the mail server did not answer in time, or the connection broke",
            Self::Certificate => {
                "the mail server's certificate is not trusted; name its authority in extra_ca if it is yours"
            }
            Self::NoEncryption => "the mail server does not offer encryption (STARTTLS)",
            Self::Credentials => "the mail server refused the user name and password of smtp_url, or wants some",
            Self::Deferred => "the mail server asked to try again later",
            Self::Refused => "the mail server refused the mail",
            Self::AddressNotSupported => {
                "the mail server can't take addresses with letters beyond ASCII (it lacks SMTPUTF8)"
            }
            Self::NotSmtp => "what answers at the address of smtp_url does not speak SMTP as expected",
            Self::Unreadable => "the sealed mail could not be opened",
            Self::Forgotten => "what it was about was deleted before it could be sent",
        }
    }

    /// True where trying again can't help, whatever is repaired on our side.
    pub(crate) const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::AddressNotSupported | Self::Unreadable | Self::Forgotten
        )
    }
}
