//! What a request that is not done in time tells, and whom.

use http::{Method, StatusCode};
use mail::{Filter, State};
use provider::{DataSource, Role, Settings};
use serde_json::json;
use store::StoreError;

use crate::{
    subject_crashes::doomed,
    subjects::{about, at_any_pace},
    world::{World, secret},
};

const DAY: i64 = 24 * 3600;
const QUEUE: &str = "/v2/internal-subject-access-requests";

/// Requests that wait for a team, of an account with two administrators, a user and one who has left.
async fn waiting(change: impl FnOnce(&mut Settings)) -> (World, String, String) {
    let world = World::start_with(|settings| {
        at_any_pace(settings);
        change(settings);
    })
    .await;
    let account = world.acme().await;
    for (email, role) in [
        ("bob@example.test", Role::Administrator),
        ("left@example.test", Role::Administrator),
        ("uma@example.test", Role::User),
    ] {
        world.user(account, email, role).await;
    }
    world
        .provider
        .deactivate_user(&secret("left@example.test"))
        .await
        .unwrap();
    let other = world.account("Other").await;
    world.user(other, "eve@example.test", Role::Administrator).await;
    let team = world.service(&[DataSource::Marketing]).await;
    let token = world.token("ada@example.test", account).await;
    (world, token, team)
}

/// Receivers and subjects of what was mailed so far, in the order of the receivers.
async fn mailed(world: &World) -> Vec<(String, String)> {
    world.work().await;
    let mut read = world.provider.store().read().await.unwrap();
    let listed = mail::list(&mut read, &Filter::default()).await.unwrap();
    let mut letters = Vec::new();
    for line in listed {
        let mail = mail::read(&mut read, world.provider.vault(), line.id).await.unwrap();
        letters.push((mail.to.reveal().to_owned(), mail.subject.into_revealed()));
    }
    letters.sort();
    letters
}

#[tokio::test]
async fn administrators_hear_of_a_deadline_that_is_near_and_of_one_that_has_passed() {
    let (world, token, _) = waiting(|_| {}).await;
    world.ask(&token, &about("delete", "grace@example.test")).await;
    world.later(27 * DAY - 1);
    assert_eq!(mailed(&world).await, []);
    world.later(1);
    let near = "Privacy request 30000001 is due on 31 January 2026";
    let both = |subject: &str| ["ada@example.test", "bob@example.test"].map(|to| (to.to_owned(), subject.to_owned()));
    assert_eq!(mailed(&world).await, both(near));
    let letter = world.newest_mail().await;
    assert_eq!(letter.link(), "/accountsettings/privacy-requests/30000001");
    assert!(letter.text.contains("the deletion request 30000001") && letter.text.contains("Vendor & Sons (Acme)"));
    assert!(!letter.text.contains("grace"));

    world.later(3 * DAY - 1);
    assert_eq!(mailed(&world).await.len(), 2);
    world.later(1);
    let late = "Privacy request 30000001 is overdue";
    let mut all = [both(near), both(late)].concat();
    all.sort();
    assert_eq!(mailed(&world).await, all);
    world.later(DAY);
    assert_eq!(mailed(&world).await, all, "once each");
    let audited = world.audited().await;
    let told = audited.iter().filter(|action| action.starts_with("subject_access."));
    let told: Vec<&str> = told.map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "subject_access.requested",
            "subject_access.due_soon",
            "subject_access.overdue"
        ]
    );
}

#[tokio::test]
async fn what_is_done_in_time_is_nothing_to_write_about() {
    let (world, token, team) = waiting(|_| {}).await;
    world.ask(&token, &about("access", "grace@example.test")).await;
    let queue = format!("{QUEUE}?data_source=marketing&status=pending");
    let share = world.api(&team, &queue).await.json()[0]["id"].clone();
    let done = json!({ "status": "completed" });
    let reported = world
        .call(Method::PATCH, &team, &format!("{QUEUE}/{share}"), &done)
        .await;
    assert_eq!(reported.status, StatusCode::OK, "{}", reported.text);
    world.work().await;
    world.later(40 * DAY);
    assert_eq!(mailed(&world).await, []);
}

#[tokio::test]
async fn a_deadline_that_is_near_from_the_start_is_told_of_once_it_has_passed() {
    let (world, token, _) = waiting(|settings| settings.sla = "2d".parse().unwrap()).await;
    world.ask(&token, &about("access", "grace@example.test")).await;
    world.later(2 * DAY - 1);
    assert_eq!(mailed(&world).await, []);
    world.later(1);
    let subjects: Vec<String> = mailed(&world).await.into_iter().map(|(_, subject)| subject).collect();
    assert_eq!(subjects, ["Privacy request 30000001 is overdue"; 2]);
}

#[tokio::test]
async fn a_worker_that_dies_at_any_point_still_tells_everybody_once() {
    let (world, token, _) = waiting(|_| {}).await;
    let mut deaths = 0;
    for point in 0.. {
        let asked = world.ask(&token, &about("access", "grace@example.test")).await;
        world.work().await;
        world.later(27 * DAY);
        let dying = doomed(&world, point).await;
        let died = matches!(dying.runner().drain().await, Err(StoreError::Crashed));
        for _ in 0..2 {
            // Its leases run out.
            world.later(31);
            world.work().await;
        }
        let object = Some(format!("subject_access_request:{}", asked["id"]));
        let mut read = world.provider.store().read().await.unwrap();
        let events = read.events(object.as_deref(), 0, 100).await.unwrap();
        let warned = events.iter().filter(|event| event.action == "subject_access.due_soon");
        assert_eq!(warned.count(), 1, "point {point}");
        let filter = Filter {
            object,
            ..Filter::default()
        };
        let mails = mail::list(&mut read, &filter).await.unwrap();
        let states: Vec<State> = mails.into_iter().map(|mail| mail.state).collect();
        assert_eq!(states, [State::Kept; 2], "point {point}");
        if !died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 2, "{deaths}");
}
