//! A new master key, while servers go on.

use serde_json::json;
use vault::MasterKeys;

use crate::{
    subjects::{about, at_any_pace, record},
    world::World,
};

#[tokio::test]
async fn accounts_data_keys_need_no_older_master_key() {
    // They lie under the root key, which is the same as before and is sealed anew: what `key rotate` does.
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token("ada@example.test", account).await;
    world
        .import(account, &[record("grace@example.test", "events", json!(1))])
        .await;
    let path = world.database.folder().join("master.key");
    let keys = MasterKeys::load_file(&path).unwrap();
    let keys = keys
        .with_new_current(&**world.provider.store().entropy())
        .without_older();
    std::fs::remove_file(&path).unwrap();
    keys.save_file(&path).unwrap();
    let mut tx = world.provider.store().write().await.unwrap();
    tx.save_root_key(&world.provider.vault().rewrap_root(&keys))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    // The server that was up before, and one that is started after it, with the new key alone.
    let started = world.replica().await;
    for server in [&world, &started] {
        let sar = server.carry_out(&token, &about("access", "grace@example.test")).await;
        let export = started.export(&sar).await;
        assert_eq!(export.records("app_backend/events.ndjson"), [json!(1)]);
    }
}
