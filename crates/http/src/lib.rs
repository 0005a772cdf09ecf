//! What both services share around HTTP: serving over TLS, reading requests, answering in words people and programs
//! understand, sessions, and the guarded way out.

pub mod client;
pub mod extract;
pub mod problem;
pub mod serve;
pub mod settings;
pub mod tls;
