//! The binary's inside: command line, configuration, wiring, the demo.
//!
//! It is a library so that the tests' harness starts services exactly as the binary does.

pub mod browser;
pub mod command_line;
mod commands;
pub mod configuration;
mod demo;
mod doctor;
mod failure;
mod file_input;
mod hex;
mod hints;
mod logging;
pub mod opening;
mod output;
pub mod panics;
mod progress;
mod secret_input;
mod service;
pub mod serving;

pub use commands::run;
pub use failure::Failure;
pub use service::Service;
