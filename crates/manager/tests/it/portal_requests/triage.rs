//! What is put right before a request is started.

use http::Method;
use manager::Role;
use serde_json::json;

use super::values;
use crate::{app::TestApp, portal::Browser, requests::ADA};

#[tokio::test]
async fn law_identifiers_and_connections_are_put_right_in_triage() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser
        .enter(&[("type", "access"), ("email", "eda@example.com"), ("framework", "gdpr")])
        .await;
    let request = json!({"id": path.rsplit('/').next().unwrap()});
    let before = app.again(&request).await;
    let edit = format!("{path}/edit");
    assert!(browser.get(&path).await.text.contains(&edit));
    let page = browser.get(&edit).await.expect(200);
    assert!(!page.text.contains("eda@example.com"), "identifiers stay masked");
    let connection = values(&page, "connections").remove(0);

    let nobody = [("framework", "gdpr"), ("email", "nobody")];
    let refused = browser.submit(&page, &edit, &nobody).await.expect(422);
    assert!(refused.text.contains("There is a problem"), "{}", refused.text);
    assert_eq!(app.again(&request).await["version"], before["version"]);

    let right = [
        ("framework", "cpra"),
        ("email", ADA),
        ("connections", connection.as_str()),
    ];
    browser.submit(&page, &edit, &right).await.expect(303);
    let after = app.again(&request).await;
    assert_eq!(
        (&after["framework"], &after["deadline"]),
        (&json!("cpra"), &json!("2027-01-06T08:00:00Z"))
    );
    let history = app.history(&request).await;
    for event in ["request.framework_changed", "request.identities_changed"] {
        assert!(history.iter().any(|known| known == event), "{history:?}");
    }
    // It is found by its new address and no longer by the old one.
    for (email, found) in [(ADA, 1), ("eda@example.com", 0)] {
        let list = app
            .api(Method::POST, "/api/v1/requests/search", Some(json!({"email": email})))
            .await;
        assert_eq!(list.json()["requests"].as_array().unwrap().len(), found, "{email}");
    }

    // The vendor is asked about the new one.
    browser.press(&path, "start", &[]).await.expect(303);
    app.until(&request, "pending_review").await;
    assert!(
        app.posted().iter().all(|job| job["identifier"] == ADA),
        "{:?}",
        app.posted()
    );
    browser.get(&edit).await.expect(409);
    browser.get(&path).await.expect(200);
}

#[tokio::test]
async fn programs_choose_connections_and_take_identifiers_away() {
    let app = TestApp::with_ada().await;
    let other = app.connect_with(json!({})).await;
    let made = app
        .make(json!({"start": false, "identities": {"email": ADA, "dcp_id": "d-1"}}))
        .await;
    let path = format!("/api/v1/requests/{}", made["id"].as_str().unwrap());
    let change = json!({"connections": [other], "identities": {"dcp_id": null}});
    let changed = app.api(Method::PATCH, &path, Some(change)).await.expect(200).json();
    assert_eq!(changed["identities"].as_object().unwrap().len(), 1);
    let tasks = changed["tasks"].as_array().unwrap();
    assert!(
        !tasks.is_empty() && tasks.iter().all(|task| task["connection_id"] == other),
        "{tasks:?}"
    );

    let all = json!({"connections": null});
    let changed = app.api(Method::PATCH, &path, Some(all)).await.expect(200).json();
    assert!(
        changed["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|task| task["connection_id"] != other)
    );
    for (wrong, status) in [
        (json!({"connections": []}), 422),
        (json!({"identities": {"email": null}}), 422),
        (json!({"framework": "none"}), 422),
        (json!({"state": "closed"}), 422),
    ] {
        let answer = app.api(Method::PATCH, &path, Some(wrong.clone())).await;
        assert!(
            [status, 400].contains(&answer.status.as_u16()),
            "{wrong}: {} {}",
            answer.status,
            answer.text
        );
    }
    app.decide(&made, "start", json!({})).await.expect(200);
    app.api(Method::PATCH, &path, Some(json!({"framework": "cpra"})))
        .await
        .expect(409);
}

#[tokio::test]
async fn an_address_that_the_person_confirmed_stays() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true, "start": false})).await;
    let link = app.last_link().await;
    app.press(&format!("{link}/verify")).await.expect(303);
    let path = format!("/api/v1/requests/{}", made["id"].as_str().unwrap());
    assert_eq!(app.again(&made).await["state"], "triage");
    let other = json!({"identities": {"email": "mallory@example.com"}});
    app.api(Method::PATCH, &path, Some(other)).await.expect(409);
    let more = json!({"identities": {"dcp_id": "d-1"}});
    app.api(Method::PATCH, &path, Some(more)).await.expect(200);
}
