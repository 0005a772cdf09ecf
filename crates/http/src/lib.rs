//! HTTP shared by both services: serving over TLS, reading requests, answering in words people and programs
//! understand, sessions, the look of pages, and the guarded way out.

pub mod client;
pub mod client_address;
pub mod csrf;
pub mod extract;
pub mod front;
pub mod headers;
pub mod health;
pub mod metrics;
pub mod pages;
pub mod passwords;
pub mod problem;
pub mod serve;
pub mod session;
pub mod settings;
pub mod tls;
pub mod totp;

pub use client_address::{ClientAddress, TrustedProxies};
pub use front::{Asked, ErrorPages, Front, ReadyFront, RequestId};
