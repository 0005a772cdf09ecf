//! Vendors: what can be asked of them, how, and what their answers mean.
//!
//! - [`connector`]: `trait Connector` (a kind of system) and `trait Vendor` (one connection, configured).
//! - [`catalog`]: every connector, one line each.
//! - [`job`]: what is asked of a vendor and what it says about it.
//! - [`error`] and [`verdict`]: why a call failed, and what to do then.
//! - [`export`]: fetching an export and reading it as if an enemy had made it.
//! - [`settings`] and [`direct_contact`]: what a connection lets people decide.
//!
//! A connector gets a ready access token and an HTTP transport. It knows no refresh token, no client secret, no
//! database and no clock.

pub mod authorization;
pub mod catalog;
pub mod connector;
pub mod direct_contact;
pub mod error;
pub mod export;
#[cfg(test)]
mod fake;
mod fields;
pub mod job;
pub mod optimizely;
mod retry_after;
mod scrub;
pub mod settings;
pub mod verdict;

pub use authorization::{Authorization, Whose};
pub use catalog::connector;
pub use connector::{Call, Connector, Page, Vendor};
pub use error::{ConnectorError, Said};
pub use fields::SettingsError;
pub use job::{About, JobRequest, LeftOut, Plan, VendorJob, VendorState};
pub use settings::{By, ExportSettings, Settings};
pub use verdict::{Delay, StillRefused, Verdict};
