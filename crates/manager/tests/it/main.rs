//! The manager as its users see it: driven through its router, its jobs run by its runner, on a virtual clock.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod api_keys;
mod app;
mod company;
mod conflicts;
mod connecting;
mod direct_contact;
mod documented;
mod mailbox;
mod mails;
mod matrix;
mod migrations;
mod portal;
mod portal_requests;
mod portal_settings;
mod privacy_centre;
mod requests;
mod sign_in;
mod single_sign_on;
mod tampering;
mod tokens;
mod vendor;
mod webhooks;
