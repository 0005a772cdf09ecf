//! `rightful … key rotate`: the same for both services.

use serde_json::json;
use store::{Migration, Store};
use vault::{MasterKeys, Vault};

use super::{Call, log_warnings};
use crate::{
    Failure,
    configuration::Place,
    opening::{given_master_key, master_key_file, open_database},
};

/// A new master key in front of the others, and the root keys sealed under it. The older keys stay in the file, for
/// backups that were sealed under them. Servers go on: they have the root keys, which are the same as before.
pub(super) async fn rotate(call: &Call, place: &Place, migrations: &'static [Migration]) -> anyhow::Result<()> {
    log_warnings(place)?;
    if given_master_key(&call.environment)?.is_some() {
        return Err(
            Failure::new("the master key comes from RIGHTFUL_MASTER_KEY, which a program can't change")
                .hint("keep the key in a file (master_key_file) to have it rotated here")
                .into(),
        );
    }
    let opened = open_database(call.service, place, migrations, &call.environment).await?;
    let path = master_key_file(place, &opened.folder);
    // The file first: a key that seals the database must never be only in memory.
    let keys = MasterKeys::load_file(&path)?.with_new_current(&**opened.store.entropy());
    keys.save_file(&path)?;
    reseal(&opened.store, &opened.vault, &keys).await?;
    opened.store.close().await;
    let (id, older) = (keys.current_id().to_string(), keys.ids().count().saturating_sub(1));
    call.output
        .answer(&json!({"key_id": id, "older_keys": older}), || {
            format!(
                "the master key is {id} now, first in {}; {older} older kept for backups. Back the file up, apart from the database.",
                path.display()
            )
        })?;
    Ok(())
}

async fn reseal(store: &Store, vault: &Vault, keys: &MasterKeys) -> anyhow::Result<()> {
    let mut tx = store.write().await?;
    tx.lock("root_key", "").await?;
    tx.save_root_key(&vault.rewrap_root(keys)).await?;
    tx.audit(store::NewEvent {
        actor: "cli".to_owned(),
        origin: None,
        action: "master_key.rotated".to_owned(),
        object: format!("master_key:{}", keys.current_id()),
        detail: json!({}),
    });
    tx.commit().await?;
    Ok(())
}
