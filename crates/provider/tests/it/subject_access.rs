//! The life of access requests and deletions.

use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use provider::Role;
use serde_json::json;
use store::args;

use crate::{
    subjects::{about, at_any_pace, record},
    world::World,
};

const ADA: &str = "ada@example.test";

fn time(value: &serde_json::Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_access_request_exports_everything_about_one_person_and_nothing_else() {
    // SEC-40
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let other = world.account("Other").await;
    let token = world.token(ADA, account).await;
    let mut billing = record("Grace@Example.test", "Rechnung / 2024", json!("marker-billing"));
    billing["data_source"] = json!("business_systems");
    let mut cookie = record("grace@example.test", "profile", json!("marker-cookie"));
    cookie["identifier_type"] = json!("other");
    let mut user = record("grace@example.test", "profile", json!("marker-user"));
    user["data_type"] = json!("user");
    world
        .import(
            account,
            &[
                record(
                    "grace@example.test",
                    "profile",
                    json!({ "name": "Grace", "score": 1.10 }),
                ),
                record("grace@example.test", "events", json!({ "n": 1 })),
                record("grace@example.test", "events", json!({ "n": 2 })),
                billing,
                cookie,
                user,
                record("mallory@example.test", "profile", json!("marker-mallory")),
            ],
        )
        .await;
    world
        .import(other, &[record("grace@example.test", "profile", json!("marker-other"))])
        .await;

    let asked = world.ask(&token, &about("access", " GRACE@example.test")).await;
    assert_eq!(asked["status"], "pending");
    assert_eq!(asked["account_id"], account.0);
    assert_eq!(asked["identifier"], " GRACE@example.test");
    assert_eq!(time(&asked["requested_at_time"]), world.now());
    let sla = time(&asked["sla_deadline_time"]).duration_since(world.now());
    assert_eq!(sla, SignedDuration::from_hours(30 * 24));
    for absent in ["export_location", "expired_at_time"] {
        assert!(asked.get(absent).is_none(), "{absent}");
    }
    assert!(asked["completed_at_time"].is_null());

    world.work().await;
    let sar = world.sar(&token, &asked["id"]).await;
    assert_eq!(sar["status"], "completed");
    assert_eq!(time(&sar["completed_at_time"]), world.now());
    let lives = time(&sar["expired_at_time"]).duration_since(world.now());
    assert_eq!(lives, SignedDuration::from_hours(7 * 24));
    let location = sar["export_location"].as_str().unwrap();
    let place = format!("https://vendor.test/rightful-exports/{account}-{}.zip?", sar["id"]);
    assert!(location.starts_with(&place), "{location}");

    let export = world.export(&sar).await;
    assert_eq!(export.manifest["request_id"], sar["id"]);
    let names: Vec<&str> = export.members.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "app_backend/events.ndjson",
            "app_backend/profile.ndjson",
            "business_systems/Rechnung___2024.ndjson"
        ]
    );
    assert_eq!(
        export.records("app_backend/events.ndjson"),
        [json!({ "n": 1 }), json!({ "n": 2 })]
    );
    // Numbers are as they were written.
    assert_eq!(
        export.members["app_backend/profile.ndjson"],
        "{\"name\":\"Grace\",\"score\":1.1}\n"
    );
    let listed = &export.manifest["members"][2];
    assert_eq!(listed["object"], "Rechnung / 2024");
    assert_eq!(listed["data_source"], "business_systems");
    for marker in ["marker-mallory", "marker-other", "marker-cookie", "marker-user"] {
        assert!(!export.text().contains(marker), "{marker}");
    }
    assert!(world.audited().await.contains(&"export.downloaded".to_owned())); // SEC-44
}

#[tokio::test]
async fn a_person_nobody_knows_gets_an_empty_export() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    let sar = world.carry_out(&token, &about("access", "nobody@example.test")).await;
    let export = world.export(&sar).await;
    assert_eq!(export.manifest["members"], json!([]));
}

#[tokio::test]
async fn an_export_goes_at_its_time_with_its_link() {
    // SEC-41
    let world = World::start_with(|settings| {
        at_any_pace(settings);
        settings.export_ttl = "2h".parse().unwrap();
    })
    .await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    world
        .import(account, &[record("grace@example.test", "profile", json!(1))])
        .await;
    let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
    let location = sar["export_location"].as_str().unwrap();
    assert!(location.contains("X-Amz-Expires=7200"), "{location}");

    world.later(7_199);
    let sar = world.sar(&token, &sar["id"]).await;
    assert!(sar["export_location"].as_str().unwrap().contains("X-Amz-Expires=1&"));
    world.work().await;
    assert_eq!(world.fetch(location).await.0, StatusCode::OK);

    world.later(1);
    let expired = world.sar(&token, &sar["id"]).await;
    assert!(expired.get("export_location").is_none());
    assert_eq!(expired["expired_at_time"], sar["expired_at_time"]);
    world.work().await;
    // The object is gone, not only the link.
    assert_eq!(world.fetch(location).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_deletion_removes_one_person_from_one_account_for_good() {
    // SEC-42
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let other = world.account("Other").await;
    world.user(other, "olga@example.test", Role::Administrator).await;
    let token = world.token(ADA, account).await;
    let olga = world.token("olga@example.test", other).await;
    let grace = |n: i32| {
        record(
            "grace@example.test",
            "events",
            json!({ "n": n, "secret": "marker-grace" }),
        )
    };
    let many: Vec<_> = (0..1_203).map(grace).collect();
    let imported = world.import(account, &many).await;
    assert_eq!((imported.records, imported.new), (1_203, 1_203));
    world
        .import(account, &[record("mallory@example.test", "profile", json!("mallory"))])
        .await;
    world.import(other, &[grace(1)]).await;
    let before = world.carry_out(&token, &about("access", "grace@example.test")).await;
    assert_eq!(
        world.export(&before).await.records("app_backend/events.ndjson").len(),
        1_203
    );

    let deleted = world.carry_out(&token, &about("delete", "Grace@example.test")).await;
    assert!(deleted.get("export_location").is_none());
    assert!(deleted.get("expired_at_time").is_none());

    // The earlier export of the same person went too.
    assert_eq!(
        world.fetch(before["export_location"].as_str().unwrap()).await.0,
        StatusCode::NOT_FOUND
    );
    assert!(world.sar(&token, &before["id"]).await.get("export_location").is_none());
    let after = world.carry_out(&token, &about("access", "grace@example.test")).await;
    assert_eq!(world.export(&after).await.manifest["members"], json!([]));

    // Others, and the same person elsewhere, are as they were.
    let mallory = world.carry_out(&token, &about("access", "mallory@example.test")).await;
    assert_eq!(
        world.export(&mallory).await.records("app_backend/profile.ndjson"),
        [json!("mallory")]
    );
    let elsewhere = world.carry_out(&olga, &about("access", "grace@example.test")).await;
    assert_eq!(
        world
            .export(&elsewhere)
            .await
            .records("app_backend/events.ndjson")
            .len(),
        1
    );

    let mut read = world.provider.store().read().await.unwrap();
    let left = read
        .fetch_one(
            "SELECT COUNT(*) AS left_over FROM subject_record WHERE account_id = $1",
            args![account.0],
        )
        .await
        .unwrap();
    assert_eq!(left.get::<i64>("left_over").unwrap(), 1);
    let events = read.events(None, 0, 1_000).await.unwrap();
    let proof = events
        .iter()
        .find(|event| event.action == "subject_access.deleted")
        .unwrap();
    let proof: serde_json::Value = serde_json::from_str(&proof.detail).unwrap();
    assert_eq!(proof["records"], 1_203);
    assert_eq!(proof["subject"].as_str().unwrap().len(), 64);
    drop(read);

    // No file ever held the person in clear.
    for marker in ["marker-grace", "grace@example.test", "Grace@example.test", "mallory"] {
        assert_eq!(
            files_with(world.database.folder(), marker),
            Vec::<String>::new(),
            "{marker}"
        );
    }
}

/// The files under `folder` that hold `marker`.
pub(crate) fn files_with(folder: &std::path::Path, marker: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, marker));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            if bytes.windows(marker.len()).any(|window| window == marker.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn what_is_deleted_can_be_imported_and_deleted_again() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    let grace = [record("grace@example.test", "profile", json!("grace"))];
    for _ in 0..2 {
        assert_eq!(world.import(account, &grace).await.new, 1);
        assert_eq!(world.import(account, &grace).await.new, 0);
        let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
        assert_eq!(world.export(&sar).await.members.len(), 1);
        world.carry_out(&token, &about("delete", "grace@example.test")).await;
    }
}

#[tokio::test]
async fn requests_are_carried_out_by_a_process_that_serves_nothing() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    world
        .import(account, &[record("grace@example.test", "profile", json!("grace"))])
        .await;
    let asked = world.ask(&token, &about("access", "grace@example.test")).await;
    let worker = world.replica().await;
    worker.work().await;
    let sar = world.sar(&token, &asked["id"]).await;
    assert_eq!(world.export(&sar).await.members.len(), 1);
}

#[tokio::test]
async fn a_large_export_goes_up_in_parts_and_comes_down_whole() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    // 24 MiB that hardly compress.
    let noise = |n: u32| -> String {
        let mut state = n.wrapping_mul(2_654_435_761).wrapping_add(1);
        (0..512 * 1024)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[(state >> 26) as usize])
            })
            .collect()
    };
    let records: Vec<_> = (0..48)
        .map(|n| record("grace@example.test", "files", json!(noise(n))))
        .collect();
    world.import(account, &records).await;
    let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
    let (_, headers, bytes) = world.fetch(sar["export_location"].as_str().unwrap()).await;
    assert!(bytes.len() > 16 << 20, "{}", bytes.len());
    assert_eq!(headers["content-length"], bytes.len().to_string());
    let export = crate::subjects::Export::read(&bytes);
    assert_eq!(
        export.records("app_backend/files.ndjson"),
        records.iter().map(|one| one["record"].clone()).collect::<Vec<_>>()
    );
    // Nothing of the upload is left over.
    let uploads = world.database.folder().join("s3/rightful-exports/uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0);
}

#[tokio::test]
async fn a_store_that_fails_is_tried_again_and_in_the_end_the_request_fails_with_its_cause() {
    // SEC-46
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    let asked = world.ask(&token, &about("access", "grace@example.test")).await;
    // Where new objects are written there is a file instead of a folder.
    let folder = world.database.folder().join("s3/rightful-exports/new");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    for _ in 0..25 {
        world.work().await;
        world.later(900);
    }
    let sar = world.sar(&token, &asked["id"]).await;
    assert_eq!(sar["status"], "failure");
    assert!(sar.get("export_location").is_none());
    let mut browser = world.logged_in(ADA).await;
    let page = browser.get("/accountsettings/privacy-requests").await;
    assert!(page.text.contains("the export store failed"), "{}", page.text);
}

#[tokio::test]
async fn only_administrators_of_the_account_make_and_see_its_requests() {
    // SEC-16
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let other = world.account("Other").await;
    world.user(account, "uma@example.test", Role::User).await;
    world.user(other, "olga@example.test", Role::Administrator).await;
    let ada = world.token(ADA, account).await;
    let uma = world.token("uma@example.test", account).await;
    let olga = world.token("olga@example.test", other).await;
    let sar = world.ask(&ada, &about("access", "grace@example.test")).await;
    let path = format!("/v2/subject-access-requests/{}", sar["id"]);

    for (method, path) in [
        (Method::GET, path.as_str()),
        (Method::GET, "/v2/subject-access-requests"),
        (Method::POST, "/v2/subject-access-requests"),
    ] {
        let answer = world
            .call(method, &uma, path, &about("delete", "grace@example.test"))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.json()["code"], "forbidden");
        assert_eq!(answer.header("www-authenticate"), "");
    }
    assert_eq!(world.api(&uma, "/v2/me").await.status, StatusCode::OK);

    let foreign = world.api(&olga, &path).await;
    let unknown = world.api(&olga, "/v2/subject-access-requests/1").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(foreign.json()["message"], unknown.json()["message"]);
    assert_eq!(world.api(&olga, "/v2/subject-access-requests").await.json(), json!([]));

    // A change of role holds at the next call (SEC-17).
    world
        .provider
        .set_role(account, &crate::world::secret("uma@example.test"), Role::Administrator)
        .await
        .unwrap();
    assert_eq!(world.api(&uma, &path).await.status, StatusCode::OK);
}
