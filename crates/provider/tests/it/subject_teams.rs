//! Internal teams: their queues, their reports, and requests that wait for them.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use object_store::{ObjectStoreExt as _, PutPayload};
use provider::{AccountId, DataSource};
use serde_json::{Value, json};

use crate::{
    subjects::{about, at_any_pace, record},
    world::{Answer, World},
};

const QUEUE: &str = "/v2/internal-subject-access-requests";

struct Stage {
    world: World,
    account: AccountId,
    ada: String,
    marketing: String,
    security: String,
}

async fn stage() -> Stage {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    world
        .import(account, &[record("grace@example.test", "profile", json!("own"))])
        .await;
    Stage {
        account,
        ada: world.token("ada@example.test", account).await,
        marketing: world.service(&[DataSource::Marketing]).await,
        security: world.service(&[DataSource::Security, DataSource::Tse]).await,
        world,
    }
}

impl Stage {
    async fn queue(&self, token: &str, source: &str, status: &str) -> Vec<Value> {
        let answer = self
            .world
            .api(token, &format!("{QUEUE}?data_source={source}&status={status}"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json().as_array().unwrap().clone()
    }

    async fn report(&self, token: &str, id: &Value, body: Value) -> Answer {
        self.world
            .call(Method::PATCH, token, &format!("{QUEUE}/{id}"), &body)
            .await
    }

    async fn report_all_but_marketing(&self) {
        for source in ["security", "tse"] {
            for one in self.queue(&self.security, source, "pending").await {
                let answer = self
                    .report(&self.security, &one["id"], json!({ "status": "completed" }))
                    .await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            }
        }
    }
}

#[tokio::test]
async fn a_request_waits_for_every_team_and_then_holds_what_they_found() {
    let stage = stage().await;
    let world = &stage.world;
    let asked = world.ask(&stage.ada, &about("access", "grace@example.test")).await;
    world.work().await;
    assert_eq!(world.sar(&stage.ada, &asked["id"]).await["status"], "processing");

    let queue = stage.queue(&stage.marketing, "marketing", "pending").await;
    let [share] = queue.as_slice() else { panic!("{queue:?}") };
    assert_eq!(share["parent_request_id"], asked["id"]);
    assert_eq!(share["identifier"], "grace@example.test");
    assert_eq!(share["data_source"], "marketing");
    stage.report_all_but_marketing().await;
    world.work().await;
    assert_eq!(world.sar(&stage.ada, &asked["id"]).await["status"], "processing");

    let began = stage
        .report(&stage.marketing, &share["id"], json!({ "status": "processing" }))
        .await;
    assert_eq!(began.json()["status"], "processing");
    assert!(began.json()["processing_started_time"].is_string());
    assert!(stage.queue(&stage.marketing, "marketing", "pending").await.is_empty());

    // The team puts its part into the bucket with the S3 keys, then says so.
    let key = format!("{}/{}/{}", stage.account, asked["id"], share["id"]);
    let part = "{\"mail\":1}\n{\"mail\":2}";
    crate::exports_s3::client(world)
        .put(
            &object_store::path::Path::from(key.as_str()),
            PutPayload::from_static(part.as_bytes()),
        )
        .await
        .unwrap();
    let location = format!("s3://rightful-exports/{key}");
    let body =
        json!({ "status": "completed", "export_location": location, "completed_at_time": "2026-01-01T00:00:01+00:00" });
    let done = stage.report(&stage.marketing, &share["id"], body.clone()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.json()["export_location"], location);
    assert_eq!(done.json()["completed_at_time"], "2026-01-01T00:00:01Z");
    crate::schema::check("SubjectAccessRequestInternal", &done.json());
    // The same report again changes nothing; what has ended stays so (SEC-48).
    assert_eq!(
        stage.report(&stage.marketing, &share["id"], body).await.status,
        StatusCode::OK
    );
    for status in ["pending", "processing", "failure"] {
        let answer = stage
            .report(&stage.marketing, &share["id"], json!({ "status": status }))
            .await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{status}");
    }

    world.work().await;
    let sar = world.sar(&stage.ada, &asked["id"]).await;
    assert_eq!(sar["status"], "completed");
    let export = world.export(&sar).await;
    assert_eq!(
        export.records("marketing/export.ndjson"),
        [json!({ "mail": 1 }), json!({ "mail": 2 })]
    );
    assert_eq!(export.records("app_backend/profile.ndjson"), [json!("own")]);
    // The part has had its use.
    let gone = crate::exports_s3::client(world)
        .get(&object_store::path::Path::from(key.as_str()))
        .await;
    assert!(matches!(gone, Err(object_store::Error::NotFound { .. })), "{gone:?}");
}

#[tokio::test]
async fn a_deletion_is_completed_when_the_last_team_has_deleted() {
    let stage = stage().await;
    let world = &stage.world;
    let asked = world.ask(&stage.ada, &about("delete", "grace@example.test")).await;
    world.work().await;
    stage.report_all_but_marketing().await;
    world.work().await;
    assert_eq!(world.sar(&stage.ada, &asked["id"]).await["status"], "processing");
    let queue = stage.queue(&stage.marketing, "marketing", "pending").await;
    // POST does the same for clients that cannot PATCH.
    let path = format!("{QUEUE}/{}", queue[0]["id"]);
    let answer = world
        .call(Method::POST, &stage.marketing, &path, &json!({ "status": "completed" }))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    world.work().await;
    let sar = world.sar(&stage.ada, &asked["id"]).await;
    assert_eq!(sar["status"], "completed");
    assert!(sar.get("export_location").is_none());
}

#[tokio::test]
async fn a_team_that_fails_fails_the_request() {
    let stage = stage().await;
    let world = &stage.world;
    let asked = world.ask(&stage.ada, &about("access", "grace@example.test")).await;
    let queue = stage.queue(&stage.marketing, "marketing", "pending").await;
    stage
        .report(&stage.marketing, &queue[0]["id"], json!({ "status": "failure" }))
        .await;
    world.work().await;
    assert_eq!(world.sar(&stage.ada, &asked["id"]).await["status"], "processing");
    stage.report_all_but_marketing().await;
    world.work().await;
    assert_eq!(world.sar(&stage.ada, &asked["id"]).await["status"], "failure");
    let mut browser = world.logged_in("ada@example.test").await;
    let page = browser.get("/accountsettings/privacy-requests").await;
    assert!(
        page.text.contains("the team of marketing reported a failure"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_part_that_is_not_there_is_never_called_completed() {
    // SEC-46
    let stage = stage().await;
    let world = &stage.world;
    let asked = world.ask(&stage.ada, &about("access", "grace@example.test")).await;
    let queue = stage.queue(&stage.marketing, "marketing", "pending").await;
    let location = format!("s3://rightful-exports/{}/{}/missing", stage.account, asked["id"]);
    let body = json!({ "status": "completed", "export_location": location });
    assert_eq!(
        stage.report(&stage.marketing, &queue[0]["id"], body).await.status,
        StatusCode::OK
    );
    stage.report_all_but_marketing().await;
    for _ in 0..25 {
        world.work().await;
        let sar = world.sar(&stage.ada, &asked["id"]).await;
        assert_ne!(sar["status"], "completed");
        world.later(900);
    }
    assert_eq!(world.sar(&stage.ada, &asked["id"]).await["status"], "failure");
}

#[tokio::test]
async fn internal_paths_are_for_service_tokens_and_their_own_sources() {
    // SEC-19
    let stage = stage().await;
    let world = &stage.world;
    world.ask(&stage.ada, &about("access", "grace@example.test")).await;
    let queue = stage.queue(&stage.marketing, "marketing", "pending").await;
    let path = format!("{QUEUE}/{}", queue[0]["id"]);

    // Anybody else is refused before a parameter is looked at.
    for (method, path) in [
        (Method::GET, QUEUE),
        (Method::GET, "/v2/internal-subject-access-requests?data_source=nonsense"),
        (Method::PATCH, path.as_str()),
        (Method::POST, "/v2/internal-subject-access-requests/abc"),
    ] {
        let answer = world
            .call(method, &stage.ada, path, &json!({ "status": "nonsense" }))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(answer.json()["code"], "forbidden");
    }
    let anonymous = Request::get(QUEUE).body(Body::empty()).unwrap();
    assert_eq!(world.send(anonymous).await.status, StatusCode::UNAUTHORIZED);
    for path in ["/v2/me", "/v2/subject-access-requests"] {
        assert_eq!(world.api(&stage.marketing, path).await.status, StatusCode::FORBIDDEN);
    }

    let foreign = world
        .api(
            &stage.security,
            &format!("{QUEUE}?data_source=marketing&status=pending"),
        )
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let foreign = stage
        .report(&stage.security, &queue[0]["id"], json!({ "status": "completed" }))
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let unknown = stage
        .report(&stage.marketing, &json!(1), json!({ "status": "completed" }))
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(
        stage.report(&stage.marketing, &json!("x"), json!({})).await.status,
        StatusCode::BAD_REQUEST
    );

    for (query, field) in [
        ("status=pending", "data_source"),
        ("data_source=marketing", "status"),
        ("data_source=nonsense&status=pending", "data_source"),
        ("data_source=marketing&status=done", "status"),
        ("data_source=marketing&status=pending&per_page=101", "per_page"),
    ] {
        let answer = world.api(&stage.marketing, &format!("{QUEUE}?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.json()["messages"][field].is_string(), "{query}");
    }
    for (body, field) in [
        (json!({}), "status"),
        (json!({ "status": "done" }), "status"),
        (json!({ "status": null }), "status"),
        (
            json!({ "status": "completed", "completed_at_time": "yesterday" }),
            "completed_at_time",
        ),
        (
            json!({ "status": "completed", "export_location": null }),
            "export_location",
        ),
        (
            json!({ "status": "completed", "export_location": "https://x/y" }),
            "export_location",
        ),
        (
            json!({ "status": "completed", "export_location": "s3://rightful-exports/1/2/3" }),
            "export_location",
        ),
        (
            json!({ "status": "completed", "export_location": "s3://elsewhere/a/b" }),
            "export_location",
        ),
    ] {
        let answer = stage.report(&stage.marketing, &queue[0]["id"], body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.json()["messages"][field].is_string(), "{body} {}", answer.text);
    }
    // None of it has changed anything.
    assert_eq!(stage.queue(&stage.marketing, "marketing", "pending").await, queue);
}

#[tokio::test]
async fn reports_that_come_together_wake_the_request_once() {
    // SEC-48
    let stage = stage().await;
    let world = &stage.world;
    let asked = world.ask(&stage.ada, &about("access", "grace@example.test")).await;
    let mut shares = stage.queue(&stage.marketing, "marketing", "pending").await;
    shares.extend(stage.queue(&stage.security, "security", "pending").await);
    shares.extend(stage.queue(&stage.security, "tse", "pending").await);
    let reports = shares.iter().flat_map(|share| {
        let token = if share["data_source"] == "marketing" {
            &stage.marketing
        } else {
            &stage.security
        };
        [0, 1, 2].map(|_| stage.report(token, &share["id"], json!({ "status": "completed" })))
    });
    let answers = futures_util::future::join_all(reports).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    world.work().await;
    assert_eq!(world.sar(&stage.ada, &asked["id"]).await["status"], "completed");
    let events = world.audited().await;
    assert_eq!(events.iter().filter(|event| *event == "sub_request.updated").count(), 3);
    assert_eq!(
        events
            .iter()
            .filter(|event| *event == "subject_access.exported")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_request_is_pending_until_a_share_begins_and_ends_when_all_have_ended() {
    // SEC-48
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let stage = Stage {
        account,
        ada: world.token("ada@example.test", account).await,
        marketing: world.service(&[DataSource::Marketing]).await,
        security: world.service(&[DataSource::Security]).await,
        world,
    };
    let world = &stage.world;
    for request_type in ["access", "delete"] {
        for end in ["completed", "failure"] {
            let asked = world.ask(&stage.ada, &about(request_type, "grace@example.test")).await;
            let status = async || world.sar(&stage.ada, &asked["id"]).await["status"].clone();
            let one = stage.queue(&stage.marketing, "marketing", "pending").await[0]["id"].clone();
            let other = stage.queue(&stage.security, "security", "pending").await[0]["id"].clone();
            world.work().await;
            assert_eq!(status().await, "pending", "{request_type}");
            let report = async |token: &str, id: &Value, status: &str| {
                let answer = stage.report(token, id, json!({ "status": status })).await;
                world.work().await;
                answer.status
            };
            assert_eq!(report(&stage.marketing, &one, "processing").await, StatusCode::OK);
            assert_eq!(status().await, "processing");
            assert_eq!(report(&stage.marketing, &one, end).await, StatusCode::OK);
            // The other one is still open.
            assert_eq!(status().await, "processing");
            for back in ["pending", "processing"] {
                assert_eq!(report(&stage.marketing, &one, back).await, StatusCode::CONFLICT);
            }
            assert_eq!(report(&stage.security, &other, "completed").await, StatusCode::OK);
            assert_eq!(status().await, end);
        }
    }
}
