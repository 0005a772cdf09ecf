//! Webhooks on the pages.

use manager::Role;

use crate::{app::TestApp, portal::Browser, vendor::HOOK};

const LIST: &str = "/settings/webhooks";

/// What stands in the box of a secret.
fn secret(page: &str) -> String {
    let (_, rest) = page.split_once("value secret\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_administrator_looks_after_webhooks_on_pages() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    let empty = browser.get(LIST).await.expect(200);
    assert!(empty.text.contains("No webhooks yet"), "{}", empty.text);

    let new = format!("{LIST}/new");
    let page = browser.get(&new).await.expect(200);
    let wrong = [("url", "http://hooks.acme.test/"), ("description", "CRM")];
    let again = browser.submit(&page, &new, &wrong).await.expect(422);
    assert!(again.text.contains("Choose at least one event") && again.text.contains("http://hooks.acme.test/"));
    let wrong = [
        ("url", "http://hooks.acme.test/"),
        ("description", "CRM"),
        ("event", "*"),
    ];
    let again = browser.submit(&again, &new, &wrong).await.expect(422);
    assert!(
        again.text.contains("The URL must begin with https://"),
        "{}",
        again.text
    );
    let right = [
        ("url", HOOK),
        ("description", "CRM"),
        ("event", "task.failed"),
        ("event", "request.closed"),
    ];
    let made = browser.submit(&again, &new, &right).await.expect(200);
    let first = secret(&made.text);
    assert!(first.starts_with("whsec_"), "{first}");

    let list = browser.get(LIST).await.expect(200);
    assert!(list.text.contains("hooks.acme.test") && list.text.contains("task.failed, request.closed"));
    let here = list
        .text
        .split(&format!("{LIST}/"))
        .find_map(|rest| rest.get(..36).filter(|id| id.len() == 36 && id.contains('-')));
    let here = format!("{LIST}/{}", here.unwrap());
    let page = browser.get(&here).await.expect(200);
    assert!(page.text.contains("None here") && !page.text.contains(&first));

    let test = format!("{here}/test");
    app.vendor.state().hooks.status = Some(500);
    browser.submit(&page, &test, &[]).await.expect(303);
    app.run_jobs().await;
    let page = browser.get(&here).await.expect(200);
    assert!(page.text.contains("webhook.test") && page.text.contains("Trying again") && page.text.contains("500"));
    let one = page
        .text
        .split(&format!("{here}/deliveries/"))
        .nth(1)
        .unwrap()
        .get(..36)
        .unwrap();
    let one = format!("{here}/deliveries/{one}");
    let shown = browser.get(&one).await.expect(200);
    assert!(
        shown.text.contains("webhook-id") && shown.text.contains("&quot;type&quot;")
            || shown.text.contains("&#34;type&#34;"),
        "{}",
        shown.text
    );
    app.vendor.state().hooks.status = None;
    browser.submit(&shown, &format!("{one}/replay"), &[]).await.expect(303);
    app.run_jobs().await;
    let page = browser.get(&format!("{here}?state=delivered")).await.expect(200);
    assert!(
        page.text.contains("webhook.test") && page.text.contains("204"),
        "{}",
        page.text
    );

    let ask = browser.get(&format!("{here}/secret")).await.expect(200);
    let rotated = browser
        .submit(&ask, &format!("{here}/secret"), &[("overlap", "24")])
        .await
        .expect(200);
    assert_ne!(secret(&rotated.text), first);
    assert!(rotated.text.contains("two signatures"));

    let edit = format!("{here}/edit");
    let form = browser.get(&edit).await.expect(200);
    let changes = [("url", HOOK), ("description", "The CRM"), ("event", "*")];
    browser.submit(&form, &edit, &changes).await.expect(303);
    let page = browser.get(&here).await.expect(200);
    assert!(page.text.contains("The CRM") && page.text.contains("Every event"));

    browser.submit(&page, &format!("{here}/disable"), &[]).await.expect(303);
    let page = browser.get(&here).await.expect(200);
    assert!(page.text.contains("Disabled") && !page.text.contains("Send a test event</button>"));
    browser.submit(&page, &format!("{here}/enable"), &[]).await.expect(303);
    let page = browser.get(&here).await.expect(200);
    browser
        .submit(&page, &format!("{here}/replay"), &[("hours", "24")])
        .await
        .expect(303);
    let page = browser.get(&here).await.expect(200);
    assert!(page.text.contains("Nothing failed in that time."), "{}", page.text);

    let remove = format!("{here}/remove");
    let ask = browser.get(&remove).await.expect(200);
    browser.submit(&ask, &remove, &[]).await.expect(303);
    browser.get(&here).await.expect(404);
}
