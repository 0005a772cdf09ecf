//! The vocabulary of the audit log.

words! {
    /// What happened. The words are stable: they are hashed into the audit chain.
    pub enum Event("audit event") {
        /// A request came in.
        RequestCreated = "request.created",
        /// A request came in by import.
        RequestImported = "request.imported",
        /// An earlier request of the same subject asks the same.
        RequestDuplicateFound = "request.duplicate_found",
        /// The verification link was mailed.
        RequestVerificationSent = "request.verification_sent",
        /// The reminder of it was mailed.
        RequestVerificationReminded = "request.verification_reminded",
        /// The subject followed the link, or staff vouched for the subject.
        RequestVerified = "request.verified",
        /// The verification link expired; the request is closed.
        RequestUnverified = "request.unverified",
        /// Another operator takes care of it.
        RequestAssigned = "request.assigned",
        /// Another legal framework applies.
        RequestFrameworkChanged = "request.framework_changed",
        /// Identifiers were added or corrected.
        RequestIdentitiesChanged = "request.identities_changed",
        /// The connections that take part were chosen.
        RequestConnectionsChosen = "request.connections_chosen",
        /// The connections may begin.
        RequestStarted = "request.started",
        /// It rests.
        RequestPaused = "request.paused",
        /// It goes on.
        RequestResumed = "request.resumed",
        /// Every collecting task is settled.
        RequestCollected = "request.collected",
        /// Those who may approve were asked to by mail.
        RequestApprovalAsked = "request.approval_asked",
        /// An approval was given.
        RequestApproved = "request.approved",
        /// The grace period is over; the deletion begins.
        RequestGraceEnded = "request.grace_ended",
        /// Every deletion task is settled.
        RequestDeleted = "request.deleted",
        /// Nothing is left.
        RequestErasureVerified = "request.erasure_verified",
        /// Something is left after the deletion.
        RequestRemainsFound = "request.remains_found",
        /// Whether something is left could not be told.
        RequestErasureUnproven = "request.erasure_unproven",
        /// What is left is deleted once more.
        RequestDeletionRepeated = "request.deletion_repeated",
        /// The request is finished although something is left.
        RequestRemainsAccepted = "request.remains_accepted",
        /// The download link was mailed, first or again.
        RequestDelivered = "request.delivered",
        /// The subject has the dossier.
        RequestDownloaded = "request.downloaded",
        /// The download link expired; the request is closed.
        RequestDownloadExpired = "request.download_expired",
        /// The subject has been told; the request is closed.
        RequestNotified = "request.notified",
        /// Staff refused it.
        RequestDenied = "request.denied",
        /// It was no request.
        RequestMarkedSpam = "request.marked_spam",
        /// The subject did not answer.
        RequestMarkedNonresponsive = "request.marked_nonresponsive",
        /// Another request asks the same.
        RequestMarkedDuplicate = "request.marked_duplicate",
        /// It was withdrawn.
        RequestCancelled = "request.cancelled",
        /// The deadline was put off.
        RequestExtended = "request.extended",
        /// A note was added; the note itself is kept sealed.
        RequestNoted = "request.noted",
        /// Somebody saw identifiers in full.
        RequestViewed = "request.viewed",
        /// Its personal data was destroyed at the end of its term.
        RequestShredded = "request.shredded",
        /// A connection takes part.
        TaskCreated = "task.created",
        /// Something stands in the way.
        TaskHeld = "task.held",
        /// It is gone.
        TaskReleased = "task.released",
        /// The job is about to be sent.
        TaskSubmitting = "task.submitting",
        /// The vendor has the job.
        TaskSubmitted = "task.submitted",
        /// The vendor had the job already; it was found and not sent again.
        TaskAdopted = "task.adopted",
        /// The vendor's word for the job changed.
        TaskVendorStatus = "task.vendor_status",
        /// The vendor is done; its export is being read.
        TaskFetching = "task.fetching",
        /// Done.
        TaskCompleted = "task.completed",
        /// It needs a person.
        TaskFailed = "task.failed",
        /// Somebody wants another try.
        TaskRetried = "task.retried",
        /// It was left out.
        TaskSkipped = "task.skipped",
        /// Somebody ended it.
        TaskStopped = "task.stopped",
        /// A deadline ended it.
        TaskExpired = "task.expired",
        /// A processor was asked by mail.
        DirectContactAsked = "direct_contact.asked",
        /// The processor was reminded.
        DirectContactReminded = "direct_contact.reminded",
        /// The processor did not answer in time.
        DirectContactOverdue = "direct_contact.overdue",
        /// The processor opened the form.
        DirectContactOpened = "direct_contact.opened",
        /// The processor answered.
        DirectContactAnswered = "direct_contact.answered",
        /// The processor was told that the request is withdrawn.
        DirectContactWithdrawn = "direct_contact.withdrawn",
        /// Somebody read what was found.
        DossierViewed = "dossier.viewed",
        /// Somebody chose, redacted or edited.
        DossierChanged = "dossier.changed",
        /// A change was taken back.
        DossierChangeUndone = "dossier.change_undone",
        /// A file was added by hand.
        DossierFileAdded = "dossier.file_added",
        /// A file was removed.
        DossierFileRemoved = "dossier.file_removed",
        /// The package that is handed over was made.
        DossierPackaged = "dossier.packaged",
        /// Staff downloaded the package.
        DossierExported = "dossier.exported",
        /// What was found was destroyed at the end of its term.
        DossierShredded = "dossier.shredded",
        /// A connection was set up.
        ConnectionCreated = "connection.created",
        /// Somebody was sent to the vendor to authorize it.
        ConnectionAuthorizing = "connection.authorizing",
        /// The vendor, or a check of ours, refused the authorization.
        ConnectionAuthorizationFailed = "connection.authorization_failed",
        /// It has a grant that works.
        ConnectionConnected = "connection.connected",
        /// Its tokens were refreshed.
        ConnectionRefreshed = "connection.refreshed",
        /// Its grant is gone.
        ConnectionNeedsReconnect = "connection.needs_reconnect",
        /// It was authorized again, for another account or user.
        ConnectionNeedsConfirmation = "connection.needs_confirmation",
        /// Somebody decided about that.
        ConnectionConfirmed = "connection.confirmed",
        /// The vendor does not know its client.
        ConnectionMisconfigured = "connection.misconfigured",
        /// It was checked.
        ConnectionChecked = "connection.checked",
        /// Administrators were mailed about its errors.
        ConnectionAlerted = "connection.alerted",
        /// Its settings were changed.
        ConnectionChanged = "connection.changed",
        /// Its field policy was changed.
        ConnectionPolicyChanged = "connection.policy_changed",
        /// Somebody must be among those who approve what is found or deleted there.
        ConnectionApproverNamed = "connection.approver_named",
        /// Somebody need not be any more.
        ConnectionApproverRemoved = "connection.approver_removed",
        /// It takes no part any more.
        ConnectionDisabled = "connection.disabled",
        /// It takes part again.
        ConnectionEnabled = "connection.enabled",
        /// Its credentials were erased.
        ConnectionRemoved = "connection.removed",
        /// Somebody logged in.
        SessionStarted = "session.started",
        /// A log-in was refused.
        SessionRefused = "session.refused",
        /// Somebody logged out, or was logged out.
        SessionEnded = "session.ended",
        /// Somebody tried what they may not.
        AccessDenied = "access.denied",
        /// An operator was added.
        UserCreated = "user.created",
        /// An operator was invited.
        UserInvited = "user.invited",
        /// An operator has another role.
        UserRoleChanged = "user.role_changed",
        /// A password was changed.
        UserPasswordChanged = "user.password_changed",
        /// Somebody was mailed a link to choose a new password.
        UserPasswordAsked = "user.password_asked",
        /// Another mail address.
        UserEmailChanged = "user.email_changed",
        /// From now on recognised by what the identity provider calls them.
        UserSingleSignOnBound = "user.single_sign_on_bound",
        /// A second factor was added or removed.
        UserTotpChanged = "user.totp_changed",
        /// An operator may not log in any more.
        UserDisabled = "user.disabled",
        /// An operator may log in again.
        UserEnabled = "user.enabled",
        /// An operator was removed.
        UserRemoved = "user.removed",
        /// An API key was made.
        ApiKeyCreated = "api_key.created",
        /// An API key works no more.
        ApiKeyRevoked = "api_key.revoked",
        /// An event webhook was added.
        WebhookCreated = "webhook.created",
        /// An event webhook was changed.
        WebhookChanged = "webhook.changed",
        /// An event webhook was removed.
        WebhookRemoved = "webhook.removed",
        /// Deliveries to a webhook were given up; administrators were told.
        WebhookFailing = "webhook.failing",
        /// The receiver of a webhook said that it is gone.
        WebhookDisabled = "webhook.disabled",
        /// Somebody had deliveries of a webhook sent again.
        WebhookReplayed = "webhook.replayed",
        /// Somebody had a webhook sent an event that says nothing.
        WebhookTested = "webhook.tested",
        /// Settings were changed.
        SettingsChanged = "settings.changed",
        /// The table of legal frameworks was changed.
        FrameworksChanged = "frameworks.changed",
        /// A mail template was changed.
        TemplateChanged = "template.changed",
        /// A mail could not be sent.
        MailFailed = "mail.failed",
        /// Somebody had such a mail tried again.
        MailSentAgain = "mail.sent_again",
        /// Somebody read a mail of the outbox.
        MailRead = "mail.read",
        /// An import of many requests has ended.
        ImportFinished = "import.finished",
        /// A list of requests was handed in, to be taken in by and by.
        ImportHandedIn = "import.handed_in",
        /// The sealing key was rotated.
        KeyRotated = "key.rotated",
        /// The audit log was exported.
        AuditExported = "audit.exported",
        /// The audit log was verified.
        AuditVerified = "audit.verified",
    }
}
