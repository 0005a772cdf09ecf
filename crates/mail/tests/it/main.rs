//! The outbox from outside, on either database, against a real mail server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod crashes;
mod mailbox;
mod personal;
mod sending;
mod shredding;
mod sink;
mod trouble;
mod world;
