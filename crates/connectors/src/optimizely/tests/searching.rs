//! CL-21: after an unknown outcome the job is found, whatever the order and the length of the vendor's list.

use serde_json::{Value, json};

use super::{Answer, answer, call, described, job, now, vendor, with_headers};
use crate::{connector::Page, error::ConnectorError, fake::Script, job::VendorJob};

async fn found(answers: impl IntoIterator<Item = Answer>) -> (Result<Vec<VendorJob>, ConnectorError>, Vec<String>) {
    let script = Script::of(answers);
    let since = now() - jiff::SignedDuration::from_mins(5);
    let found = vendor(&json!({})).find(&call(&script), &job(), since).await;
    let calls = script.sent();
    let calls = calls
        .iter()
        .map(|request| request.uri().query().unwrap_or_default().to_owned());
    (found, calls.collect())
}

/// A job of somebody else's, requested so many minutes before now.
fn other(id: u64, minutes_ago: i64) -> Value {
    let mut other = described(id);
    other["identifier"] = json!("eve@example.test");
    other["requested_at_time"] = json!((now() - jiff::SignedDuration::from_mins(minutes_ago)).to_string());
    other
}

fn page(link: &str, entries: Vec<Value>) -> Answer {
    with_headers(200, &[("link", link)], &Value::Array(entries))
}

fn ids(found: Result<Vec<VendorJob>, ConnectorError>) -> Vec<String> {
    found.unwrap().into_iter().map(|job| job.id).collect()
}

// CL-21
#[tokio::test]
async fn only_jobs_like_ours_requested_since_are_found() {
    let mut deletion = described(2);
    deletion["request_type"] = json!("delete");
    let mut user = described(3);
    user["data_type"] = json!("user");
    let mut old = described(4);
    old["requested_at_time"] = json!("2026-11-22T07:54:59Z");
    let mut elsewhere = described(5);
    elsewhere["account_id"] = json!(1);
    let mut timeless = described(6);
    timeless["requested_at_time"] = json!(null);
    let list = json!([other(1, 0), deletion, user, old, elsewhere, timeless, described(7), "no job", {"status": "x"}]);
    let (found, calls) = found([answer(200, &list)]).await;
    assert_eq!(ids(found), ["6", "7"]);
    assert_eq!(calls, ["page=1&per_page=100"]);
}

#[tokio::test]
async fn a_list_with_the_newest_first_is_read_until_it_is_old() {
    let link = "<https://api.test/v2/subject-access-requests?page=9&per_page=100>; rel=last";
    let (found, calls) = found([
        page(link, vec![other(99, 0), other(98, 1)]),
        page(link, vec![described(97), other(96, 4)]),
        page(link, vec![other(95, 6), other(94, 7)]),
    ])
    .await;
    assert_eq!(ids(found), ["97"]);
    assert_eq!(calls.len(), 3);
}

#[tokio::test]
async fn a_list_with_the_oldest_first_is_read_from_its_end() {
    let link =
        r#"<https://api.test/?per_page=100&page=2>; rel="next", <https://api.test/?page=40&per_page=100>; rel="last""#;
    let (found, calls) = found([
        page(link, vec![other(1, 900), other(2, 800)]),
        page("", vec![other(80, 3), described(81)]),
        page("", vec![other(78, 10), other(79, 9)]),
    ])
    .await;
    assert_eq!(ids(found), ["81"]);
    assert_eq!(
        calls,
        ["page=1&per_page=100", "page=40&per_page=100", "page=39&per_page=100"]
    );
}

#[tokio::test]
async fn a_list_in_no_order_is_read_to_its_end() {
    let link = "<https://api.test/?page=3>; rel=last";
    let (found, calls) = found([
        page(link, vec![other(5, 900), other(9, 1), other(1, 500)]),
        page(link, vec![other(2, 800), other(3, 700)]),
        page(
            "<https://api.test/?page=1>; rel=first",
            vec![described(4), other(6, 900)],
        ),
    ])
    .await;
    assert_eq!(ids(found), ["4"]);
    assert_eq!(calls.len(), 3);
}

#[tokio::test]
async fn a_list_without_links_is_read_until_a_short_page() {
    let full = |from: u64| Value::Array((from..from + 25).map(|id| other(id, 900)).collect());
    let (empty, calls) = found([answer(200, &full(1)), answer(200, &full(26)), answer(200, &json!([]))]).await;
    assert!(empty.unwrap().is_empty());
    assert_eq!(calls.len(), 3);
    // 404 past the end, and the same page for ever, are ends too.
    let (past, _) = found([answer(200, &full(1)), answer(404, &json!({"code": "not_found"}))]).await;
    assert!(past.unwrap().is_empty());
    let (_, calls) = found([answer(200, &full(1)), answer(200, &full(1))]).await;
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn a_search_that_breaks_off_finds_nothing_for_certain() {
    let link = "<https://api.test/?page=2>; rel=next";
    let (found, _) = found([page(link, vec![described(7), other(1, 900)]), answer(503, &json!({}))]).await;
    assert!(matches!(found, Err(ConnectorError::Unavailable { .. })));
    let (found, _) = self::found([answer(200, &json!({"error": "x"}))]).await;
    assert!(matches!(found, Err(ConnectorError::Unreadable { .. })));
}

#[tokio::test]
async fn a_page_serves_many_polls_in_one_call() {
    let script = Script::of([page(
        "<https://api.test/?page=7>; rel=last",
        vec![described(7), json!(1), described(8)],
    )]);
    let page: Page = vendor(&json!({})).list(&call(&script), 2).await.unwrap();
    let ids: Vec<&str> = page.jobs.iter().map(|job| job.id.as_str()).collect();
    assert_eq!(ids, ["7", "8"]);
    assert_eq!((page.unreadable, page.next, page.last), (1, Some(3), Some(7)));
    assert_eq!(page.jobs[0].disagreement(&job(), Some("12345")), None);
    assert_eq!(page.jobs[0].disagreement(&job(), Some("1")), Some("account_id"));
}
