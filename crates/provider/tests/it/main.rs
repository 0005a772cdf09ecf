//! The provider through its router, on a database of its own for each test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod accounts;
mod api_calls;
mod applications;
mod audited;
mod browser;
mod connect_button;
mod data_sources;
mod deadlines;
mod export_memory;
mod exports_s3;
mod express;
mod forgotten_password;
mod key_rotation;
mod login;
mod mails;
mod matrix;
mod oauth2_crate;
mod oauth_authorize;
mod oauth_claims;
mod oauth_clients;
mod oauth_codes;
mod oauth_consent;
mod oauth_refresh;
mod oauth_revocation;
mod passwords;
mod personal_tokens;
mod privacy_requests;
mod replicas;
mod schema;
#[path = "../../../mail/tests/it/sink.rs"]
#[expect(dead_code, reason = "the mail crate's own tests ask it more")]
mod sink;
mod subject_access;
mod subject_crashes;
mod subject_import;
mod subject_teams;
mod subjects;
mod team_pages;
mod token_lives;
mod trouble;
mod two_step;
mod users;
mod vendor_database;
mod world;
