//! What mails tell of.

words! {
    /// What a mail of ours tells of. Its word is the template's name.
    Event, UnknownEvent, "there is no mail of this name":
    /// A subject is asked to confirm a request.
    Verification = "verification",
    /// The same, once more.
    VerificationReminder = "verification_reminder",
    /// A request was closed because it was not confirmed.
    RequestUnverified = "request_unverified",
    /// The subject's data can be fetched.
    Delivery = "delivery",
    /// The same, once more.
    DeliveryReminder = "delivery_reminder",
    /// A request was closed.
    RequestClosed = "request_closed",
    /// A request takes longer than the law's first term.
    Extension = "extension",
    /// A system's owner is asked for data.
    DirectContactAccess = "direct_contact_access",
    /// A system's owner is asked to delete data.
    DirectContactDeletion = "direct_contact_deletion",
    /// A system's owner is asked once more.
    DirectContactReminder = "direct_contact_reminder",
    /// A system's owner need not do anything any more.
    DirectContactWithdrawn = "direct_contact_withdrawn",
    /// A system's owner did not answer, and the request is blocked.
    DirectContactOverdue = "direct_contact_overdue",
    /// Whoever may approve is asked to review a request.
    ApprovalAwaited = "approval_awaited",
    /// A connection has been failing for long.
    ConnectionAlert = "connection_alert",
    /// A webhook has not been told anything for long.
    WebhookAlert = "webhook_alert",
    /// A new user is asked to choose a password.
    Invitation = "invitation",
    /// A user is asked to choose a new password.
    PasswordReset = "password_reset",
    /// A vendor's customer is told that a request is soon due.
    VendorRequestDue = "vendor_request_due",
    /// The same, once its deadline has passed.
    VendorRequestOverdue = "vendor_request_overdue",
}

impl Event {
    /// Whether only a vendor writes such mails, never who handles requests at many of them.
    pub const fn is_vendors(self) -> bool {
        matches!(self, Self::VendorRequestDue | Self::VendorRequestOverdue)
    }
}
