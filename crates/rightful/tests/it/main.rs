//! The binary as a process: what people and scripts see of it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

mod demo;
mod demo_carries_on;
mod doctor;
mod leaks;
mod mail_commands;
mod manager_commands;
mod panics;
mod place;
mod process;
mod provider_commands;
mod readme;
mod refusals;
mod request_commands;
mod serving;
mod usage;
mod walkthrough;
mod webhook_commands;
