//! The store from outside, on SQLite, or on PostgreSQL where `RIGHTFUL_TEST_DATABASE` says so.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod audit;
mod audit_tampering;
mod epoch;
mod jobs;
mod keys;
mod migrations;
mod transactions;
mod world;
