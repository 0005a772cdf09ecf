//! Opening a service, for serving as for a single command: data folder, database, master key, handle.

mod address;
mod data_folder;
mod database;
mod manager;
mod provider;

pub use address::PublicAddress;
pub(crate) use address::remember;
pub use data_folder::DataFolder;
pub(crate) use data_folder::mode;
pub use database::{Opened, open_database};
pub(crate) use database::{given_master_key, master_key_file};
pub use manager::{client_settings, mailer_settings, open_manager};
pub use provider::open_provider;
