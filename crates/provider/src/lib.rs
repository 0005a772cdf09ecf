//! The vendor's side: an OAuth 2.0 authorization server, the REST API v2 with its subject access requests, and the
//! pages that belong to them. [`Provider`] is the handle that the binary and the tests hold.
//!
//! `app` holds the use cases (one transaction each), `rows` the SQL, `steps` the durable work, `web` what a browser or
//! an API client sees. Use cases name no HTTP type; handlers hold no rule.

mod actor;
mod app;
mod exports;
mod id;
mod migrations;
mod provider;
mod role;
mod rows;
mod settings;
mod sources;
mod steps;
mod subject;
mod web;

pub use actor::Actor;
pub use app::accounts::{CreateAccountError, CreateUserError, CreatedUser, NewUser, UserChangeError};
pub use app::applications::{
    Application, ApplicationError, FieldFault, NewApplication, Overlap, Registered, UnknownOverlap,
};
pub use app::asker::Asker;
pub use app::authenticate::{ApiUser, BearerRefusal, Caller, Credential, Service};
pub use app::authorize::{Asked, AskingApplication, AuthorizeError, Waiting};
pub use app::change_password::ChangePasswordError;
pub use app::clients::EndpointError;
pub use app::forgotten_password::ResetPasswordError;
pub use app::grants::{AuthorizedApplication, RevokeGrantError};
pub use app::import_subjects::{ImportSubjectsError, Imported};
pub use app::invitations::{Invitation, InvitationError, Invited};
pub use app::members::{Member, MemberError};
pub use app::personal_tokens::{IssuedToken, ListedService, ListedToken, TokenChangeError};
pub use app::privacy_dashboard::{SarFilter, SourceProgress};
pub use app::profile::Profile;
pub use app::proof::ProofError;
pub use app::sessions::{LogInError, LoggedIn, OtherSession, Session};
pub use app::sub_requests::{SubRequest, SubRequestError, SubRequestUpdate};
pub use app::subject_access::{Page, PageNumber, Sar, SarError};
pub use app::team_requests::TeamShare;
pub use app::throttles::Throttled;
pub use app::two_step::{Enrolment, TwoStepError};
pub use app::two_step_rule::TwoStepRuleError;
pub use exports::{
    EmbeddedS3, ExportError, Exports, NotAnS3Location, ObjectStream, OpenExportsError, S3Keys, S3Location, Upload,
};
pub use id::{AccountId, GrantId, InvitationId, RequestId, SarId, SubRequestId, TokenId, UserId};
pub use migrations::MIGRATIONS;
pub use provider::Provider;
pub use rightful_http::passwords::PasswordRule;
pub use role::{Role, UnknownRole};
pub use rows::account::{Account, Membership};
pub use settings::{Settings, SettingsError};
pub use sources::{
    import_line::LineError,
    sql::{CheckedSource, DataSourceKind, DataSourceSettings, ObjectSettings, SourceState},
};
pub use subject::{DataSource, DataType, IdentifierType, RequestType, Status, Subject, SubjectError, UnknownWord};
pub use web::api::openapi::openapi;
