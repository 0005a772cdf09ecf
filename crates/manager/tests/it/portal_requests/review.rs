//! Reviewing what was found, choosing, approving, handing over.

use http::header;
use manager::Role;
use serde_json::{Value, json};

use super::{checked, offers, question, reviewable, values};
use crate::{
    app::TestApp,
    portal::Browser,
    requests::{ADA, members},
};

#[tokio::test]
async fn a_request_is_entered_reviewed_approved_and_downloaded_from_the_portal() {
    // SEC-39, SEC-44
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
    assert!(!page.text.contains("See the records") && !page.text.contains("Preview"));
    viewer.get(&format!("{path}/review/preview")).await.expect(403);
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    let object = values(&review, "object").remove(0);
    viewer.get(&format!("{path}/review/objects/{object}")).await.expect(403);
    viewer
        .get(&format!("{path}/review/objects/{object}/1"))
        .await
        .expect(403);
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
async fn what_a_vendor_wrote_is_text_and_never_markup() {
    // SEC-14
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

#[tokio::test]
async fn what_changed_since_it_was_looked_at_is_not_approved() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::Approver).await;
    let (path, request) = reviewable(&app, &mut browser).await;
    let preview = browser.get(&format!("{path}/review/preview")).await.expect(200);
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    let card = question(&review, "card");
    browser.choose(&path, &[(&card, "exclude")], &[]).await.expect(303);
    let approve = format!("{path}/approve");
    let stale = browser.submit(&preview, &approve, &[]).await.expect(409);
    assert!(stale.text.contains("while you were looking"), "{}", stale.text);
    assert_eq!(app.again(&request).await["state"], "pending_review");
    let preview = browser.get(&format!("{path}/review/preview")).await.expect(200);
    browser.submit(&preview, &approve, &[]).await.expect(303);
}
