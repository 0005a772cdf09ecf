//! The portal's pages about requests: the queue, one request, its review.

use axum::body::Body;
use http::{Method, header};
use jiff::SignedDuration;
use manager::Role;
use serde_json::{Value, json};

use crate::{
    app::{Answer, TestApp, request},
    portal::Browser,
    requests::{ADA, members},
};

const NEW: &str = "/requests/new";

impl Browser<'_> {
    /// Enters a request: the path of its page.
    async fn enter(&mut self, filled: &[(&str, &str)]) -> String {
        let page = self.get(NEW).await.expect(200);
        let ticked: Vec<String> = values(&page, "connections");
        let mut sent = filled.to_vec();
        sent.extend(ticked.iter().map(|id| ("connections", id.as_str())));
        self.submit(&page, NEW, &sent).await.expect(303).location().to_owned()
    }

    /// Presses the button of the page `path` that posts to `action` below it.
    async fn press(&mut self, path: &str, action: &str, filled: &[(&str, &str)]) -> Answer {
        let page = self.get(path).await.expect(200);
        self.submit(&page, &format!("{path}/{action}"), filled).await
    }

    /// Sends a form that no page of theirs offers.
    async fn post(&mut self, path: &str, form: &str) -> Answer {
        let asked = request(Method::POST, path)
            .header(header::COOKIE, self.cookie.clone().unwrap())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "https://localhost:8443");
        self.app.send(asked.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Sends the review as it stands, but with these answers.
    async fn choose(&mut self, path: &str, changed: &[(&str, &str)], dropped: &[&str]) -> Answer {
        let action = format!("{path}/review");
        let page = self.get(&action).await.expect(200);
        let mut sent: Vec<(String, String)> = checked(&page);
        sent.retain(|(name, value)| {
            !changed.iter().any(|(other, _)| other == name) && !dropped.contains(&value.as_str())
        });
        let mut sent: Vec<(&str, &str)> = sent
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        sent.extend(changed);
        self.submit(&page, &action, &sent).await
    }
}

/// An access request about Ada that came to its review, entered at the portal.
async fn reviewable(app: &TestApp, browser: &mut Browser<'_>) -> (String, Value) {
    let path = browser
        .enter(&[
            ("type", "access"),
            ("email", ADA),
            ("framework", "gdpr"),
            ("start", "yes"),
        ])
        .await;
    let request = json!({"id": path.rsplit('/').next().unwrap()});
    app.until(&request, "pending_review").await;
    (path, request)
}

/// The values of the check boxes of this name.
fn values(page: &Answer, name: &str) -> Vec<String> {
    let before = format!("name=\"{name}\" value=\"");
    let boxes = page.text.split(before.as_str()).skip(1);
    boxes.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// What is ticked and chosen, as a browser would send it.
fn checked(page: &Answer) -> Vec<(String, String)> {
    let inputs = page
        .text
        .split("<input")
        .skip(1)
        .map(|input| input.split('>').next().unwrap());
    let attribute = |input: &str, name: &str| {
        let (_, rest) = input.split_once(&format!(" {name}=\""))?;
        Some(rest.split('"').next().unwrap().to_owned())
    };
    inputs
        .filter(|input| input.ends_with(" checked"))
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}

/// The name of the question about a field of the object whose card comes `nth`.
fn question(page: &Answer, path: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("<code>{path}</code>")).unwrap();
    let (_, rest) = rest.split_once("name=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn offers(page: &Answer, action: &str) -> bool {
    page.text.contains(&format!("action=\"{action}\""))
}

#[tokio::test]
async fn an_empty_queue_says_how_requests_come_in() {
    let app = TestApp::start().await;
    let mut manager = Browser::of_role(&app, Role::RequestManager).await;
    let page = manager.get("/requests").await.expect(200);
    assert!(page.text.contains("No requests yet") && page.text.contains(NEW));
    let page = manager.get(NEW).await.expect(200);
    assert!(page.text.contains("No system is connected yet"), "{}", page.text);

    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get("/requests").await.expect(200);
    assert!(page.text.contains("No requests yet") && !page.text.contains(NEW));
    viewer.get(NEW).await.expect(403);
    let mut nobody = Browser::of(&app);
    assert_eq!(
        nobody.get("/requests").await.expect(303).location(),
        "/login?next=%2Frequests"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_new_request_is_said_beside_the_field_and_nothing_typed_is_lost() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let page = browser.get(NEW).await.expect(200);
    let filled = [
        ("email", "ada at example"),
        ("dcp_id", "visitor-4711"),
        ("framework", "cpra"),
    ];
    let wrong = browser.submit(&page, NEW, &filled).await.expect(422);
    for sentence in [
        "Choose what the person asks for",
        "Enter an e-mail address like name@example.com",
        "Choose at least one connection",
    ] {
        assert!(wrong.text.contains(sentence), "{sentence}: {}", wrong.text);
    }
    for kept in [
        "value=\"ada at example\"",
        "value=\"visitor-4711\"",
        "value=\"cpra\" selected",
        "<details class=\"fold\" open>",
    ] {
        assert!(wrong.text.contains(kept), "{kept}: {}", wrong.text);
    }
    let wrong = browser.submit(&wrong, NEW, &[("type", "access")]).await.expect(422);
    assert!(
        wrong.text.contains("Enter an e-mail address or another identifier"),
        "{}",
        wrong.text
    );
    assert!(browser.get("/requests").await.text.contains("No requests yet"));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_request() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let page = browser.get(NEW).await.expect(200);
    let connection = values(&page, "connections").remove(0);
    let filled = |email| {
        [
            ("type", "access"),
            ("email", email),
            ("connections", connection.as_str()),
        ]
    };
    let first = browser.submit(&page, NEW, &filled(ADA)).await.expect(303);
    let second = browser.submit(&page, NEW, &filled(ADA)).await.expect(303);
    assert_eq!(first.location(), second.location());
    // Back, another address typed in, sent again: somebody else is meant, and the form asks once more.
    let other = browser.submit(&page, NEW, &filled("bob@example.com")).await.expect(422);
    assert!(other.text.contains("value=\"bob@example.com\""), "{}", other.text);
    browser
        .submit(&other, NEW, &filled("bob@example.com"))
        .await
        .expect(303);
    assert!(browser.get("/requests").await.text.contains("2 open, 0 closed"));
}

#[tokio::test]
async fn the_queue_shows_masked_subjects_deadlines_and_what_is_waited_for() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser
        .enter(&[("type", "access"), ("email", ADA), ("dcp_id", "4711-abc")])
        .await;
    browser
        .enter(&[
            ("type", "deletion"),
            ("email", "bob@example.com"),
            ("framework", "cpra"),
        ])
        .await;

    let queue = browser.get("/requests").await.expect(200);
    for shown in [
        "m•••@example.com and 1 more",
        "22 Dec 2026",
        "on time, 30 days left",
        "somebody to start it",
        "2 open",
    ] {
        assert!(queue.text.contains(shown), "{shown}: {}", queue.text);
    }
    assert!(!queue.text.contains(ADA) && !queue.text.contains("4711-abc"));
    assert_eq!(queue.headers[header::CACHE_CONTROL], "no-store");

    app.clock.advance(SignedDuration::from_hours(24 * 28));
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    let queue = browser.get("/requests?type=access").await.expect(200);
    assert!(
        queue.text.contains("due soon, 2 days left") && !queue.text.contains("b•••@example.com"),
        "{}",
        queue.text
    );
    app.clock.advance(SignedDuration::from_mins(50));
    assert!(
        browser
            .get("/requests?state=triage&type=deletion")
            .await
            .text
            .contains("b•••@example.com")
    );
    let none = browser.get("/requests?state=closed").await.expect(200);
    assert!(none.text.contains("No such requests"), "{}", none.text);
    let soon = browser.get("/requests?deadline=due_soon").await.expect(200);
    assert!(soon.text.contains("m•••@example.com") && !soon.text.contains("b•••@example.com"));
    let none = browser.get("/requests?deadline=past_due").await.expect(200);
    assert!(none.text.contains("No such requests"), "{}", none.text);
    for odd in [
        "state=lost",
        "type=portability",
        "cursor=1",
        "deadline=never",
        "failed=perhaps",
    ] {
        browser.get(&format!("/requests?{odd}")).await.expect(400);
    }
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("m•••@example.com") && !page.text.contains(ADA));
}

#[tokio::test]
async fn the_queue_is_turned_page_by_page() {
    let app = TestApp::with_ada().await;
    let api_key = app.api_key().await;
    for number in 0..51 {
        let body = json!({"type": "access", "identities": {"email": format!("p{number}@example.com")}});
        app.send(crate::app::api_request(
            &api_key,
            Method::POST,
            "/api/v1/requests",
            Some(body),
        ))
        .await
        .expect(201);
        app.clock.advance(SignedDuration::from_secs(1));
    }
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    let first = browser.get("/requests?type=access").await.expect(200);
    assert_eq!(first.text.matches(">DSR-").count(), 50);
    let (_, rest) = first
        .text
        .split_once("href=\"/requests?type=access&#38;cursor=")
        .unwrap();
    let cursor = rest.split('"').next().unwrap();
    let second = browser
        .get(&format!("/requests?type=access&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(second.text.matches(">DSR-").count(), 1);
    assert!(!second.text.contains("Older requests"));
}

#[tokio::test]
async fn a_subject_is_found_by_the_whole_address_without_it_getting_into_an_address_bar() {
    // SEC-37
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    let made = app.make(json!({"start": false})).await;
    app.make(json!({"start": false, "identities": {"email": "bob@example.com", "fullstack_id": "bob-1"}}))
        .await;
    let queue = browser.get("/requests").await.expect(200);
    let search = "/requests/search";
    let spelt_otherwise = ADA.to_uppercase();
    let found = browser
        .submit(&queue, search, &[("q", &spelt_otherwise)])
        .await
        .expect(200);
    assert!(
        found.text.contains(made["reference"].as_str().unwrap()),
        "{}",
        found.text
    );
    assert_eq!(found.text.matches(">DSR-").count(), 1);
    assert!(found.text.contains("1 request for M•••@EXAMPLE.COM"), "{}", found.text);
    let found = browser.submit(&queue, search, &[("q", "bob-1")]).await.expect(200);
    assert_eq!(found.text.matches(">DSR-").count(), 1);
    let none = browser.submit(&queue, search, &[("q", "bob@")]).await.expect(200);
    assert!(none.text.contains("Nothing was found"), "{}", none.text);
    let reference = made["reference"].as_str().unwrap().to_lowercase();
    let found = browser.submit(&queue, search, &[("q", &reference)]).await.expect(303);
    assert_eq!(found.location(), format!("/requests/{}", made["id"].as_str().unwrap()));
    assert_eq!(browser.get(search).await.expect(303).location(), "/requests");
}

#[tokio::test]
async fn identifiers_are_masked_until_somebody_who_works_on_the_request_shows_them() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get(&path).await.expect(200);
    assert!(!page.text.contains(ADA) && !offers(&page, &format!("{path}/subject")));

    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    assert!(!app.history(&made).await.contains(&"request.viewed".to_owned()));
    let shown = browser.press(&path, "subject", &[]).await.expect(200);
    assert!(shown.text.contains(ADA), "{}", shown.text);
    assert_eq!(app.history(&made).await.last().unwrap(), "request.viewed");
    let again = browser.get(&path).await.expect(200);
    assert!(!again.text.contains(ADA) && again.text.contains("The identifiers were looked at in full"));
    assert!(again.text.contains("by request_manager@example.com"), "{}", again.text);
    browser.get(&format!("{path}/subject")).await.expect(405);
}

#[tokio::test]
async fn a_request_is_entered_reviewed_approved_and_downloaded_from_the_portal() {
    // CL-24, CL-26
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser.enter(&[("type", "access"), ("email", ADA)]).await;
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("Waits for") && page.text.contains("somebody to start it"));
    assert!(!page.text.contains(&format!("{path}/review")) && !offers(&page, &format!("{path}/package")));
    browser.press(&path, "start", &[]).await.expect(303);
    app.run_jobs().await;
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("connections, 0 of 1 done") && page.text.contains("Job <code>9000</code>"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("says “pending”") && page.text.contains("The next step is due"),
        "{}",
        page.text
    );

    let request = json!({"id": path.rsplit('/').next().unwrap()});
    app.until(&request, "pending_review").await;
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Review and approve") && page.text.contains("2 objects, 3 records"),
        "{}",
        page.text
    );
    assert!(!offers(&page, &format!("{path}/start")) && !offers(&page, &format!("{path}/package")));

    let review = browser.get(&format!("{path}/review")).await.expect(200);
    assert!(
        !review.text.contains("192.0.2.1"),
        "values stand on the pages of records alone"
    );
    let (card, ip) = (question(&review, "card"), question(&review, "ip"));
    let saved = browser
        .choose(&path, &[(&card, "exclude"), (&ip, "redact")], &[])
        .await
        .expect(303);
    let page = browser.get(saved.location()).await.expect(200);
    assert!(page.text.contains("Your choice was saved") && offers(&page, &format!("{path}/review/undo")));

    let preview = browser.get(&format!("{path}/review/preview")).await.expect(200);
    assert!(
        preview.text.contains("[redacted]") && !preview.text.contains("192.0.2.1"),
        "{}",
        preview.text
    );
    assert!(!preview.text.contains("=1+1") && preview.text.contains(ADA));
    assert!(app.history(&request).await.contains(&"dossier.viewed".to_owned()));

    let approved = browser
        .submit(&preview, &format!("{path}/approve"), &[])
        .await
        .expect(303);
    assert_eq!(approved.location(), path);
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("No download link was mailed"), "{}", page.text);
    let package = browser.press(&path, "package", &[]).await.expect(200);
    assert_eq!(package.headers[header::CONTENT_TYPE], "application/zip");
    let name = package.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(name.starts_with("attachment; filename=\"DSR-"), "{name}");
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Closed: downloaded") && page.text.contains("closed in time"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Approved<br>") && page.text.contains("The package was downloaded by staff"));
    assert!(!page.text.contains("More actions") && offers(&page, &format!("{path}/package")));

    let (_, zip) = crate::requests::package(&app, &request).await;
    let dossier = members(&zip).remove("dossier.json").unwrap();
    assert!(
        dossier.contains("[redacted]") && !dossier.contains("192.0.2.1") && !dossier.contains("=1+1"),
        "{dossier}"
    );
}

#[tokio::test]
async fn a_choice_is_undone_saved_with_the_approval_and_never_made_on_an_old_page() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::Approver).await;
    let (path, request) = reviewable(&app, &mut browser).await;
    let review = format!("{path}/review");
    let old = browser.get(&review).await.expect(200);
    assert!(
        !offers(&old, &format!("{path}/approve")),
        "beside the form a button would approve what is not saved"
    );
    let profile = values(&old, "object").remove(0);

    let saved = browser.choose(&path, &[], &[&profile]).await.expect(303);
    let page = browser.get(saved.location()).await.expect(200);
    assert!(!checked(&page).contains(&("object".to_owned(), profile.clone())));
    browser.submit(&page, &format!("{review}/undo"), &[]).await.expect(303);
    let page = browser.get(&review).await.expect(200);
    assert!(checked(&page).contains(&("object".to_owned(), profile.clone())));

    let card = question(&page, "card");
    browser.choose(&path, &[(&card, "exclude")], &[]).await.expect(303);
    let stale = browser.submit(&old, &review, &[("object", &profile)]).await.expect(409);
    assert!(stale.text.contains("nothing of yours was saved"), "{}", stale.text);

    // What was left out comes back, hidden.
    let then = [(card.as_str(), "redact"), ("then", "approve")];
    let approved = browser.choose(&path, &then, &[]).await.expect(303);
    assert_eq!(approved.location(), path);
    assert_eq!(app.again(&request).await["state"], "delivering");
    let (_, zip) = crate::requests::package(&app, &request).await;
    let dossier: Value = serde_json::from_str(&members(&zip)["dossier.json"]).unwrap();
    assert_eq!(dossier["objects"][0]["records"][0]["card"], "[redacted]", "{dossier}");
    let page = browser.get(&review).await.expect(200);
    assert!(
        values(&page, "object").is_empty() && page.text.contains("value hidden"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn one_record_is_changed_on_its_own_page() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, _) = reviewable(&app, &mut browser).await;
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    let events = values(&review, "object").remove(1);
    let records = format!("{path}/review/objects/{events}");
    let page = browser.get(&records).await.expect(200);
    assert!(
        page.text.contains("Record 1") && page.text.contains("192.0.2.1"),
        "{}",
        page.text
    );

    let second = format!("{records}/2");
    let page = browser.get(&second).await.expect(200);
    let wrong = [("field", ""), ("action", "edit"), ("value", "x")];
    let wrong = browser.submit(&page, &second, &wrong).await.expect(422);
    assert!(wrong.text.contains("Choose one field"), "{}", wrong.text);
    let edit = [
        ("field", "event"),
        ("action", "edit"),
        ("value", "purchase"),
        ("reason", "typo at the vendor"),
    ];
    browser.submit(&page, &second, &edit).await.expect(303);
    browser
        .submit(&page, &second, &[("field", "ip"), ("action", "exclude")])
        .await
        .expect(303);
    let page = browser.get(&second).await.expect(200);
    assert!(page.text.contains("purchase") && page.text.contains("other value") && page.text.contains("left out"));
    assert!(!page.text.contains("typo at the vendor"));

    let first = format!("{records}/1");
    let page = browser.get(&first).await.expect(200);
    browser
        .submit(&page, &first, &[("field", ""), ("action", "exclude")])
        .await
        .expect(303);
    let preview = browser.get(&format!("{path}/review/preview")).await.expect(200);
    assert!(
        preview.text.contains("purchase") && !preview.text.contains("192.0.2.1") && !preview.text.contains("click")
    );
    browser.get(&format!("{records}/99")).await.expect(404);
    browser.get(&format!("{path}/review/objects/nothing")).await.expect(404);
}

#[tokio::test]
async fn a_viewer_looks_and_decides_nothing() {
    // SEC-16
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, request) = reviewable(&app, &mut browser).await;
    let preview = browser.get(&format!("{path}/review/preview")).await.expect(200);
    let open = browser.get(&path).await.expect(200);

    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get(&path).await.expect(200);
    assert!(!page.text.contains("More actions") && !page.text.contains("Review and approve"));
    let page = viewer.get(&format!("{path}/review")).await.expect(200);
    assert!(
        page.text.contains("Your role may look at this, not approve it"),
        "{}",
        page.text
    );
    assert_eq!(
        page.text.matches("<form").count(),
        1,
        "logging out is all that a viewer can post"
    );
    // A form of somebody else's page is none of theirs.
    viewer
        .submit(&preview, &format!("{path}/approve"), &[])
        .await
        .expect(403);
    viewer.submit(&open, &format!("{path}/cancel"), &[]).await.expect(403);
    assert_eq!(app.again(&request).await["state"], "pending_review");
}

#[tokio::test]
async fn whoever_lost_the_role_can_not_use_a_page_that_is_still_open() {
    // SEC-17
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, request) = reviewable(&app, &mut browser).await;
    let preview = browser.get(&format!("{path}/review/preview")).await.expect(200);
    let mut tx = app.manager.store().write().await.unwrap();
    tx.execute("UPDATE operator SET role = 'viewer'", Vec::new())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let refused = browser
        .submit(&preview, &format!("{path}/approve"), &[])
        .await
        .expect(403);
    assert!(
        refused.text.contains("Your role does not allow this"),
        "{}",
        refused.text
    );
    assert_eq!(app.again(&request).await["state"], "pending_review");
}

#[tokio::test]
async fn a_form_without_its_token_decides_nothing() {
    // SEC-15
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, request) = reviewable(&app, &mut browser).await;
    for action in [
        "approve",
        "cancel",
        "subject",
        "package",
        "review",
        "review/undo",
        "tasks/retry",
    ] {
        let refused = browser.post(&format!("{path}/{action}"), "").await.expect(403);
        assert!(!refused.text.contains(ADA), "{action}");
    }
    browser.post(NEW, "type=access&email=a%40example.com").await.expect(403);
    browser.post("/requests/search", "q=a%40example.com").await.expect(403);
    assert_eq!(app.again(&request).await["state"], "pending_review");
    browser.post(&format!("{path}/explode"), "").await.expect(404);
}

#[tokio::test]
async fn what_failed_says_why_and_is_retried_or_skipped_from_the_page() {
    // CL-20
    let app = TestApp::with_ada_and(json!({"data_types": ["visitor", "user"]})).await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser
        .enter(&[("type", "access"), ("email", ADA), ("start", "yes")])
        .await;
    let request = json!({"id": path.rsplit('/').next().unwrap()});
    app.run_jobs().await;
    for job in &mut app.vendor.state().jobs.all {
        job.failed = true;
    }
    app.after(SignedDuration::from_mins(2)).await;
    let page = browser.get(&path).await.expect(200);
    for shown in [
        "a decision about 2 failed tasks",
        "The vendor gave the job up",
        "Code vendor_failure",
        "says “failure”",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let queue = browser.get("/requests?failed=true").await.expect(200);
    assert!(queue.text.contains("a decision about 2 failed tasks"), "{}", queue.text);

    for job in &mut app.vendor.state().jobs.all {
        job.failed = false;
    }
    let tasks = app.again(&request).await["tasks"].clone();
    let task = |number: usize| tasks[number]["id"].as_str().unwrap().to_owned();
    browser
        .press(&path, &format!("tasks/{}/skip", task(0)), &[])
        .await
        .expect(303);
    browser
        .press(&path, &format!("tasks/{}/retry", task(1)), &[])
        .await
        .expect(303);
    app.until(&request, "pending_review").await;
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("Skipped") && page.text.contains("Complete") && page.text.contains("2 of 2 done"));
}

#[tokio::test]
async fn a_deletion_says_what_it_deletes_before_it_is_approved() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser
        .enter(&[("type", "deletion"), ("email", ADA), ("start", "yes")])
        .await;
    let request = json!({"id": path.rsplit('/').next().unwrap()});
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    assert!(review.text.contains("What is deleted") && review.text.contains("visitors known by e-mail address"));
    assert!(!review.text.contains("Preview"));
    browser
        .submit(&review, &format!("{path}/approve"), &[])
        .await
        .expect(303);
    app.until(&request, "closed").await;
    let page = browser.get(&path).await.expect(200);
    for shown in [
        "Closed: completed",
        "deletion complete",
        "not verified",
        "Every connection is done deleting",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let twice = browser
        .submit(&review, &format!("{path}/approve"), &[])
        .await
        .expect(409);
    assert!(twice.text.contains("the request is closed"), "{}", twice.text);
}

#[tokio::test]
async fn a_request_is_paused_resumed_extended_and_denied() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser.enter(&[("type", "access"), ("email", ADA)]).await;
    browser
        .press(&path, "pause", &[("reason", "legal_hold")])
        .await
        .expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Paused: Legal hold") && page.text.contains("somebody to resume it"),
        "{}",
        page.text
    );
    assert!(!offers(&page, &format!("{path}/start")));
    browser.submit(&page, &format!("{path}/resume"), &[]).await.expect(303);
    browser.press(&path, "extend", &[]).await.expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("The deadline was extended to 20 Feb 2027"),
        "{}",
        page.text
    );
    assert!(!offers(&page, &format!("{path}/extend")), "once");
    browser
        .submit(&page, &format!("{path}/deny"), &[("ground", "whim")])
        .await
        .expect(400);
    browser
        .submit(&page, &format!("{path}/deny"), &[("ground", "unfounded")])
        .await
        .expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Closed: denied") && page.text.contains("Manifestly unfounded"),
        "{}",
        page.text
    );
    assert_eq!(
        page.text.matches("<form").count(),
        2,
        "logging out and showing whom it was about"
    );
    browser
        .get("/requests/0190b0a0-0000-7000-8000-000000000000")
        .await
        .expect(404);
    browser.get("/requests/nonsense").await.expect(404);
}

#[tokio::test]
async fn a_request_that_nobody_can_act_on_says_so() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser.enter(&[("type", "access"), ("email", ADA)]).await;
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Nobody is asked") && page.text.contains("No connection can act"),
        "{}",
        page.text
    );
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    assert!(review.text.contains("Nothing was found"), "{}", review.text);
}

#[tokio::test]
async fn what_a_vendor_wrote_is_text_and_never_markup() {
    // SEC-29
    let app = TestApp::with_ada().await;
    let markup = "<img src=x onerror=alert(1)>";
    app.vendor
        .state()
        .holds("visitor", ADA, "profile", json!({(markup): markup}));
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, _) = reviewable(&app, &mut browser).await;
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    let profile = values(&review, "object").remove(0);
    let records = browser
        .get(&format!("{path}/review/objects/{profile}"))
        .await
        .expect(200);
    let record = browser
        .get(&format!("{path}/review/objects/{profile}/2"))
        .await
        .expect(200);
    let preview = browser.get(&format!("{path}/review/preview")).await.expect(200);
    for page in [review, records, record, preview] {
        assert!(
            page.text.contains("onerror") && !page.text.contains("<img"),
            "{}",
            page.text
        );
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    }
}
