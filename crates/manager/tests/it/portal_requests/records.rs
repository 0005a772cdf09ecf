//! The pages of an object of many records.

use manager::Role;
use serde_json::json;

use super::{offers, reviewable, values};
use crate::{app::TestApp, portal::Browser, requests::ADA};

#[tokio::test]
async fn any_record_of_a_large_export_is_reached_by_its_number() {
    let app = TestApp::with_ada().await;
    // More than one block of what is kept, and than fits on a page.
    for number in 3..=1203 {
        let event = json!({"event": format!("marker-{number}-"), "at": number});
        app.vendor.state().holds("visitor", ADA, "events", event);
    }
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, _) = reviewable(&app, &mut browser).await;
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    let records = format!("{path}/review/objects/{}", values(&review, "object").remove(1));
    let first = browser.get(&records).await.expect(200).text;
    assert!(
        first.contains("Records 1 to 50 of 1,203") && first.contains("Go to record") && !first.contains(">Previous<"),
        "{first}"
    );
    let link = |page: &str, label: &str| {
        let (before, _) = page.split_once(&format!(">{label}<")).unwrap();
        let (_, href) = before.rsplit_once("href=\"").unwrap();
        href.split('"').next().unwrap().to_owned()
    };
    for (from, shown) in [(51, "51 to 100"), (499, "499 to 548"), (1001, "1,001 to 1,050")] {
        let page = browser.get(&format!("{records}?cursor={from}")).await.expect(200).text;
        assert!(page.contains(&format!("Records {shown} of 1,203")), "{page}");
        let ids: Vec<_> = page
            .split("id=\"record-")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let wanted: Vec<_> = (from..from + 50).map(|number| number.to_string()).collect();
        assert_eq!(ids, wanted);
        if from > 2 {
            assert!(page.contains(&format!("marker-{from}-")), "{page}");
        }
    }
    let middle = browser.get(&format!("{records}?cursor=1,001")).await.expect(200).text;
    assert!(link(&middle, "Previous").ends_with("?cursor=951") && link(&middle, "Next").ends_with("?cursor=1051"));
    assert_eq!(link(&middle, "First"), records);
    let last = browser.get(&link(&middle, "Last")).await.expect(200).text;
    assert!(last.contains("Records 1,201 to 1,203 of 1,203") && !last.contains(">Next<") && !last.contains(">Last<"));

    for wrong in ["0", "1204", "x", "-1", "1.5"] {
        let page = browser.get(&format!("{records}?cursor={wrong}")).await.expect(422).text;
        assert!(page.contains("Enter a number from 1 to 1,203"), "{page}");
        assert!(
            page.contains(&format!("value=\"{wrong}\"")) && page.contains("aria-invalid=\"true\""),
            "{page}"
        );
    }
    // What fits on one page has nowhere to go.
    let small = format!("{path}/review/objects/{}", values(&review, "object").remove(0));
    let page = browser.get(&small).await.expect(200);
    assert!(
        !page.text.contains("Go to record") && page.text.contains("Record 1 of 1"),
        "{}",
        page.text
    );
    assert!(!offers(&page, &small));
}

#[tokio::test]
async fn looking_through_many_records_is_one_line_of_the_history() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, _) = reviewable(&app, &mut browser).await;
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    let before = browser.get(&path).await.expect(200).text;
    for object in values(&review, "object").into_iter().take(2).cycle().take(5) {
        browser
            .get(&format!("{path}/review/objects/{object}"))
            .await
            .expect(200);
    }
    let page = browser.get(&path).await.expect(200).text;
    let looks = |page: &str| page.matches("What was found was looked at").count();
    assert!(looks(&before) <= 1 && looks(&page) == 1, "{page}");
    assert!(page.contains(" times, last "), "{page}");
}
