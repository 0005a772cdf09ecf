//! Opening a service's database and unlocking its vault.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use oauth::Secret;
use store::{MasterKeySource, Migration, OpenStore, SharedClock, Store, SystemClock, sqlite_url};
use vault::{MasterKeys, SharedEntropy, SystemEntropy, Vault};

use super::DataFolder;
use crate::{
    Service,
    configuration::{Environment, Place},
};

/// A service's database, migrated, with its vault.
pub struct Opened {
    /// The folder beside it.
    pub folder: DataFolder,
    /// The database.
    pub store: Store,
    /// Its vault, unlocked.
    pub vault: Vault,
}

/// Opens the database of `service` at `place`, creates what is missing, brings it to this version and unlocks its vault.
pub async fn open_database(
    service: Service,
    place: &Place,
    migrations: &'static [Migration],
    environment: &Environment,
) -> anyhow::Result<Opened> {
    let folder = DataFolder::open_or_create(&place.data)?;
    let own = sqlite_url(folder.path(), service.name());
    let url = place.database.as_ref().map_or(own.as_str(), |url| url.reveal());
    let clock: SharedClock = Arc::new(SystemClock);
    let entropy: SharedEntropy = Arc::new(SystemEntropy);
    let store = Store::open(OpenStore {
        url,
        schema: service.schema(),
        migrations,
        clock,
        entropy,
        crash_points: None,
    })
    .await?;
    let given = given_master_key(environment)?;
    let file = master_key_file(place, &folder);
    let source = given
        .as_ref()
        .map_or(MasterKeySource::File(&file), MasterKeySource::Given);
    let vault = match store.unlock_vault(source).await {
        Ok(vault) => vault,
        Err(error) => {
            store.close().await;
            return Err(error.into());
        }
    };
    Ok(Opened { folder, store, vault })
}

/// The master key of `RIGHTFUL_MASTER_KEY`.
pub(crate) fn given_master_key(environment: &Environment) -> anyhow::Result<Option<MasterKeys>> {
    let text = environment
        .get("RIGHTFUL_MASTER_KEY")
        .map(|text| Secret::new(text.to_owned()));
    text.map(|text| MasterKeys::from_text(text.reveal()))
        .transpose()
        .context("RIGHTFUL_MASTER_KEY is not a master key")
}

/// The file of the master key.
pub(crate) fn master_key_file(place: &Place, folder: &DataFolder) -> PathBuf {
    place.master_key_file.clone().unwrap_or_else(|| folder.master_key())
}
