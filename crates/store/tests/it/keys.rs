use std::{fs, os::unix::fs::PermissionsExt as _};

use store::{MasterKeySource, UnlockVaultError};
use vault::{MasterKeys, Place, SystemEntropy};

use crate::world::World;

const PLACE: Place<'static> = Place {
    table: "note",
    column: "bytes",
    row: "1",
};

#[tokio::test]
async fn a_new_database_gets_a_key_file_that_only_its_owner_reads() {
    let world = World::new().await;
    let path = world.database.folder().join("master.key");
    let vault = world.store.unlock_vault(MasterKeySource::File(&path)).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let sealed = vault.seal(&PLACE, b"a secret");
    let again = world.store.unlock_vault(MasterKeySource::File(&path)).await.unwrap();
    assert_eq!(again.open(&PLACE, &sealed).unwrap().as_slice(), b"a secret");
}

#[tokio::test]
async fn a_missing_key_is_said_and_no_new_one_is_made() {
    let world = World::new().await;
    let path = world.database.folder().join("master.key");
    world.store.unlock_vault(MasterKeySource::File(&path)).await.unwrap();
    fs::remove_file(&path).unwrap();
    let error = world
        .store
        .unlock_vault(MasterKeySource::File(&path))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, UnlockVaultError::Missing { .. }), "{error}");
    assert!(!path.exists());
}

#[tokio::test]
async fn the_key_of_another_database_is_refused_by_name() {
    let world = World::new().await;
    let path = world.database.folder().join("master.key");
    world.store.unlock_vault(MasterKeySource::File(&path)).await.unwrap();
    let foreign = MasterKeys::generate(&SystemEntropy);
    let error = world
        .store
        .unlock_vault(MasterKeySource::Given(&foreign))
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("another master key"), "{error}");
}
