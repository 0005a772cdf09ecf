//! The provider through its router, on a database of its own for each test.

mod accounts;
mod api_calls;
mod applications;
mod browser;
mod exports_s3;
mod login;
mod oauth_authorize;
mod oauth_clients;
mod oauth_codes;
mod oauth_consent;
mod oauth_refresh;
mod oauth_revocation;
mod personal_tokens;
mod schema;
mod subject_access;
mod subject_crashes;
mod subject_import;
mod subject_teams;
mod subjects;
mod world;
