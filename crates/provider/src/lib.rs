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
mod steps;
mod subject;
mod web;

pub use actor::Actor;
pub use app::accounts::{CreateAccountError, CreateUserError, CreatedUser, NewUser, UserChangeError};
pub use app::authenticate::{ApiUser, BearerRefusal, Caller, Credential, Service};
pub use exports::{Exports, OpenExportsError};
pub use id::{AccountId, GrantId, RequestId, SarId, SubRequestId, TokenId, UserId};
pub use migrations::MIGRATIONS;
pub use provider::Provider;
pub use role::{Role, UnknownRole};
pub use rows::account::{Account, Membership};
pub use settings::{Settings, SettingsError};
pub use subject::{DataSource, DataType, IdentifierType, RequestType, Status, Subject, SubjectError, UnknownWord};
