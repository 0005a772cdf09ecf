//! Who may approve is asked to, once for each round, without a word about the person.

use std::sync::{Arc, atomic::AtomicI64};

use jiff::SignedDuration;
use mail::Language;
use manager::{
    By, RequestId, Role,
    app::{DecideError, Decision},
};
use serde_json::{Value, json};
use store::StoreError;

use super::crashes::{DiesAt, dies_and_goes_on};
use crate::{app::TestApp, mailbox::path_in, portal::Browser, portal_requests::reviewable, requests::ADA};

const BEN: &str = "ben@example.com";
const EVE: &str = "eve@example.com";
const ASKED: &str = "approval_awaited";

impl TestApp {
    /// How often Ben and Eve were asked.
    async fn asked_to_approve(&self) -> (usize, usize) {
        let mails = async |address| {
            let mails = self.mailed_to(address).await;
            assert!(mails.iter().all(|event| event == ASKED), "{mails:?}");
            mails.len()
        };
        (mails(BEN).await, mails(EVE).await)
    }

    async fn in_review(&self, more: Value) -> Value {
        let made = self.make(more).await;
        self.until(&made, "pending_review").await;
        made
    }
}

#[tokio::test]
async fn everybody_who_may_approve_is_asked_when_a_dossier_waits() {
    let app = TestApp::with_ada().await;
    let ben = app.person(BEN, Role::Approver).await;
    app.person(EVE, Role::RequestManager).await;
    let gone = app.person("gone@example.com", Role::Approver).await;
    for (name, role) in [("vera", Role::Viewer), ("cora", Role::ConnectionsManager)] {
        app.person(&format!("{name}@example.com"), role).await;
    }
    app.manager
        .deactivate(gone.parse().unwrap(), &By::command_line())
        .await
        .unwrap();
    app.manager
        .change_language(ben.parse().unwrap(), Language::German)
        .await
        .unwrap();
    let made = app.in_review(json!({})).await;
    assert_eq!(app.asked_to_approve().await, (1, 1));
    let asked = app.mails().await;
    assert_eq!(asked.len(), 2, "nobody else");

    let mail = app.last_mail_to(EVE).await;
    let reference = made["reference"].as_str().unwrap();
    let (subject, text) = (&mail.subject, mail.text.reveal());
    assert!(subject.reveal().contains(reference), "{text}");
    assert!(
        text.contains(&format!("access request {reference} waits for approval")),
        "{text}"
    );
    assert_eq!(
        path_in(&mail),
        format!("/requests/{}/review", made["id"].as_str().unwrap())
    );
    for mail in &asked {
        assert!(!mail.text.reveal().contains(ADA) && !mail.text.reveal().contains("Ada"));
    }
    let german = app.last_mail_to(BEN).await;
    assert!(
        german.text.reveal().contains("wartet auf Freigabe"),
        "{}",
        german.text.reveal()
    );

    // The history says so; a rest is no new round.
    let object = format!("request:{}", made["id"].as_str().unwrap());
    let told = |events: &[String]| events.iter().filter(|event| *event == "request.approval_asked").count();
    assert_eq!(told(&app.events(&object).await), 1);
    app.decide(&made, "pause", json!({"reason": "other"})).await.expect(200);
    app.clock.advance(SignedDuration::from_hours(1));
    app.decide(&made, "resume", Value::Null).await.expect(200);
    app.after(SignedDuration::from_hours(48)).await;
    assert_eq!(app.asked_to_approve().await, (1, 1));
    assert_eq!(told(&app.events(&object).await), 1);
    app.decide(&made, "approve", Value::Null).await.expect(200);
    assert_eq!(app.asked_to_approve().await, (1, 1));
}

#[tokio::test]
async fn where_more_are_needed_the_others_are_asked_again_after_each_approval() {
    let app = TestApp::with_ada().await;
    app.person(BEN, Role::Approver).await;
    app.person(EVE, Role::Approver).await;
    let ruled = app.make(json!({"auto_approve": true})).await;
    app.until(&ruled, "delivering").await;
    assert_eq!(app.asked_to_approve().await, (0, 0), "a rule decides");
    app.put("/api/v1/settings/approvals", json!({"access": 2, "deletion": 1}))
        .await
        .expect(200);
    let made = app.in_review(json!({})).await;
    assert_eq!(app.asked_to_approve().await, (1, 1));
    assert_eq!(app.approve_as(BEN, &made).await, 303);
    assert_eq!(app.asked_to_approve().await, (1, 2));
    assert_eq!(app.approve_as(EVE, &made).await, 303);
    assert_eq!(app.again(&made).await["state"], "delivering");
    assert_eq!(app.asked_to_approve().await, (1, 2));
}

#[tokio::test]
async fn those_whom_a_connection_names_are_asked_and_nobody_else() {
    let app = TestApp::with_ada().await;
    let ben = app.person(BEN, Role::Approver).await;
    let eve = app.person(EVE, Role::Approver).await;
    app.name_approvers(&[&ben]).await;
    let made = app.in_review(json!({"auto_approve": true})).await;
    assert_eq!(app.asked_to_approve().await, (1, 0));
    // An approval that is not Ben's leaves it to him.
    assert_eq!(app.approve_as(EVE, &made).await, 303);
    assert_eq!(app.asked_to_approve().await, (2, 0));

    // Who is named later is asked for what waits already; who was asked is not asked again.
    let other = app.in_review(json!({})).await;
    assert_eq!(app.asked_to_approve().await, (3, 0));
    app.name_approvers(&[&ben, &eve]).await;
    app.after(SignedDuration::from_mins(1)).await;
    assert_eq!(app.asked_to_approve().await, (3, 1));
    assert!(
        app.last_mail_to(EVE)
            .await
            .text
            .reveal()
            .contains(other["reference"].as_str().unwrap())
    );

    // Also where it rested when that was said.
    app.decide(&other, "pause", json!({"reason": "other"}))
        .await
        .expect(200);
    let zoe = app.person("zoe@example.com", Role::Approver).await;
    app.name_approvers(&[&ben, &zoe]).await;
    app.after(SignedDuration::from_mins(1)).await;
    let asked = async || app.mailed_to("zoe@example.com").await.len();
    let before = asked().await;
    app.decide(&other, "resume", Value::Null).await.expect(200);
    assert_eq!((before + 1, app.asked_to_approve().await), (asked().await, (3, 1)));
}

#[tokio::test]
async fn who_made_the_request_or_brought_it_there_is_not_asked() {
    let app = TestApp::with_ada().await;
    app.person(BEN, Role::Approver).await;
    app.put("/api/v1/settings/approvals", json!({"separate_approver": true}))
        .await
        .expect(200);
    // Four eyes: whoever entered it can't approve it.
    let mut manager = Browser::of_role(&app, Role::RequestManager).await;
    reviewable(&app, &mut manager).await;
    let mailed = app.mailed_to("request_manager@example.com").await;
    assert_eq!((mailed, app.asked_to_approve().await.0), (Vec::new(), 1));

    app.clock.advance(SignedDuration::from_secs(1));
    // A deletion comes to its review when somebody starts it: they see it.
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let made = app.make(json!({"type": "deletion", "start": false})).await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    let page = admin.get(&path).await.expect(200);
    admin.submit(&page, &format!("{path}/start"), &[]).await.expect(303);
    assert_eq!(app.again(&made).await["state"], "pending_review");
    assert_eq!(app.mailed_to("super_admin@example.com").await, [""; 0]);
    assert_eq!(app.mailed_to("request_manager@example.com").await, [ASKED]);
    let mail = app.last_mail_to(BEN).await;
    assert!(mail.text.reveal().contains("Nothing is deleted before"));
}

#[tokio::test]
async fn whoever_may_approve_is_asked_once_wherever_a_process_dies() {
    let waits = [1, 1, 1, 2, 4].map(SignedDuration::from_mins);
    for number in 0.. {
        let app = TestApp::with_ada().await;
        app.person(BEN, Role::Approver).await;
        app.person(EVE, Role::Approver).await;
        let made = app.make(json!({})).await;
        let died = dies_and_goes_on(&app, number, &waits).await;
        assert_eq!(app.again(&made).await["state"], "pending_review", "point {number}");
        assert_eq!(app.asked_to_approve().await, (1, 1), "point {number}");
        if !died {
            assert!(number > 10, "{number}");
            break;
        }
    }
    for number in 0.. {
        let app = TestApp::with_ada().await;
        app.person(BEN, Role::Approver).await;
        let made = app.make(json!({"type": "deletion", "start": false})).await;
        let id: RequestId = made["id"].as_str().unwrap().parse().unwrap();
        let points = Arc::new(DiesAt(AtomicI64::new(i64::MAX)));
        let dying = app.process_that_crashes(Some(points.clone())).await;
        points.0.store(number, std::sync::atomic::Ordering::SeqCst);
        let outcome = dying.decide(id, Decision::Start, &By::command_line()).await;
        let died = matches!(outcome, Err(DecideError::Store(StoreError::Crashed)));
        assert_eq!(died, outcome.is_err(), "point {number}");
        // Refused where it came through the first time.
        app.manager.decide(id, Decision::Start, &By::command_line()).await.ok();
        app.after(SignedDuration::from_mins(1)).await;
        assert_eq!(app.mailed_to(BEN).await, [ASKED], "point {number}");
        if !died {
            return;
        }
    }
}
