//! Finding requests, and answering for internal teams, by pages.

use axum::body::Body;
use http::{Request, StatusCode, header};
use provider::{DataSource, Role};
use serde_json::json;

use crate::{
    browser::Browser,
    subjects::{about, at_any_pace, record},
    world::{Answer, World},
};

const REQUESTS: &str = "/accountsettings/privacy-requests";
const SEARCH: &str = "/accountsettings/privacy-requests/search";
const TEAMS: &str = "/accountsettings/team-requests";

/// Two teams, of which Ada's company has to do the work itself.
async fn with_teams() -> World {
    let world = World::start_with(at_any_pace).await;
    world.acme().await;
    world.service(&[DataSource::Marketing, DataSource::Security]).await;
    world
}

async fn asked(world: &World, kind: &str, who: &str) {
    let account = world.provider.accounts().await.unwrap()[0].id;
    let token = world.token("ada@example.test", account).await;
    world.ask(&token, &about(kind, who)).await;
}

/// Sends the form with a file, as a browser does.
async fn upload(ada: &mut Browser<'_>, page: &Answer, action: &str, name: &str, content: &str) -> Answer {
    let form = page.form(action);
    let mut parts = Vec::new();
    for (field, value) in &form.fields {
        parts.push(format!(
            "--XX\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        ));
    }
    parts.push(format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n--XX--\r\n"
    ));
    let body = parts.concat();
    let request = Request::post(&form.action)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
        .body(Body::from(body))
        .unwrap();
    ada.send(request).await
}

#[tokio::test]
async fn an_administrator_starts_completes_with_a_file_and_without_one() {
    let world = with_teams().await;
    asked(&world, "access", "grace@example.test").await;
    let mut ada = world.logged_in("ada@example.test").await;
    let list = ada.get(TEAMS).await;
    assert!(list.text.contains("marketing") && list.text.contains("security"));
    assert!(list.text.contains("g•••@example.test") && !list.text.contains("grace@"));
    let (first, second) = (format!("{TEAMS}/40000001"), format!("{TEAMS}/40000002"));

    let started = ada.fill_in(&first, &format!("{first}/start"), &[]).await;
    assert_eq!(started.location(), first);
    let page = ada.get(&first).await;
    assert!(page.text.contains("Processing") && !page.text.contains("grace@"));
    let shown = ada.submit(&page.form(&format!("{first}/identifier")), &[]).await;
    assert_eq!(shown.shown("identifier"), "grace@example.test");
    let done = upload(
        &mut ada,
        &page,
        &format!("{first}/complete"),
        "found.ndjson",
        "{\"team\":\"marker\"}\n",
    )
    .await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, first.as_str()),
        "{}",
        done.text
    );
    let page = ada.get(&second).await;
    upload(&mut ada, &page, &format!("{second}/complete"), "", "").await;
    world.work().await;

    let one = ada.get(&format!("{REQUESTS}/30000001")).await;
    assert!(
        one.text.contains("Completed") && one.text.contains("an internal team"),
        "{}",
        one.text
    );
    let (_, rest) = one
        .text
        .split_once("href=\"https://vendor.test/rightful-exports/")
        .unwrap();
    let link = rest
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let (_, _, zip) = world
        .fetch(&format!("https://vendor.test/rightful-exports/{link}"))
        .await;
    let export = crate::subjects::Export::read(&zip);
    assert_eq!(export.members.len(), 1);
    assert!(export.members.values().next().unwrap().contains("marker"));
    assert!(ada.get(TEAMS).await.text.contains("Nothing waits for a team"));
    assert!(ada.get(&format!("{TEAMS}?show=ended")).await.text.contains("40000002"));
    let audited = world.audited().await;
    assert!(audited.iter().any(|action| action == "subject_access.identifier_shown"));
}

#[tokio::test]
async fn what_a_team_cannot_do_fails_the_request_with_the_reason() {
    let world = with_teams().await;
    asked(&world, "delete", "grace@example.test").await;
    let mut ada = world.logged_in("ada@example.test").await;
    let (first, second) = (format!("{TEAMS}/40000001"), format!("{TEAMS}/40000002"));
    let failed = ada
        .fill_in(
            &first,
            &format!("{first}/fail"),
            &[("reason", "the system is being moved")],
        )
        .await;
    assert_eq!(failed.location(), first);
    let page = ada.get(&second).await;
    upload(&mut ada, &page, &format!("{second}/complete"), "", "").await;
    world.work().await;
    let one = ada.get(&format!("{REQUESTS}/30000001")).await;
    assert!(
        one.text.contains("It failed") && one.text.contains("the system is being moved"),
        "{}",
        one.text
    );
}

#[tokio::test]
async fn teams_pages_are_for_administrators_of_that_account_where_it_is_so_set() {
    // SEC-16, SEC-19
    let world = with_teams().await;
    asked(&world, "access", "grace@example.test").await;
    let acme = world.provider.accounts().await.unwrap()[0].id;
    world.user(acme, "uma@example.test", Role::User).await;
    let beta = world.account("Beta").await;
    world.user(beta, "bob@example.test", Role::Administrator).await;
    let one = format!("{TEAMS}/40000001");
    let mut uma = world.logged_in("uma@example.test").await;
    assert_eq!(uma.get(TEAMS).await.status, StatusCode::FORBIDDEN);
    let mut bob = world.logged_in("bob@example.test").await;
    assert!(bob.get(TEAMS).await.text.contains("Nothing waits for a team"));
    assert_eq!(bob.get(&one).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        bob.get(&format!("{REQUESTS}/30000001")).await.status,
        StatusCode::NOT_FOUND
    );
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.get(&one).await;
    // Bob's browser with Ada's form.
    let forged = upload(&mut bob, &page, &format!("{one}/complete"), "", "").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);

    let closed = World::start_with(|settings| settings.teams_by_administrators = false).await;
    closed.acme().await;
    let mut ada = closed.logged_in("ada@example.test").await;
    assert_eq!(ada.get(TEAMS).await.status, StatusCode::NOT_FOUND);
    assert!(!ada.get(REQUESTS).await.text.contains("For internal teams"));
}

#[tokio::test]
async fn requests_are_filtered_searched_and_shown_whole_on_demand() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    world
        .import(account, &[record("grace@example.test", "profile", json!("marker"))])
        .await;
    let token = world.token("ada@example.test", account).await;
    for n in 0..27 {
        world.ask(&token, &about("access", &format!("p{n}@example.test"))).await;
    }
    world.ask(&token, &about("delete", "grace@example.test")).await;
    world.work().await;
    world.ask(&token, &about("access", "grace@example.test")).await;
    let mut ada = world.logged_in("ada@example.test").await;

    let deletions = ada.get(&format!("{REQUESTS}?type=delete")).await;
    assert!(deletions.text.contains("1 to 1 of 1") && deletions.text.contains("30000028"));
    let completed = ada.get(&format!("{REQUESTS}?status=completed&type=access")).await;
    assert!(completed.text.contains("1 to 25 of 27"));
    assert!(
        completed.text.contains("?page=2&#38;status=completed&#38;type=access"),
        "{}",
        completed.text
    );
    let second = ada
        .get(&format!("{REQUESTS}?page=2&status=completed&type=access"))
        .await;
    assert!(second.text.contains("26 to 27 of 27"));
    assert!(
        ada.get(&format!("{REQUESTS}?status=failure"))
            .await
            .text
            .contains("No request fits")
    );
    assert_eq!(
        ada.get(&format!("{REQUESTS}?status=x")).await.status,
        StatusCode::BAD_REQUEST
    );

    let search = async |ada: &mut Browser<'_>, text: &str| ada.fill_in(REQUESTS, SEARCH, &[("search", text)]).await;
    let found = search(&mut ada, " GRACE@example.test ").await;
    assert!(
        found.text.contains("1 to 2 of 2") && found.text.contains("30000029"),
        "{}",
        found.text
    );
    assert!(search(&mut ada, "30000005").await.text.contains("1 to 1 of 1"));
    assert!(search(&mut ada, "grace").await.text.contains("No request fits"));

    let one = format!("{REQUESTS}/30000029");
    let page = ada.get(&one).await;
    assert!(page.text.contains("g•••@example.test") && !page.text.contains("grace@"));
    assert!(page.text.contains("app_backend"));
    let before = world.audited().await.len();
    let shown = ada.submit(&page.form(&format!("{one}/identifier")), &[]).await;
    assert_eq!(shown.shown("identifier"), "grace@example.test");
    assert_eq!(world.audited().await[before..], ["subject_access.identifier_shown"]);
}

#[tokio::test]
async fn a_deletion_asks_for_the_password_again_in_a_session_that_is_not_fresh() {
    // SEC-12
    let world = World::start_with(at_any_pace).await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    world.later(900);
    let filled = |kind: &'static str| {
        [
            ("request_type", kind),
            ("data_type", "visitor"),
            ("identifier_type", "email"),
            ("identifier", "grace@example.test"),
        ]
    };
    let deletion = ada.fill_in(REQUESTS, REQUESTS, &filled("delete")).await;
    assert!(deletion.location().starts_with("/accountsettings/confirm?"));
    let access = ada.fill_in(REQUESTS, REQUESTS, &filled("access")).await;
    assert!(access.location().contains("made="));
}
