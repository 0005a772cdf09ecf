//! Data sources that are databases of the vendor's own.

use http::StatusCode;
use provider::{AccountId, SourceState};
use serde_json::{Value, json};

use crate::{
    subjects::{about, at_any_pace, record},
    vendor_database::{Server, VendorDatabase, servers},
    world::{PASSWORD, World},
};

const GRACE: &str = "grace@example.test";
const PAGE: &str = "/accountsettings/privacy-requests";

struct Stage {
    world: World,
    account: AccountId,
    token: String,
}

async fn stage(databases: &[&VendorDatabase]) -> Stage {
    stage_with(databases.iter().map(|database| database.described()).collect()).await
}

async fn stage_with(sources: Vec<provider::DataSourceSettings>) -> Stage {
    let world = World::start_with(|settings| {
        at_any_pace(settings);
        settings.data_sources = sources;
    })
    .await;
    let account = world.acme().await;
    let token = world.token("ada@example.test", account).await;
    Stage { world, account, token }
}

impl Stage {
    /// Makes a request and works on it for as long as a request is worked on at most.
    async fn until_it_ends(&self, body: &Value) -> Value {
        let asked = self.world.ask(&self.token, body).await;
        for _ in 0..25 {
            self.world.work().await;
            self.world.later(900);
        }
        self.world.sar(&self.token, &asked["id"]).await
    }

    async fn page(&self) -> String {
        let mut browser = self.world.logged_in("ada@example.test").await;
        browser.get(PAGE).await.text
    }
}

async fn events(world: &World, action: &str) -> Vec<Value> {
    let mut read = world.provider.store().read().await.unwrap();
    let events = read.events(None, 0, 1_000).await.unwrap();
    let own = events.into_iter().filter(|event| event.action == action);
    own.map(|event| serde_json::from_str(&event.detail).unwrap()).collect()
}

#[tokio::test]
async fn every_kind_of_database_is_read_and_deleted_for_one_person_of_one_account() {
    // SEC-40, SEC-42
    for server in servers() {
        let database = VendorDatabase::new(server).await;
        let stage = stage(&[&database]).await;
        let (world, account) = (&stage.world, stage.account.0);
        database.contact(account, "Grace@example.test").await;
        database.purchase(account, GRACE, "a\nmap").await;
        database.purchase(account, GRACE, "é \" \\").await;
        database
            .purchase(account, "mallory@example.test", "marker-mallory")
            .await;
        database.purchase(account + 1, GRACE, "marker-other").await;
        world
            .import(stage.account, &[record(GRACE, "profile", json!("own"))])
            .await;

        let sar = world.carry_out(&stage.token, &about("access", GRACE)).await;
        let export = world.export(&sar).await;
        let contact = database.exported_contact(account, "Grace@example.test");
        assert_eq!(export.records("marketing/contacts.ndjson"), [contact], "{server:?}");
        let mut bought: Vec<Value> = export.records("marketing/purchases.ndjson");
        bought.sort_by_key(|one| one["what"].to_string());
        let what: Vec<&Value> = bought.iter().map(|one| &one["what"]).collect();
        assert_eq!(what, [&json!("a\nmap"), &json!("é \" \\")], "{server:?}");
        assert_eq!(export.records("app_backend/profile.ndjson"), [json!("own")]);
        assert_eq!(export.members.len(), 3);

        let deleted = world
            .carry_out(&stage.token, &about("delete", "Grace@Example.test"))
            .await;
        assert!(deleted.get("export_location").is_none());
        assert_eq!(
            (database.count("contact").await, database.count("purchase").await),
            (0, 2)
        );
        let after = world.carry_out(&stage.token, &about("access", GRACE)).await;
        assert_eq!(world.export(&after).await.manifest["members"], json!([]));
        let mallory = world
            .carry_out(&stage.token, &about("access", "mallory@example.test"))
            .await;
        assert_eq!(
            world.export(&mallory).await.records("marketing/purchases.ndjson").len(),
            1
        );

        // What stays is how much it was, and a keyed hash of whom.
        assert_eq!(events(world, "sub_request.deleted").await[0]["records"], 3);
        let proof = &events(world, "subject_access.deleted").await[0];
        assert_eq!(
            (&proof["records"], proof["subject"].as_str().unwrap().len()),
            (&json!(4), 64)
        );
    }
}

#[tokio::test]
async fn an_identifier_is_a_value_and_never_a_part_of_a_statement() {
    // SEC-31
    for server in servers() {
        let database = VendorDatabase::new(server).await;
        let stage = stage(&[&database]).await;
        database.purchase(stage.account.0, GRACE, "stays").await;
        for identifier in [
            "' OR '1' = '1",
            "x'; DROP TABLE purchase; --",
            "\\' OR 1 = 1 -- ",
            ":account_id",
            "$1 ? ?1 %",
            "%@example.test",
        ] {
            let found = stage.world.carry_out(&stage.token, &about("access", identifier)).await;
            assert_eq!(stage.world.export(&found).await.members.len(), 0, "{identifier}");
            stage.world.carry_out(&stage.token, &about("delete", identifier)).await;
        }
        assert_eq!(database.count("purchase").await, 1, "{server:?}");
    }
}

#[tokio::test]
async fn two_accounts_with_databases_of_their_own_never_meet_and_nothing_stays_in_a_file() {
    // SEC-42
    let (acmes, others) = (
        VendorDatabase::new(Server::Sqlite).await,
        VendorDatabase::new(Server::Sqlite).await,
    );
    for database in [&acmes, &others] {
        database.run("PRAGMA journal_mode = WAL").await;
    }
    // Accounts are numbered one after the other.
    let first = stage(&[]).await.account.0;
    let described = |database: &VendorDatabase, account: i64| {
        let mut described = database.described();
        described.accounts = Some(vec![account]);
        described
    };
    let stage = stage_with(vec![described(&acmes, first), described(&others, first + 1)]).await;
    let world = &stage.world;
    let other = world.account("Other").await;
    assert_eq!((stage.account.0, other.0), (first, first + 1));
    for database in [&acmes, &others] {
        for account in [first, first + 1] {
            database
                .purchase(
                    account,
                    "marker-grace@example.test",
                    &format!("marker-bought-{account}"),
                )
                .await;
        }
    }

    let access = world
        .carry_out(&stage.token, &about("access", "marker-grace@example.test"))
        .await;
    assert_eq!(
        world.export(&access).await.records("marketing/purchases.ndjson").len(),
        1
    );
    world
        .carry_out(&stage.token, &about("delete", "marker-grace@example.test"))
        .await;
    assert_eq!((acmes.count("purchase").await, others.count("purchase").await), (1, 2));

    // Neither our own files (database, log, exports) nor the vendor's have anything of the person.
    let files_with = crate::subject_access::files_with;
    for marker in ["marker-grace", "marker-bought"] {
        assert_eq!(files_with(world.database.folder(), marker), Vec::<String>::new());
    }
    let marker = format!("marker-bought-{first}");
    assert_eq!(files_with(acmes.folder.path(), &marker), Vec::<String>::new());
    assert!(!files_with(others.folder.path(), &marker).is_empty());
}

#[tokio::test]
async fn a_statement_that_fails_fails_the_request_with_a_cause_without_values() {
    // SEC-46
    for server in servers() {
        let database = VendorDatabase::new(server).await;
        let mut described = database.described();
        described.objects[1].access = match server {
            Server::Sqlite => {
                "SELECT abs(-9223372036854775808) FROM purchase WHERE email = :identifier AND account_id = :account_id"
            }
            Server::Postgres => {
                "SELECT what::integer FROM purchase WHERE email = :identifier AND account_id = :account_id"
            }
            Server::MariaDb => {
                "SELECT what, (SELECT 1 UNION SELECT 2) AS one FROM purchase WHERE email = :identifier AND account_id = :account_id"
            }
        }
        .to_owned();
        let stage = stage_with(vec![described]).await;
        database.purchase(stage.account.0, GRACE, "marker-value").await;
        let asked = stage.world.ask(&stage.token, &about("access", GRACE)).await;
        stage.world.work().await;
        let sar = stage.world.sar(&stage.token, &asked["id"]).await;
        // At once: it would not be different next time.
        assert_eq!(sar["status"], "failure", "{server:?}");
        let page = stage.page().await;
        let told = "marketing: the query of purchases failed: ";
        assert!(page.contains(told) && !page.contains("marker-value"), "{page}");
        let audited = events(&stage.world, "subject_access.failed").await;
        assert!(audited[0]["cause"].as_str().unwrap().starts_with(told), "{audited:?}");
        // Nothing half-made is left.
        let objects = stage.world.database.folder().join("s3/rightful-exports/objects");
        assert_eq!(std::fs::read_dir(objects).map_or(0, Iterator::count), 0);
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_tried_again_until_it_can() {
    let database = VendorDatabase::new(Server::Sqlite).await;
    let stage = stage(&[&database]).await;
    database.purchase(stage.account.0, GRACE, "a map").await;
    let (path, away) = (
        database.folder.path().join("crm.db"),
        database.folder.path().join("away"),
    );
    for request_type in ["access", "delete"] {
        std::fs::rename(&path, &away).unwrap();
        let asked = stage.world.ask(&stage.token, &about(request_type, GRACE)).await;
        for _ in 0..3 {
            stage.world.work().await;
            stage.world.later(60);
        }
        let sar = stage.world.sar(&stage.token, &asked["id"]).await;
        assert_eq!(sar["status"], "processing");
        std::fs::rename(&away, &path).unwrap();
        stage.world.work().await;
        let sar = stage.world.sar(&stage.token, &asked["id"]).await;
        assert_eq!(sar["status"], "completed");
    }
    assert_eq!(database.count("purchase").await, 0);

    std::fs::remove_file(&path).unwrap();
    let never = stage.until_it_ends(&about("delete", GRACE)).await;
    assert_eq!(never["status"], "failure");
    let page = stage.page().await;
    assert!(page.contains("marketing: its database can&#39;t be reached"), "{page}");
}

#[tokio::test]
async fn a_deletion_that_its_own_query_contradicts_is_undone() {
    for server in servers() {
        let database = VendorDatabase::new(server).await;
        let mut described = database.described();
        described.objects[1].delete =
            "DELETE FROM purchase WHERE account_id = :account_id AND email = :identifier AND what = 'old'".to_owned();
        let stage = stage_with(vec![described]).await;
        database.contact(stage.account.0, GRACE).await;
        database.purchase(stage.account.0, GRACE, "new").await;
        database.purchase(stage.account.0, GRACE, "old").await;
        let asked = stage.world.ask(&stage.token, &about("delete", GRACE)).await;
        stage.world.work().await;
        let sar = stage.world.sar(&stage.token, &asked["id"]).await;
        assert_eq!(sar["status"], "failure", "{server:?}");
        assert_eq!(
            (database.count("contact").await, database.count("purchase").await),
            (1, 2)
        );
        let page = stage.page().await;
        let told = "marketing: the query of purchases still finds records after the deletion, so nothing was deleted";
        assert!(page.contains(told), "{page}");
    }
}

#[tokio::test]
async fn more_records_than_anybody_has_are_a_mistake() {
    for server in servers() {
        let database = VendorDatabase::new(server).await;
        let mut described = database.described();
        described.max_rows = 2;
        let stage = stage_with(vec![described]).await;
        for what in ["one", "two", "three"] {
            database.purchase(stage.account.0, GRACE, what).await;
        }
        for (request_type, told) in [
            ("access", "the query of purchases finds more than 2 records"),
            ("delete", "the deletion would remove more than 2 records"),
        ] {
            let asked = stage.world.ask(&stage.token, &about(request_type, GRACE)).await;
            stage.world.work().await;
            let sar = stage.world.sar(&stage.token, &asked["id"]).await;
            assert_eq!(sar["status"], "failure");
            assert!(stage.page().await.contains(told), "{told}");
        }
        assert_eq!(database.count("purchase").await, 3);
    }
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_given_up() {
    let database = VendorDatabase::new(Server::Sqlite).await;
    let mut described = database.described();
    described.timeout = "50ms".parse().unwrap();
    described.objects.truncate(1);
    described.objects[0].access = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) \
        SELECT x FROM n WHERE x < length(:identifier) * :account_id * 0"
        .to_owned();
    let stage = stage_with(vec![described]).await;
    let asked = stage.world.ask(&stage.token, &about("access", GRACE)).await;
    stage.world.work().await;
    let sar = stage.world.sar(&stage.token, &asked["id"]).await;
    assert_eq!(sar["status"], "processing");
}

#[tokio::test]
async fn the_databases_themselves_say_which_statement_is_wrong() {
    for server in servers() {
        let database = VendorDatabase::new(server).await;
        let state = |described: provider::DataSourceSettings| async {
            let stage = stage_with(vec![described]).await;
            let checked = stage.world.provider.check_data_sources().await;
            checked.into_iter().next().unwrap().state
        };
        assert_eq!(state(database.described()).await, SourceState::Fine { objects: 2 });

        for (object, access, delete, begins) in [
            (
                1,
                Some("SELECT * FROM purchases WHERE account_id = :account_id AND email = :identifier"),
                None,
                "purchases: access: ",
            ),
            (
                0,
                None,
                Some("DELETE FROM contact WHERE account = :account_id AND email = :identifier"),
                "contacts: delete: ",
            ),
            (
                0,
                Some(
                    "SELECT email, account_id AS email FROM contact WHERE account_id = :account_id AND email = :identifier",
                ),
                None,
                "contacts: access: two columns are called email",
            ),
        ] {
            let mut described = database.described();
            if let Some(access) = access {
                described.objects[object].access = access.to_owned();
            }
            if let Some(delete) = delete {
                described.objects[object].delete = delete.to_owned();
            }
            let SourceState::Wrong(reason) = state(described).await else {
                panic!("{server:?}: {begins}")
            };
            assert!(reason.starts_with(begins), "{reason}");
        }
    }
    let database = VendorDatabase::new(Server::Sqlite).await;
    std::fs::remove_file(database.folder.path().join("crm.db")).unwrap();
    let stage = stage(&[&database]).await;
    let checked = stage.world.provider.check_data_sources().await;
    assert!(
        matches!(&checked[0].state, SourceState::Unreachable(_)),
        "{:?}",
        checked[0].state
    );
    assert!(checked[0].place.starts_with("SQLite, "));
}

#[tokio::test]
async fn a_database_is_asked_only_about_whom_it_can_know() {
    let database = VendorDatabase::new(Server::Sqlite).await;
    let mut described = database.described();
    for object in &mut described.objects {
        object.data_types = Some(vec!["visitor".parse().unwrap()]);
    }
    let stage = stage_with(vec![described]).await;
    database.purchase(stage.account.0, GRACE, "a map").await;
    let mut by_cookie = about("access", GRACE);
    by_cookie["identifier_type"] = json!("other");
    let mut of_a_user = about("access", GRACE);
    of_a_user["data_type"] = json!("user");
    for (body, members) in [(by_cookie, 0), (of_a_user, 0), (about("access", GRACE), 1)] {
        let sar = stage.world.carry_out(&stage.token, &body).await;
        assert_eq!(stage.world.export(&sar).await.members.len(), members, "{body}");
    }
}

#[tokio::test]
async fn what_failed_is_tried_again_by_an_administrator_as_a_new_request() {
    let database = VendorDatabase::new(Server::Sqlite).await;
    let stage = stage(&[&database]).await;
    let world = &stage.world;
    world
        .user(stage.account, "uma@example.test", provider::Role::User)
        .await;
    database.purchase(stage.account.0, GRACE, "a map").await;
    database.run("ALTER TABLE purchase RENAME TO put_away").await;
    let asked = world.ask(&stage.token, &about("delete", GRACE)).await;
    world.work().await;
    let failed = world.sar(&stage.token, &asked["id"]).await;
    assert_eq!(failed["status"], "failure");
    let path = format!("{PAGE}/{}/retry", asked["id"]);
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.get(PAGE).await;
    assert!(
        page.text
            .contains("marketing: the deletion of purchases failed: its SQL is wrong (error 1)"),
        "{}",
        page.text
    );
    database.run("ALTER TABLE put_away RENAME TO purchase").await;

    // SEC-12: as with a deletion that is asked for.
    let button = page.form(&path);
    world.later(15 * 60);
    let confirm = "/accountsettings/confirm";
    assert!(ada.submit(&button, &[]).await.location().starts_with(confirm));
    ada.fill_in(confirm, confirm, &[("current_password", PASSWORD)]).await;
    let again = ada.submit(&button, &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text);
    // Pressed twice, it is one request.
    let twice = ada.submit(&button, &[]).await;
    assert_eq!(twice.location(), again.location());
    world.work().await;
    assert_eq!(database.count("purchase").await, 0);
    let successor = json!(again.location().rsplit('=').next().unwrap().parse::<i64>().unwrap());
    assert_eq!(world.sar(&stage.token, &successor).await["status"], "completed");
    // What has ended stays as it ended.
    assert_eq!(world.sar(&stage.token, &asked["id"]).await, failed);
    let page = ada.get(PAGE).await;
    assert!(page.text.contains(&format!("tried again as {successor}")) && !page.text.contains("Try again"));
    assert!(world.audited().await.contains(&"subject_access.retried".to_owned()));

    // Nobody else, and nothing else, is tried again.
    let completed = page.form(PAGE).fields[0].1.clone();
    let mut uma = world.logged_in("uma@example.test").await;
    for (browser, status) in [(&mut uma, StatusCode::FORBIDDEN), (&mut ada, StatusCode::FORBIDDEN)] {
        let forged = browser.post(&path, &[("csrf", completed.as_str())]).await;
        assert_eq!(forged.status, status);
    }
}

#[tokio::test]
async fn a_worker_that_dies_at_any_point_leaves_a_databases_share_done_once() {
    // SEC-47
    for request_type in ["access", "delete"] {
        let database = VendorDatabase::new(Server::Sqlite).await;
        let stage = stage(&[&database]).await;
        for point in 0_usize.. {
            for what in ["one", "two"] {
                database.purchase(stage.account.0, GRACE, what).await;
            }
            let body = about(request_type, GRACE);
            let (died, sar) = crate::subject_crashes::survives(&stage.world, &stage.token, &body, point).await;
            if request_type == "access" {
                let export = stage.world.export(&sar).await;
                assert_eq!(export.records("marketing/purchases.ndjson").len(), 2, "point {point}");
                database.run("DELETE FROM purchase").await;
            } else {
                assert_eq!(database.count("purchase").await, 0, "point {point}");
                let proofs = events(&stage.world, "subject_access.deleted").await;
                assert_eq!(proofs.len(), point + 1);
            }
            if !died {
                assert!(point >= 3, "only {point} points");
                break;
            }
        }
    }
}
