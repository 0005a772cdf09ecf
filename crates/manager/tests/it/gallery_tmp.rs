//! temporary
use http::Method;
use jiff::SignedDuration;
use manager::Role;
use serde_json::{Value, json};

use crate::{
    app::{Answer, TestApp, new_connection},
    portal::Browser,
};

fn save(name: &str, page: &Answer) {
    let folder = std::path::Path::new("/tmp/m3pages");
    std::fs::create_dir_all(folder).unwrap();
    let text = page.text.replace("href=\"/assets/rightful", "href=\"rightful").replace("href=\"/assets/", "href=\"");
    std::fs::write(folder.join(format!("{name}.html")), text).unwrap();
}

async fn connect(app: &TestApp, name: &str, settings: Value) {
    let mut body = new_connection(settings);
    body["name"] = name.into();
    let made = app.api(Method::POST, "/api/v1/connections", Some(body)).await.expect(201).json();
    app.callback(&app.vendor.consent(made["authorize_url"].as_str().unwrap())).await.expect(303);
    app.run_jobs().await;
}

#[tokio::test]
async fn gallery() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    save("queue-empty", &browser.get("/requests").await);
    save("new-empty", &browser.get("/requests/new").await);
    connect(&app, "Optimizely (US)", json!({"data_types": ["visitor", "user"]})).await;
    connect(&app, "Optimizely (EU) for the shops in Scandinavia", json!({"data_types": ["visitor"], "verify_erasure": true})).await;
    {
        let mut vendor = app.vendor.state();
        for mail in ["ada.lovelace@example.com", "grace@navy.example"] {
            vendor.holds("visitor", mail, "profile", json!({"email": mail, "name": {"first": "Ada", "last": "Lovelace"}, "phone": "+44 20 7946 0000", "address": {"street": "12 St James's Square", "city": "London", "country": "GB"}, "internal_score": 0.73, "segments": ["high_value", "newsletter"], "consent": true, "created_at": "2024-03-01T10:00:00Z", "notes": null}));
            for n in 0..130 {
                vendor.holds("visitor", mail, "events", json!({"timestamp": format!("2026-10-{:02}T12:00:00Z", 1 + n % 28), "event": if n % 3 == 0 {"purchase"} else {"page_view"}, "url": format!("https://shop.example.com/products/{n}?utm_source=newsletter&utm_campaign=autumn-2026-long-name"), "ip": "192.0.2.17", "revenue": n * 100}));
            }
            vendor.holds("user", mail, "account_user", json!({"email": mail, "role": "project_owner", "last_login": "2026-11-20T08:00:00Z"}));
        }
    }
    let page = browser.get("/requests/new").await.expect(200);
    save("new", &page);
    let wrong = browser.submit(&page, "/requests/new", &[("email", "ada at example"), ("framework", "cpra"), ("dcp_id", "visitor-4711-abc")]).await.expect(422);
    save("new-errors", &wrong);

    let api = async |body: Value| app.api(Method::POST, "/api/v1/requests", Some(body)).await.expect(201).json();
    let old = api(json!({"type": "access", "identities": {"email": "kurt@example.org"}, "framework": "fadp"})).await;
    app.clock.advance(SignedDuration::from_hours(24 * 27));
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    let triage = api(json!({"type": "access", "identities": {"email": "emmy@example.net", "fullstack_id": "emmy-1", "dcp_id": "4711x"}})).await;
    let _ = api(json!({"type": "deletion", "identities": {"email": "hedy@example.com"}, "framework": "cpra"})).await;
    // access to review
    let page = browser.get("/requests/new").await.expect(200);
    let ids: Vec<String> = page.text.split("name=\"connections\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    let made = browser.submit(&page, "/requests/new", &[("type", "access"), ("email", "ada.lovelace@example.com"), ("framework", "gdpr"), ("start", "yes"), ("connections", &ids[0]), ("connections", &ids[1])]).await.expect(303);
    let review = made.location().to_owned();
    app.run_jobs().await;
    app.clock.advance(SignedDuration::from_secs(70));
    app.run_jobs().await;
    save("show-collecting", &browser.get(&review).await);
    let request = json!({"id": review.rsplit('/').next().unwrap()});
    app.until(&request, "pending_review").await;
    save("show-review", &browser.get(&review).await);
    let page = browser.get(&format!("{review}/review")).await.expect(200);
    save("review", &page);
    let object = page.text.split("name=\"object\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let records = browser.get(&format!("{review}/review/objects/{object}")).await.expect(200);
    save("records", &records);
    save("record", &browser.get(&format!("{review}/review/objects/{object}/1")).await);
    save("preview", &browser.get(&format!("{review}/review/preview")).await);
    let shown = browser.get(&review).await;
    save("show-revealed", &browser.submit(&shown, &format!("{review}/subject"), &[]).await.expect(200));
    // deletion with failure
    app.vendor.state().jobs.polls = 50;
    let deletion = api(json!({"type": "deletion", "identities": {"email": "grace@navy.example"}, "start": true})).await;
    let deletion = format!("/requests/{}", deletion["id"].as_str().unwrap());
    save("show-deletion-review", &browser.get(&deletion).await);
    let page = browser.get(&format!("{deletion}/review")).await;
    save("review-deletion", &page);
    browser.submit(&page, &format!("{deletion}/approve"), &[]).await.expect(303);
    app.run_jobs().await;
    app.vendor.state().jobs.all.last_mut().unwrap().failed = true;
    let last = app.vendor.state().jobs.all.len() - 2;
    app.vendor.state().jobs.all[last].failed = true;
    app.clock.advance(SignedDuration::from_secs(90));
    app.run_jobs().await;
    save("show-failed", &browser.get(&deletion).await);
    save("show-triage", &browser.get(&format!("/requests/{}", triage["id"].as_str().unwrap())).await);
    let page = browser.get(&format!("/requests/{}", old["id"].as_str().unwrap())).await;
    browser.submit(&page, &format!("/requests/{}/pause", old["id"].as_str().unwrap()), &[("reason", "legal_hold")]).await.expect(303);
    save("show-paused", &browser.get(&format!("/requests/{}", old["id"].as_str().unwrap())).await);
    // close some
    let page = browser.get(&format!("{review}/review")).await.expect(200);
    browser.submit(&page, &format!("{review}/approve"), &[]).await.expect(303);
    save("show-delivering", &browser.get(&review).await);
    let page = browser.get(&review).await;
    browser.submit(&page, &format!("{review}/package"), &[]).await.expect(200);
    save("show-closed", &browser.get(&review).await);
    save("queue", &browser.get("/requests").await);
    let page = browser.get("/requests").await;
    save("search", &browser.submit(&page, "/requests/search", &[("q", "grace@navy.example")]).await.expect(200));
    save("search-none", &browser.submit(&page, "/requests/search", &[("q", "nobody@navy.example")]).await.expect(200));
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    save("viewer-show", &viewer.get(&deletion).await);
}
