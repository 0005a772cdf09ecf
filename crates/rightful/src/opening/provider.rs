//! The provider's handle.

use provider::{Exports, Provider, Settings};

use super::Opened;

/// The provider over an opened database.
pub fn open_provider(opened: &Opened, settings: Settings) -> anyhow::Result<Provider> {
    let exports = Exports::open(&settings, opened.folder.path(), &opened.store, &opened.vault)?;
    Ok(Provider::open(
        settings,
        opened.store.clone(),
        opened.vault.clone(),
        exports,
    )?)
}
