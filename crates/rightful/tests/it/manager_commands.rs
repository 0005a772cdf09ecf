//! `rightful manager …`: the company's side from the shell, against a vendor that runs as another process.

mod review;

use serde_json::{Value, json};
use testkit::Browser;
use url::Url;

use crate::{
    place::{PASSWORD, Place},
    process::{Command, Server},
    serving::{get_json, trusting},
};

/// A company and a vendor, each with its own folder, database and process.
struct Both {
    company: Place,
    vendor: Place,
    manager: Server,
    provider: Server,
    account: i64,
    api_key: String,
}

const SUBJECTS: &str = r#"{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "profile", "record": {"name": "Ada"}}
{"data_source": "app_backend", "data_type": "user", "identifier_type": "email", "identifier": "ada@example.com", "object": "membership", "record": {"role": "editor"}}
"#;

/// The manager, told whom to trust and where it may call.
fn serve_manager(company: &Place, vendor: &Place, listen: &str) -> Command {
    company
        .rightful("manager serve --listen")
        .word(listen)
        .word("--extra-ca")
        .word(&vendor.data().join("ca.pem").display().to_string())
        .env("RIGHTFUL_ALLOW_PRIVATE_HOSTS", "localhost")
        // What was under way when it was killed is looked for after one and a half of it.
        .env("RIGHTFUL_HTTP_TIMEOUT", "5s")
}

impl Both {
    async fn start() -> Self {
        let (company, vendor) = (Place::new().await, Place::new().await);
        let provider = vendor.rightful("provider serve --listen 127.0.0.1:0").serve().await;
        let account = vendor.account("admin@vendor.example").await;
        let file = vendor.file("subjects.ndjson", SUBJECTS);
        vendor
            .answer(&format!("provider subject import --account {account} {file}"))
            .await;
        let manager = serve_manager(&company, &vendor, "127.0.0.1:0").serve().await;
        let key = company.answer("manager api-key create --name tests --scope all").await;
        Self {
            company,
            vendor,
            manager,
            provider,
            account,
            api_key: key["api_key"].as_str().unwrap().to_owned(),
        }
    }

    /// Registers the manager, adds the connection from the shell and authorizes it in a browser.
    async fn connect(&self) -> String {
        let registered = self
            .vendor
            .answer(&format!(
                "provider app create --account {} --name Manager --type confidential --redirect-uri {}",
                self.account,
                self.manager.url.join("/oauth/callback").unwrap()
            ))
            .await;
        let added = self
            .company
            .rightful("manager connection add --name Vendor --client-secret-stdin --json --client-id")
            .word(registered["client_id"].as_str().unwrap())
            .words(&format!(
                "--setting app_url={url} --setting api_url={url}v2 --setting identifier_types=[\"email\"] \
                 --setting poll_initial=50ms --setting poll_max=500ms",
                url = self.provider.url
            ))
            .env("RIGHTFUL_ALLOW_PRIVATE_HOSTS", "localhost")
            .env(
                "RIGHTFUL_EXTRA_CA",
                &self.vendor.data().join("ca.pem").display().to_string(),
            )
            .input(registered["client_secret"].as_str().unwrap())
            .run()
            .await
            .answer();
        let url: Url = added["authorize_url"].as_str().unwrap().parse().unwrap();
        self.authorize(&url).await;
        added["id"].as_str().unwrap().to_owned()
    }

    async fn authorize(&self, url: &Url) {
        let to_vendor = Browser::new(trusting(&self.vendor.data()));
        let page = to_vendor.open(url).await.unwrap();
        let form = page.form_with("password").unwrap();
        let form = form
            .set("email", "admin@vendor.example")
            .unwrap()
            .set("password", PASSWORD)
            .unwrap();
        let page = to_vendor.submit(&page, &form).await.unwrap();
        let consent = page.form_with("decision").unwrap().set("decision", "accept").unwrap();
        // The redirect leads to the other server, whose authority another browser trusts.
        let target = page.url.join(consent.action()).unwrap();
        let answer = to_vendor
            .once(http::Method::POST, target, Some((&page, consent.encoded())))
            .await
            .unwrap();
        let callback: Url = answer.headers["location"].to_str().unwrap().parse().unwrap();
        let page = Browser::new(trusting(&self.company.data()))
            .open(&callback)
            .await
            .unwrap();
        assert!(page.status.is_success(), "{}", page.text());
    }

    /// How many jobs the vendor has.
    async fn jobs_at_the_vendor(&self) -> usize {
        let issued = self
            .vendor
            .answer("provider token create --email admin@vendor.example")
            .await;
        let url = self
            .provider
            .url
            .join("/v2/subject-access-requests?per_page=100")
            .unwrap();
        let transport = trusting(&self.vendor.data());
        let (_, jobs) = get_json(&transport, &url, issued["token"].as_str().unwrap()).await;
        jobs.as_array().unwrap().len()
    }

    /// Waits, hearing of every change, until the request is in the state.
    async fn until(&self, id: &str, state: &str) -> Value {
        let transport = trusting(&self.company.data());
        let mut version = -1;
        loop {
            let path = format!("/api/v1/requests/{id}?wait=20s&version={version}");
            let (status, seen) = get_json(&transport, &self.manager.url.join(&path).unwrap(), &self.api_key).await;
            assert_eq!(status, 200, "{seen}");
            if seen["state"] == state {
                return seen;
            }
            assert_ne!(seen["version"], json!(version), "it stays {seen}");
            version = seen["version"].as_i64().unwrap();
        }
    }
}

#[tokio::test]
async fn a_request_is_carried_out_from_the_shell_alone() {
    let both = Both::start().await;
    let connection = both.connect().await;
    let listed = both
        .company
        .rightful("manager connection list --json")
        .run()
        .await
        .answers();
    assert_eq!(
        (&listed[0]["id"], &listed[0]["state"]),
        (&json!(connection), &json!("connected"))
    );

    let created = both
        .company
        .answer("manager request create --type access --email ada@example.com --framework gdpr --start")
        .await;
    let id = created["id"].as_str().unwrap();
    both.until(id, "pending_review").await;
    let shown = both
        .company
        .rightful(&format!("manager request show {id}"))
        .run()
        .await
        .stdout;
    assert!(
        shown.contains("pending_review") && shown.contains("vendor job"),
        "{shown}"
    );
    assert!(!shown.contains("ada@example.com"), "{shown}");

    let package = both.company.folder().join("package.zip");
    let export = format!("manager request export {id} --output {}", package.display());
    both.company.refusal(&export).await.says(&["has not been approved"]);
    assert!(!package.exists());
    both.company.answer(&format!("manager request approve {id}")).await;
    let written = both.company.answer(&export).await;
    assert_eq!(
        written["bytes"].as_u64().unwrap(),
        std::fs::metadata(&package).unwrap().len()
    );
    assert_eq!(&std::fs::read(&package).unwrap()[..2], b"PK");
    both.until(id, "closed").await;

    let by_state = both
        .company
        .rightful("manager request list --state closed --json")
        .run()
        .await
        .answers();
    assert_eq!(by_state.len(), 1);
    assert_eq!(by_state[0]["outcome"], "downloaded");
    let list = both.company.rightful("manager request export").run().await;
    assert_eq!(list.stdout.lines().count(), 2, "{}", list.stdout);
}

#[tokio::test]
async fn a_manager_that_is_killed_doubles_nothing_at_a_vendor_that_lives_on() {
    // CL-21
    let mut both = Both::start().await;
    both.connect().await;
    let listen = both.manager.listen.clone();
    for begun in 1..=4 {
        both.manager.running.kill().await;
        let created = both
            .company
            .answer("manager request create --type access --email ada@example.com --start")
            .await;
        let doomed = serve_manager(&both.company, &both.vendor, &listen).env("RUST_LOG", "store=debug");
        doomed.start_hearing("job begins", begun).await.kill().await;
        both.manager = serve_manager(&both.company, &both.vendor, &listen).serve().await;
        let request = both.until(created["id"].as_str().unwrap(), "pending_review").await;
        assert_eq!(request["tasks"].as_array().unwrap().len(), 2, "after {begun} jobs");
        assert_eq!(both.jobs_at_the_vendor().await, 2 * begun, "after {begun} jobs");
    }
}

#[tokio::test]
async fn a_list_of_requests_is_taken_in_once() {
    let place = Place::new().await;
    let rows = place.file(
        "requests.csv",
        "type,email\naccess,ada@example.com\ndeletion,grace@example.com\nrectification,alan@example.com\n",
    );
    let dry = place
        .rightful(&format!("manager request import {rows} --dry-run --json"))
        .run()
        .await;
    assert_eq!(dry.status, Some(1), "{}", dry.stderr);
    let report: Value = serde_json::from_str(&dry.stdout).unwrap();
    assert_eq!((&report["valid"], &report["refused"]), (&json!(2), &json!(1)));

    for (created, existing) in [(2, 0), (0, 2)] {
        let ended = place
            .rightful(&format!("manager request import {rows} --json"))
            .run()
            .await;
        assert_eq!(ended.status, Some(1));
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            (&report["created"], &report["existing"]),
            (&json!(created), &json!(existing))
        );
        assert!(!ended.stdout.contains("example.com") && !ended.stderr.contains("example.com"));
    }
    let listed = place.rightful("manager request list --json").run().await.answers();
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn the_audit_log_is_exported_and_verified_offline() {
    let place = Place::new().await;
    for name in ["one", "two", "three"] {
        place
            .answer(&format!("manager api-key create --name {name} --scope all"))
            .await;
    }
    assert_eq!(place.answer("manager audit verify").await["whole"], true);
    let log = place.folder().join("audit.ndjson");
    place
        .rightful(&format!("manager audit export --output {}", log.display()))
        .run()
        .await
        .failed_not();
    let verify = format!("manager audit verify {}", log.display());
    // Neither a database nor a key is asked for.
    let offline = Command::new(&verify).word("--json").run().await.answer();
    assert_eq!((&offline["whole"], &offline["events"]), (&json!(true), &json!(3)));

    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("api_key.created", "api_key.removed", 1)).unwrap();
    let ended = Command::new(&verify).run().await;
    ended.failed_with(1);
    ended.says(&["broken at event 1"]);
    let without_second: Vec<&str> = text
        .lines()
        .enumerate()
        .filter(|(n, _)| *n != 1)
        .map(|(_, line)| line)
        .collect();
    std::fs::write(&log, without_second.join("\n")).unwrap();
    let ended = Command::new(&verify).run().await;
    ended.says(&["broken at event 2: the row is missing"]);
}

#[tokio::test]
async fn the_master_key_is_rotated_while_serving() {
    let both = Both::start().await;
    both.connect().await;
    let before = std::fs::read_to_string(both.company.data().join("master.key")).unwrap();
    let rotated = both.company.answer("manager key rotate").await;
    let after = std::fs::read_to_string(both.company.data().join("master.key")).unwrap();
    assert!(after.contains(rotated["key_id"].as_str().unwrap()) && after.ends_with(&before));

    let created = both
        .company
        .answer("manager request create --type access --email ada@example.com --start")
        .await;
    both.until(created["id"].as_str().unwrap(), "pending_review").await;
    // The new key alone opens the database.
    let newest = after.lines().next().unwrap();
    let ended = both
        .company
        .rightful("manager connection list --json")
        .env("RIGHTFUL_MASTER_KEY", newest)
        .run()
        .await;
    assert_eq!(ended.answers().len(), 1);
    let oldest = before.lines().next().unwrap();
    let ended = both
        .company
        .rightful("manager connection list")
        .env("RIGHTFUL_MASTER_KEY", oldest)
        .run()
        .await;
    ended.failed_with(1);
    ended.says(&["sealed with another master key"]);
    let ended = both
        .company
        .rightful("manager key rotate")
        .env("RIGHTFUL_MASTER_KEY", newest)
        .run()
        .await;
    ended.failed_with(1);
}

#[tokio::test]
async fn a_revoked_api_key_is_refused_at_the_next_call() {
    let place = Place::new().await;
    let server = place.rightful("manager serve --listen 127.0.0.1:0").serve().await;
    let key = place.answer("manager api-key create --name tests --scope read").await;
    let (transport, url) = (trusting(&place.data()), server.url.join("/api/v1/requests").unwrap());
    assert_eq!(
        get_json(&transport, &url, key["api_key"].as_str().unwrap()).await.0,
        200
    );
    let revoke = format!("manager api-key revoke {}", key["id"].as_str().unwrap());
    assert_eq!(place.answer(&revoke).await["revoked"], true);
    assert_eq!(
        get_json(&transport, &url, key["api_key"].as_str().unwrap()).await.0,
        401
    );
    place.refusal(&revoke).await.says(&["revoked already"]);
}

#[tokio::test]
async fn people_get_in_by_command_and_a_second_one_of_the_name_does_not() {
    let place = Place::new().await;
    let server = place.rightful("manager serve --listen 127.0.0.1:0").serve().await;
    let create = "manager user create --email you@example.com --role super_admin --password-stdin";
    place.answer_to(create, PASSWORD).await;
    let ended = place.rightful(create).input(PASSWORD).run().await;
    ended.failed_with(1);
    ended.says(&["email belongs to another user"]);

    let browser = Browser::new(trusting(&place.data()));
    let page = browser.open(&server.url.join("/login").unwrap()).await.unwrap();
    let form = page.form_with("password").unwrap();
    let form = form
        .set("email", "you@example.com")
        .unwrap()
        .set("password", PASSWORD)
        .unwrap();
    let page = browser.submit(&page, &form).await.unwrap();
    assert!(page.status.is_success(), "{}", page.text());
    assert!(page.form_with("password").is_err(), "{}", page.text());
}

#[tokio::test]
async fn many_requests_are_decided_about_in_one_command() {
    let place = Place::new().await;
    let mut ids = Vec::new();
    for name in ["ada", "grace"] {
        let create = format!("manager request create --type access --email {name}@example.com");
        ids.push(place.answer(&create).await["id"].as_str().unwrap().to_owned());
    }
    let cancelled = place
        .rightful(&format!("manager request cancel {} --json", ids.join(" ")))
        .run()
        .await
        .answers();
    assert_eq!(cancelled.len(), 2);
    assert!(cancelled.iter().all(|request| request["outcome"] == "cancelled"));
    let nobody = "00000000-0000-7000-8000-000000000000";
    let ended = place
        .rightful(&format!("manager request cancel {nobody} {}", ids.join(" ")))
        .run()
        .await;
    assert_eq!(ended.status, Some(1));
    ended.says(&["3 of 3 requests could not be changed"]);
}
