//! For tests only: both services started for real, as the binary starts them; people who use them; crashes on purpose.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! let world = testkit::World::start().await?;
//! let customer = world.customer("Acme").await?;
//! let api = world.api_key().await?;
//! let connection = world.connect(&customer, &api).await?;
//! # Ok(()) }
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null, it does not panic")]

mod api;
mod crashes;
mod database;
pub mod dependencies;
pub mod kill;
mod people;
pub mod process;
pub mod simulate;
pub mod simulation;
mod world;

pub use api::Api;
pub use crashes::{CrashAt, survives_a_crash_at_every_point};
pub use database::{fresh_database, open_raw};
pub use people::{ADMINISTRATOR_PASSWORD, Customer};
pub use rightful::browser::{Browser, Form, Page};
pub use world::{Setup, World};
