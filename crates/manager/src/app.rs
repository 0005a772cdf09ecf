//! The use cases: what people, programs and jobs do, one transaction each, as methods of [`crate::Manager`].

pub(crate) mod access;
mod actor_names;
mod add_connection;
pub(crate) mod adopt_grant;
mod api_keys;
pub(crate) mod approvers;
mod attention;
mod audit_log;
mod begin_authorization;
mod change_connection;
mod check_connection;
pub mod company;
mod complete_authorization;
mod confirm_connection;
pub(crate) mod connection_jobs;
pub(crate) mod connection_locks;
mod connection_reading;
pub(crate) mod connection_state;
mod connection_view;
mod connectors;
pub(crate) mod contact;
pub(crate) mod credentials;
mod disable_connection;
pub(crate) mod dossier;
mod lanes;
pub(crate) mod mails;
mod operators;
pub(crate) mod pace;
mod public_form;
pub(crate) mod refresh;
mod remove_connection;
pub(crate) mod requests;
mod revoke;
pub(crate) mod set_up;
pub(crate) mod sign_in;
pub(crate) mod single_sign_on;
pub(crate) mod subject;
mod token_endpoint;
pub mod webhooks;

pub use add_connection::{AddConnectionError, NewConnection};
pub use api_keys::{ApiKeyView, CreateApiKeyError, KnownApiKey, NewApiKey};
pub use approvers::{ApproverView, AwaitedApproval, ConnectionApprovers, LostApprovers, NameApproversError};
pub use attention::Attention;
pub use audit_log::{AuditFilter, AuditPage, AuditedEvent};
pub use begin_authorization::BeginAuthorizationError;
pub use change_connection::{ChangeConnectionError, ConnectionChanges};
pub use check_connection::CheckConnectionError;
pub use complete_authorization::{CallbackRefused, Completed, Outcome};
pub use confirm_connection::ConfirmConnectionError;
pub use connection_state::{ConnectionState, UnknownConnectionState};
pub use connection_view::{AccountView, ConnectionFault, ConnectionView, UserView};
pub use connectors::ConnectorView;
pub use contact::{
    AnswerContactError, AnswerFault, ContactAnswer, ContactForm, ContactLink, ContactOutcome, ContactToken,
    ContactView, Nudge, Receiving, Upload, UploadError,
};
pub use disable_connection::DisableConnectionError;
pub use dossier::{
    AddedFile, AppliedPolicy, ChangeDossierError, ChangedDossier, DossierError, DossierFileError, DossierView,
    FieldPolicyError, FieldPolicyView, FieldView, FileView, LARGEST_FILE, ObjectPage, ObjectView, PackageError,
    PackageStream, RECORDS_ON_A_PAGE, RecordFieldView, RecordView,
};
pub use mails::{ChangeTemplateError, MailTemplate};
pub use operators::{ChangeOperatorError, CreateOperatorError, NewOperator, OperatorState, OperatorView};
pub use public_form::{FORM_ZERO_BITS, FormFault, MOST_MESSAGE, SentForm, SubmitFormError};
pub use remove_connection::{RemoveConnectionError, RemovedConnection};
pub use requests::{
    AnnotateError, ApprovalsView, Assignee, CauseView, ConnectionApproval, Count, CreateRequestError, Created,
    DecideError, Decision, ExportFormat, ExportPart, ExportRequestsError, FoundView, GivenApproval, HandInError,
    ImportPage, ImportReport, ImportState, ImportView, ImportedRow, LeftOut, NewOptions, NewRequest, NoteView, Notice,
    Once, Order, PauseView, Possible, PossibleDuplicate, Progress, ReceivingImport, RequestFilter, RequestOptionsView,
    RequestPage, RequestView, TakesPart, TaskDecision, TaskView, TriageChange, TriageError, TryImportError,
    UnknownExportFormat, UnknownImportState,
};
pub use sign_in::{
    ChangePasswordError, ConfirmError, Enrolment, Entered, InvitationView, InviteError, Invited, LogInError, LoggedIn,
    NewPasswordError, SecondFactorError, SessionView, SetUpError, SetUpLink, Visitor,
};
pub use single_sign_on::{CameBack, SingleSignOnError};
pub use subject::{DownloadError, DownloadPage, SubjectError, SubjectRequest};
