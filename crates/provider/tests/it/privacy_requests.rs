//! The page of access and deletion requests.

use http::StatusCode;
use provider::Role;
use serde_json::json;

use crate::{
    subjects::{about, at_any_pace, record},
    world::World,
};

const PATH: &str = "/accountsettings/privacy-requests";

#[tokio::test]
async fn an_administrator_makes_a_request_and_downloads_what_it_found() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    world
        .import(account, &[record("grace@example.test", "profile", json!("marker"))])
        .await;
    let mut browser = world.logged_in("ada@example.test").await;
    let empty = browser.get(PATH).await;
    assert!(empty.text.contains("No requests yet"));

    let filled = [
        ("request_type", "access"),
        ("data_type", "visitor"),
        ("identifier_type", "email"),
        ("identifier", "grace@example.test"),
    ];
    let made = browser.fill_in(PATH, PATH, &filled).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let pending = browser.get(made.location()).await;
    assert!(pending.text.contains("Request 30000001 was made."));
    assert!(pending.text.contains("Pending"));
    world.work().await;

    let done = browser.get(PATH).await;
    assert!(
        done.text.contains("Completed") && done.text.contains("1 record found"),
        "{}",
        done.text
    );
    assert!(done.text.contains("g•••@example.test"));
    assert!(!done.text.contains("grace@example.test"));
    let (_, rest) = done
        .text
        .split_once("href=\"https://vendor.test/rightful-exports/")
        .unwrap();
    let link = rest
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let (status, _, zip) = world
        .fetch(&format!("https://vendor.test/rightful-exports/{link}"))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(crate::subjects::Export::read(&zip).members.len(), 1);

    world.later(7 * 86_400);
    world.work().await;
    let mut browser = world.logged_in("ada@example.test").await;
    let expired = browser.get(PATH).await;
    assert!(expired.text.contains("expired") && !expired.text.contains("rightful-exports"));
}

#[tokio::test]
async fn a_form_with_faults_comes_back_as_it_was_filled_in() {
    let world = World::start_with(at_any_pace).await;
    world.acme().await;
    let mut browser = world.logged_in("ada@example.test").await;
    for (filled, sentence) in [
        (
            [
                ("request_type", "delete"),
                ("data_type", "user"),
                ("identifier_type", "other"),
                ("identifier", "x-42"),
            ],
            "Choose the e-mail address: users are known by nothing else",
        ),
        (
            [
                ("request_type", "delete"),
                ("data_type", "visitor"),
                ("identifier_type", "other"),
                ("identifier", ""),
            ],
            "Enter the identifier",
        ),
        (
            [
                ("request_type", ""),
                ("data_type", "visitor"),
                ("identifier_type", "other"),
                ("identifier", "x-42"),
            ],
            "Choose what is asked for",
        ),
    ] {
        let answer = browser.fill_in(PATH, PATH, &filled).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(sentence), "{}", answer.text);
        assert!(answer.text.contains(filled[3].1));
    }
    // Without our own token nothing is made (SEC-15).
    let forged = browser.post(PATH, &[("request_type", "delete"), ("csrf", "x")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(browser.get(PATH).await.text.contains("No requests yet"));
}

#[tokio::test]
async fn the_page_is_for_administrators_and_turns() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    world.user(account, "uma@example.test", Role::User).await;
    let token = world.token("ada@example.test", account).await;
    for n in 0..27 {
        world.ask(&token, &about("access", &format!("p{n}@example.test"))).await;
    }
    let mut uma = world.logged_in("uma@example.test").await;
    assert_eq!(uma.get(PATH).await.status, StatusCode::FORBIDDEN);
    let nobody = world.get(PATH).await;
    assert_eq!(nobody.status, StatusCode::SEE_OTHER);
    assert!(nobody.location().starts_with("/login?return_to="));

    let mut ada = world.logged_in("ada@example.test").await;
    let first = ada.get(PATH).await;
    assert!(first.text.contains("1 to 25 of 27") && first.text.contains("href=\"?page=2\""));
    let second = ada.get(&format!("{PATH}?page=2")).await;
    assert!(second.text.contains("26 to 27 of 27") && second.text.contains("href=\"?page=1\""));
    assert!(!second.text.contains("Older"));
    assert!(
        ada.get(&format!("{PATH}?page=9"))
            .await
            .text
            .contains("No requests on this page")
    );
    assert_eq!(ada.get(&format!("{PATH}?page=0")).await.status, StatusCode::BAD_REQUEST);
}
