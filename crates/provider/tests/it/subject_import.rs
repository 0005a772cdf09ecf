//! Filling the subject store.

use provider::{AccountId, ImportSubjectsError, Imported};
use serde_json::json;

use crate::{
    subjects::{about, at_any_pace, lines, record},
    world::World,
};

#[tokio::test]
async fn an_import_says_which_line_is_bad_before_anything_is_stored() {
    let world = World::start().await;
    let account = world.acme().await;
    let mut bad = record("grace@example.test", "profile", json!(1));
    bad["data_source"] = json!("nowhere");
    let text = [
        lines(&[record("ada@example.test", "profile", json!(1))]),
        b"\n\n".to_vec(),
        lines(&[bad]),
    ]
    .concat();
    let error = world.provider.check_subjects(text.as_slice()).await.unwrap_err();
    let told = error.to_string();
    assert!(
        told.starts_with("line 3: data_source must be one of app_backend"),
        "{told}"
    );
    assert!(!told.contains("grace"), "{told}");

    let good = lines(&[
        record("ada@example.test", "profile", json!(1)),
        record("ada@example.test", "profile", json!(2)),
    ]);
    assert_eq!(world.provider.check_subjects(good.as_slice()).await.unwrap(), 2);
    let mut heard = Vec::new();
    let imported = world
        .provider
        .import_subjects(account, good.as_slice(), |done| heard.push(done))
        .await;
    assert_eq!(imported.unwrap(), Imported { records: 2, new: 2 });
    assert_eq!(heard, [2]);
    let nobody = world
        .provider
        .import_subjects(AccountId(7), good.as_slice(), |_| {})
        .await;
    assert!(matches!(nobody, Err(ImportSubjectsError::Account(AccountId(7)))));
}

#[tokio::test]
async fn a_repeated_import_stores_what_is_new_and_keeps_the_order() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token("ada@example.test", account).await;
    let all: Vec<_> = (0..1_100)
        .map(|n| record("grace@example.test", "events", json!({ "n": n })))
        .collect();
    assert_eq!(
        world.import(account, &all[..700]).await,
        Imported { records: 700, new: 700 }
    );
    assert_eq!(
        world.import(account, &all).await,
        Imported {
            records: 1_100,
            new: 400
        }
    );
    let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
    let records: Vec<_> = all.iter().map(|one| one["record"].clone()).collect();
    assert_eq!(world.export(&sar).await.records("app_backend/events.ndjson"), records);
}
