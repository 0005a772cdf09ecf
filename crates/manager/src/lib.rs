//! The request manager: takes privacy requests in, connects to vendors over OAuth 2.0, hands jobs to them, fetches what
//! they found, lets people review it and keeps the proof.
//!
//! [`Manager`] is the one handle, for the binary and for tests. Its use cases (`app/`) are methods, one transaction
//! each; `rows/` holds the SQL, `steps/` the durable work, `web/` the pages and the API.

#[macro_use]
mod words;

pub mod app;
mod by;
mod hex;
mod ids;
mod manager;
mod permission;
mod rows;
mod settings;
mod steps;
mod web;

pub use by::By;
pub use ids::{
    ApiKeyId, ConnectionId, ContactId, DeliveryId, IdError, ImportId, OperatorId, RequestId, SessionId, TaskId,
    UploadId, WebhookId,
};
pub use manager::{Manager, ManagerParts};
pub use permission::{Permission, Role, Scope, Scopes, UnknownRole, UnknownScope};
pub use settings::{Captcha, CaptchaError, CaptchaProvider, SecondFactorRule, Settings, WithoutCaptcha};
pub use web::api::openapi::openapi;

/// What brings a manager's database to this program's version.
pub const MIGRATIONS: &[store::Migration] = &[
    store::migration!("manager", 1, "0001_connections_operators"),
    store::migration!("manager", 2, "0002_requests"),
    store::migration!("manager", 3, "0003_direct_contact"),
    store::migration!("manager", 4, "0004_mail_to_subjects"),
    store::migration!("manager", 5, "0005_sign_in"),
    store::migration!("manager", 6, "0006_lists"),
    store::migration!("manager", 7, "0007_company_settings"),
    store::migration!("manager", 8, "0008_queue"),
    store::migration!("manager", 9, "0009_privacy_centre"),
    store::migration!("manager", 10, "0010_imports"),
    store::migration!("manager", 11, "0011_webhooks"),
    // Those of one component stand together: new ones of ours go above this line.
    mail::OUTBOX,
];
