//! What the company decided for all requests, edited while the manager runs.

use http::Method;
use jiff::SignedDuration;
use manager::{By, Role, app::NewOperator};
use serde_json::{Value, json};

use crate::{
    app::{Answer, TestApp, api_request, request, send},
    mailbox::path_in,
    portal::{Browser, PASSWORD},
    requests::ADA,
};

impl TestApp {
    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.api(Method::PUT, path, Some(body)).await
    }

    /// A person who may log in.
    pub(crate) async fn person(&self, email: &str, role: Role) -> String {
        let new = NewOperator {
            email: email.to_owned(),
            role,
            password: PASSWORD.to_owned().into(),
        };
        let made = self.manager.create_operator(new, &By::command_line()).await.unwrap();
        made.to_string()
    }
}

fn due_after(request: &Value, days: i64) {
    let at = |name: &str| request[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let given = at("deadline").duration_since(at("created_at"));
    assert_eq!(given, SignedDuration::from_hours(24 * days), "{request:#}");
}

#[tokio::test]
async fn the_table_of_laws_is_edited_and_counts_from_the_next_request() {
    let app = TestApp::with_ada().await;
    let before = app.make(json!({"framework": "cpra", "start": false})).await;
    due_after(&before, 45);

    let laws = json!({"usual": "house", "frameworks": [
        {"id": "house", "name": "House rule", "term": "10 days"},
        {"id": "cpra", "name": "CPRA", "places": ["US-CA"], "term": "40 days", "extension": "5 days"},
    ]});
    let put = app.put("/api/v1/settings/frameworks", laws).await.expect(200).json();
    assert_eq!((&put["edited"], &put["section"]), (&json!(true), &json!("frameworks")));
    assert!(put["changed_by"].as_str().unwrap().starts_with("api_key:"));

    due_after(&app.make(json!({"start": false})).await, 10);
    due_after(&app.make(json!({"framework": "cpra", "start": false})).await, 40);
    due_after(&app.again(&before).await, 45);
    let gone = json!({"type": "access", "identities": {"email": ADA}, "framework": "gdpr"});
    let gone = app.post("/api/v1/requests", gone).await.expect(422).json();
    assert_eq!(gone["field"], "framework");
    assert!(gone["detail"].as_str().unwrap().contains("house"));

    for (wrong, field) in [
        (
            json!({"usual": "gdpr", "frameworks": [{"id": "house", "name": "H", "term": "1 day"}]}),
            "usual",
        ),
        (json!({"frameworks": []}), "frameworks"),
        (
            json!({"frameworks": [{"id": "house", "name": "H", "term": "soon"}]}),
            "frameworks",
        ),
        (json!({"laws": []}), "laws"),
    ] {
        let refused = app.put("/api/v1/settings/frameworks", wrong).await.expect(400).json();
        assert_eq!(refused["field"], field, "{refused:#}");
    }
    app.put("/api/v1/settings/frameworks", json!([])).await.expect(400);
    let reset = app.api(Method::DELETE, "/api/v1/settings/frameworks", None).await;
    assert_eq!(reset.expect(200).json()["settings"]["usual"], "gdpr");
    assert_eq!(
        app.events("settings:frameworks").await,
        ["frameworks.changed", "frameworks.changed"]
    );
    app.get("/api/v1/settings/laws").await.expect(404);
}

#[tokio::test]
async fn whoever_may_only_look_changes_no_setting_and_the_attempt_is_written_down() {
    // SEC-16, SEC-44
    let app = TestApp::start().await;
    let key = app.api_key_for("read").await;
    let call = |method, path: &str, body| app.send(api_request(&key, method, path, body));
    let all = call(Method::GET, "/api/v1/settings", None).await.expect(200).json();
    assert_eq!(all["settings"].as_array().unwrap().len(), 6);
    call(Method::PUT, "/api/v1/settings/approvals", Some(json!({"deletion": 1})))
        .await
        .expect(403);
    call(Method::PUT, "/api/v1/settings/approvals", Some(json!({"deletion": 1})))
        .await
        .expect(403);
    call(Method::GET, "/api/v1/settings/brand", None).await.expect(200);

    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    viewer.get("/connections/new").await.expect(403);

    let mut read = app.manager.store().read().await.unwrap();
    let events = read.events(None, 0, 1000).await.unwrap();
    let denied: Vec<(String, Value)> = events
        .into_iter()
        .filter(|event| event.action == "access.denied")
        .map(|event| (event.actor, serde_json::from_str(&event.detail).unwrap()))
        .collect();
    assert_eq!(denied.len(), 3);
    assert!(denied[0].0.starts_with("api_key:") && denied[2].0.starts_with("person:"));
    assert_eq!(denied[0].1, json!({"target": "PUT:/api/v1/settings/:section"}));
    assert_eq!(denied[2].1, json!({"target": "GET:/connections/new"}));
}

#[tokio::test]
async fn rules_start_and_approve_where_the_company_says_so() {
    let app = TestApp::with_ada().await;
    let rule = json!({"start": ["access"], "approve": ["access"], "grace": "2d"});
    app.put("/api/v1/settings/automation", rule).await.expect(200);
    let made = app.make(json!({"start": false})).await;
    assert_eq!(made["state"], "collecting");
    let ready = app.until(&made, "delivering").await;
    assert_eq!(ready["approved_by"], json!(["automation"]));

    let deletion = app.make(json!({"type": "deletion", "start": false})).await;
    assert_eq!(deletion["state"], "triage");
    app.decide(&deletion, "start", Value::Null).await.expect(200);
    let approved = app.decide(&deletion, "approve", Value::Null).await.expect(200).json();
    assert_eq!(approved["state"], "grace");
    assert_eq!(approved["options"]["grace_seconds"], 2 * 24 * 3600);
}

#[tokio::test]
async fn no_rule_starts_what_no_connection_can_act_on() {
    let app = TestApp::start().await;
    app.put("/api/v1/settings/automation", json!({"start": ["access"]}))
        .await
        .expect(200);
    let made = app.make(json!({"start": false})).await;
    assert_eq!(made["state"], "triage");
    assert_eq!(made["notices"][0]["code"], "no_connection");
}

#[tokio::test]
async fn a_request_that_may_repeat_an_earlier_one_is_linked_and_waits_for_a_person() {
    let app = TestApp::with_ada().await;
    app.put(
        "/api/v1/settings/automation",
        json!({"start": ["access", "deletion"], "duplicate_window": "7d"}),
    )
    .await
    .expect(200);
    let first = app.make(json!({"start": false})).await;
    assert_eq!(
        (&first["state"], &first["possible_duplicates"]),
        (&json!("collecting"), &json!([]))
    );
    // Another right, another person: nothing in common.
    let other = app.make(json!({"type": "deletion", "start": false})).await;
    assert_eq!(
        (&other["state"], &other["possible_duplicates"]),
        (&json!("pending_review"), &json!([]))
    );
    let bob = app
        .make(json!({"identities": {"email": "bob@example.com"}, "start": false}))
        .await;
    assert_eq!(bob["state"], "collecting");

    // The same address, written otherwise.
    let second = app
        .make(json!({"identities": {"email": " Marker-ADA@example.com"}, "start": false}))
        .await;
    assert_eq!(second["state"], "triage");
    assert_eq!(second["possible_duplicates"][0]["id"], first["id"]);
    assert!(second["notices"].to_string().contains("possible_duplicate"));
    assert!(
        app.history(&second)
            .await
            .contains(&"request.duplicate_found".to_owned())
    );
    // It is seen from the other side as well.
    let first = app.again(&first).await;
    assert_eq!(first["possible_duplicates"][0]["reference"], second["reference"]);
    app.decide(&second, "duplicate", Value::Null).await.expect(200);

    // Closed requests count within the window, open ones always.
    app.decide(&first, "cancel", Value::Null).await.expect(200);
    app.clock.advance(SignedDuration::from_hours(24 * 6));
    let third = app.make(json!({"start": false})).await;
    assert_eq!(third["possible_duplicates"].as_array().unwrap().len(), 2);
    app.clock.advance(SignedDuration::from_hours(24 * 30));
    let fourth = app.make(json!({"start": false})).await;
    let linked = fourth["possible_duplicates"].as_array().unwrap();
    assert_eq!((linked.len(), &linked[0]["id"]), (1, &third["id"]));
}

#[tokio::test]
async fn a_second_approver_is_asked_for_everywhere() {
    // SEC-20
    let app = TestApp::with_ada().await;
    let rule = json!({"deletion": 2, "separate_approver": true});
    app.put("/api/v1/settings/approvals", rule).await.expect(200);
    let refused = json!({"type": "deletion", "identities": {"email": ADA}, "auto_approve": true});
    let refused = app.post("/api/v1/requests", refused).await.expect(422).json();
    assert_eq!(refused["field"], "auto_approve");

    let (one, two, three) = (app.api_key().await, app.api_key().await, app.api_key().await);
    let call = |key: &str, path: &str, body: Option<Value>| app.send(api_request(key, Method::POST, path, body));
    // Less than the company asks for can't be asked for.
    let body = json!({"type": "deletion", "identities": {"email": ADA}, "start": true,
        "options": {"approvals": 1, "separate_approver": false}});
    let made = call(&one, "/api/v1/requests", Some(body)).await.expect(201).json();
    let approve = format!("/api/v1/requests/{}/approve", made["id"].as_str().unwrap());
    call(&one, &approve, None).await.expect(409);
    assert_eq!(
        call(&two, &approve, None).await.expect(200).json()["state"],
        "pending_review"
    );
    call(&two, &approve, None).await.expect(409);
    assert_eq!(
        call(&three, &approve, None).await.expect(200).json()["state"],
        "deleting"
    );

    app.put("/api/v1/settings/approvals", json!({"deletion": 0}))
        .await
        .expect(400);
}

#[tokio::test]
async fn the_approvers_of_a_connection_must_be_heard() {
    let app = TestApp::with_ada().await;
    let connection = app.get("/api/v1/connections").await.json()["connections"][0]["id"].clone();
    let ben = app.person("ben@example.com", Role::Approver).await;
    let rule = json!({"connections": {connection.as_str().unwrap(): [format!("person:{ben}")]}});
    app.put("/api/v1/settings/approvals", rule).await.expect(200);

    // A rule alone does not do, and neither does anybody else.
    let made = app.make(json!({"auto_approve": true})).await;
    let waiting = app.until(&made, "pending_review").await;
    let half = app.decide(&waiting, "approve", Value::Null).await.expect(200).json();
    assert_eq!(half["state"], "pending_review");
    let mut browser = Browser::of(&app);
    browser.log_in("ben@example.com", PASSWORD).await.expect(303);
    let path = format!("/requests/{}/review", made["id"].as_str().unwrap());
    let page = browser.get(&path).await.expect(200);
    browser
        .submit(
            &page,
            &format!("/requests/{}/approve", made["id"].as_str().unwrap()),
            &[],
        )
        .await
        .expect(303);
    assert_eq!(app.again(&made).await["state"], "delivering");

    for wrong in [
        "person:0198c0de-0000-7000-8000-000000000000",
        "automation",
        "ben@example.com",
    ] {
        let rule = json!({"connections": {connection.as_str().unwrap(): [wrong]}});
        app.put("/api/v1/settings/approvals", rule).await.expect(400);
    }
}

#[tokio::test]
async fn what_is_kept_goes_when_the_company_says_so() {
    let app = TestApp::with_ada().await;
    app.put(
        "/api/v1/settings/retention",
        json!({"requests": "10d", "dossiers": "2d"}),
    )
    .await
    .expect(200);
    app.put(
        "/api/v1/settings/retention",
        json!({"requests": "1d", "dossiers": "2d"}),
    )
    .await
    .expect(400);
    let made = app.make(json!({"auto_approve": true})).await;
    app.until(&made, "delivering").await;
    assert_eq!(crate::requests::package(&app, &made).await.0, 200);
    app.after(SignedDuration::from_hours(47)).await;
    assert_eq!(crate::requests::package(&app, &made).await.0, 200);
    app.after(SignedDuration::from_hours(2)).await;
    assert_eq!(crate::requests::package(&app, &made).await.0, 410);
    assert!(!app.again(&made).await["identities"].as_object().unwrap().is_empty());
    app.after(SignedDuration::from_hours(24 * 8)).await;
    assert_eq!(app.again(&made).await["identities"], json!({}));
}

#[tokio::test]
async fn pages_carry_the_name_that_was_chosen_last() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    app.put("/api/v1/settings/brand", json!({"name": "Acme Privacy"}))
        .await
        .expect(200);
    assert!(browser.get("/").await.expect(200).text.contains("Acme Privacy"));
    for wrong in [json!({"name": ""}), json!({"name": " x"}), json!({"colour": "red"})] {
        app.put("/api/v1/settings/brand", wrong).await.expect(400);
    }
}

#[tokio::test]
async fn letters_and_the_pages_that_they_lead_to_carry_it_too() {
    let app = TestApp::with_ada().await;
    app.put(
        "/api/v1/settings/brand",
        json!({"name": "Acme Privacy", "colour": "#aa2200"}),
    )
    .await
    .expect(200);
    app.make(json!({"verify": true, "notify": true})).await;
    // Also where the process that shows the page has not heard of it yet.
    let other = app.second_process().await;
    let mail = app.last_mail_to(ADA).await;
    assert!(mail.text.reveal().contains("Acme Privacy"), "{}", mail.text.reveal());
    let link = path_in(&mail);
    for manager in [&app.manager, &other] {
        let asked = request(Method::GET, &link).body(axum::body::Body::empty()).unwrap();
        let page = send(manager, asked).await.expect(200).text;
        assert!(page.contains("Acme Privacy") && !page.contains("Rightful"), "{page}");
    }
}

#[tokio::test]
async fn an_administrator_edits_the_settings_on_their_pages() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    assert_eq!(
        browser.get("/settings").await.expect(303).location(),
        "/settings/frameworks"
    );

    let page = browser.get("/settings/automation").await.expect(200);
    let typed = [("start", "access"), ("duplicate_window", "10d"), ("grace", "1d")];
    browser.submit(&page, "/settings/automation", &typed).await.expect(303);
    let shown = browser.get("/settings/automation").await.expect(200);
    assert!(shown.text.contains("value=\"10d\""), "{}", shown.text);
    assert_eq!(app.make(json!({"start": false})).await["state"], "collecting");
    let wrong = [("duplicate_window", "soon"), ("grace", "1d")];
    let again = browser.submit(&shown, "/settings/automation", &wrong).await.expect(422);
    assert!(again.text.contains("value=\"soon\""), "{}", again.text);
    browser
        .submit(&shown, "/settings/automation/reset", &[])
        .await
        .expect(303);
    assert_eq!(
        app.get("/api/v1/settings/automation").await.json()["settings"]["start"],
        json!([])
    );

    let page = browser.get("/settings/retention").await.expect(200);
    let typed = [("requests", "5d"), ("dossiers", "9d")];
    let refused = browser.submit(&page, "/settings/retention", &typed).await.expect(422);
    assert!(refused.text.contains("ust not be kept longer than their requests"));

    let page = browser.get("/settings/approvals").await.expect(200);
    let typed = [("access", "1"), ("deletion", "2"), ("separate_approver", "true")];
    browser.submit(&page, "/settings/approvals", &typed).await.expect(303);
    assert_eq!(
        app.get("/api/v1/settings/approvals").await.json()["settings"]["deletion"],
        2
    );

    let page = browser.get("/settings/brand").await.expect(200);
    let typed = [("name", "Acme"), ("colour", "#7a1f1f")];
    browser.submit(&page, "/settings/brand", &typed).await.expect(303);
    let shown = browser.get("/settings/brand").await.expect(200).text;
    assert!(shown.contains("Acme"));
    let sheet = shown.split('"').find(|text| text.contains("/accent")).unwrap();
    let sheet = browser.get(sheet).await.expect(200);
    assert_eq!(sheet.headers["content-type"], "text/css; charset=utf-8");
}

#[tokio::test]
async fn the_table_of_laws_is_edited_on_its_page() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    let page = browser.get("/settings/frameworks").await.expect(200);
    assert!(page.text.contains("UK GDPR"));
    let new = browser.get("/settings/frameworks/new").await.expect(200);
    let typed = [("name", "House rule"), ("id", "House"), ("term", "10 days")];
    let refused = browser
        .submit(&new, "/settings/frameworks/new", &typed)
        .await
        .expect(422);
    assert!(refused.text.contains("value=\"House rule\""), "{}", refused.text);
    let typed = [
        ("name", "House rule"),
        ("id", "house"),
        ("term", "10 days"),
        ("places", "DE, FR"),
    ];
    browser
        .submit(&new, "/settings/frameworks/new", &typed)
        .await
        .expect(303);
    due_after(&app.make(json!({"framework": "house", "start": false})).await, 10);

    let law = "/settings/frameworks/law/house";
    let page = browser.get(law).await.expect(200);
    let typed = [("name", "House rule"), ("term", "12 days"), ("extension", "3 days")];
    browser.submit(&page, law, &typed).await.expect(303);
    due_after(&app.make(json!({"framework": "house", "start": false})).await, 12);
    let list = browser.get("/settings/frameworks").await.expect(200);
    browser
        .submit(&list, "/settings/frameworks/usual", &[("usual", "house")])
        .await
        .expect(303);
    due_after(&app.make(json!({"start": false})).await, 12);
    browser.submit(&page, &format!("{law}/remove"), &[]).await.expect(409);
    browser
        .submit(&list, "/settings/frameworks/usual", &[("usual", "gdpr")])
        .await
        .expect(303);
    browser.submit(&page, &format!("{law}/remove"), &[]).await.expect(303);
    browser.get(law).await.expect(404);

    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    assert!(
        !viewer
            .get("/settings/frameworks")
            .await
            .expect(200)
            .text
            .contains("Add a legal framework")
    );
    viewer.get("/settings/frameworks/new").await.expect(403);
}
