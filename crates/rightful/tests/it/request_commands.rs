//! What staff do with requests from the shell: whose they are, what is noted, how they are decided about.

use serde_json::{Value, json};

use crate::place::{PASSWORD, Place};

async fn make(place: &Place, name: &str) -> String {
    let create = format!("manager request create --type access --email {name}@example.com --framework gdpr");
    place.answer(&create).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn somebody_takes_care_of_a_request_and_notes_what_happened() {
    let place = Place::new().await;
    let (id, other) = (make(&place, "ada").await, make(&place, "grace").await);
    let create = "manager user create --email carla@example.com --role request_manager --password-stdin";
    place.answer_to(create, PASSWORD).await;

    let given = place
        .answer(&format!("manager request assign {id} --to carla@example.com"))
        .await;
    assert_eq!(given["assignee"]["name"], "carla@example.com");
    let hers = "manager request list --assignee carla@example.com --json";
    let hers = place.rightful(hers).run().await.answers();
    assert_eq!((hers.len(), &hers[0]["id"]), (1, &json!(id)));
    let nobodys = place
        .rightful("manager request list --unassigned --json")
        .run()
        .await
        .answers();
    assert_eq!((nobodys.len(), &nobodys[0]["id"]), (1, &json!(other)));
    let shown = place.rightful(&format!("manager request show {id}")).run().await.stdout;
    assert!(shown.contains("assignee   carla@example.com"), "{shown}");
    let freed = place.answer(&format!("manager request assign {id} --nobody")).await;
    assert_eq!(freed["assignee"], Value::Null);
    place
        .refusal(&format!("manager request assign {id} --to dora@example.com"))
        .await
        .says(&["no user has this e-mail address", "hint: `rightful manager user list`"]);

    let notes = format!("manager request notes {id}");
    assert_eq!(place.rightful(&notes).run().await.stdout, "no notes\n");
    let written = place
        .answer_to(
            &format!("manager request note {id} -"),
            "She called.\nShe will write.\n",
        )
        .await;
    assert_eq!(written["text"], "She called.\nShe will write.");
    let file = place.file("note.txt", "She wrote.");
    let said = place
        .rightful(&format!("manager request note {id} {file}"))
        .run()
        .await
        .stdout;
    assert!(said.starts_with("note ") && said.ends_with(" written\n"), "{said}");
    let said = place.rightful(&notes).run().await.stdout;
    let at = written["made_at"].as_str().unwrap();
    assert!(
        said.starts_with(&format!("{at} by command_line\nShe called.\nShe will write.\n\n")),
        "{said}"
    );
    assert!(said.ends_with(" by command_line\nShe wrote.\n"), "{said}");
    assert_eq!(
        place.rightful(&format!("{notes} --json")).run().await.answers().len(),
        2
    );
    let empty = place.file("empty.txt", " \n");
    place
        .refusal(&format!("manager request note {id} {empty}"))
        .await
        .says(&["text must have 1 to 10,000 characters"]);

    let events = format!("manager request events {id} --json");
    let events = place.rightful(&events).run().await.answers();
    let actions: Vec<&str> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "request.created",
            "request.assigned",
            "request.assigned",
            "request.noted",
            "request.noted"
        ]
    );
    let table = place
        .rightful(&format!("manager request events {id}"))
        .run()
        .await
        .stdout;
    assert_eq!(table.lines().count(), 6);
    assert!(!table.contains("She called"), "{table}");
}

#[tokio::test]
async fn a_request_is_found_by_its_subject_and_put_right_in_triage() {
    let place = Place::new().await;
    let id = make(&place, "ada").await;
    make(&place, "grace").await;
    let found = |words: &str| place.rightful(&format!("manager request search {words} --json"));
    for search in [
        found("--email ADA@example.com"),
        found("--identity email=ada@example.com"),
        found("--identity-stdin").input("email=ada@example.com\n"),
    ] {
        let found = search.run().await.answers();
        assert_eq!((found.len(), &found[0]["id"]), (1, &json!(id)));
    }
    let ended = found("--identity colour=red").run().await;
    ended.failed_with(2);
    assert!(!ended.stderr.contains("red"), "{}", ended.stderr);

    let change = format!("manager request change {id}");
    let changed = place
        .answer(&format!("{change} --framework cpra --identity dcp_id=4711"))
        .await;
    assert_eq!(
        (&changed["framework"], changed["identities"].as_object().unwrap().len()),
        (&json!("cpra"), 2)
    );
    let changed = place
        .answer_to(
            &format!("{change} --identities-stdin"),
            r#"{"dcp_id": null, "email": "ada@example.org"}"#,
        )
        .await;
    assert_eq!(changed["identities"].as_object().unwrap().len(), 1);
    assert!(found("--email ada@example.com").run().await.answers().is_empty());
    let nothing = place.rightful(&change).run().await;
    nothing.failed_with(2);
    nothing.says(&["what is to change?", "hint: --framework"]);
    place
        .refusal(&format!("{change} --framework roman"))
        .await
        .says(&["framework is not known"]);
    let nobody = "00000000-0000-7000-8000-000000000000";
    place
        .refusal(&format!("{change} --connection {nobody}"))
        .await
        .says(&["connections names one that does not exist"]);
}

#[tokio::test]
async fn every_decision_that_staff_take_can_be_taken_from_the_shell() {
    let place = Place::new().await;
    let id = make(&place, "ada").await;
    let decide = async |words: &str, id: &str| place.answer(&format!("manager request {words} {id}")).await;
    let paused = decide("pause --reason legal_hold", &id).await;
    assert_eq!(
        (&paused["state"], &paused["paused"]["reason"]),
        (&json!("paused"), &json!("legal_hold"))
    );
    assert_eq!(decide("resume", &id).await["state"], "triage");
    let reason = place.file("reason.txt", "Many systems.");
    let extended = decide(&format!("extend --reason-file {reason}"), &id).await;
    assert!(extended["extended_at"].is_string(), "{extended}");
    place
        .refusal(&format!("manager request extend {id}"))
        .await
        .says(&[&format!("request {id}")]);
    let denied = decide("deny --ground unfounded", &id).await;
    assert_eq!(
        (&denied["outcome"], &denied["denial_ground"]),
        (&json!("denied"), &json!("unfounded"))
    );
    for what in ["spam", "nonresponsive", "duplicate"] {
        let id = make(&place, what).await;
        assert_eq!(decide(&format!("close --as {what}"), &id).await["outcome"], what);
    }
    for (words, says) in [
        ("deny", "--ground"),
        ("deny --ground weather", "possible values"),
        ("pause --reason weather", "possible values"),
        ("close", "--as"),
        ("assign", "--nobody"),
    ] {
        let ended = place.rightful(&format!("manager request {words} {id}")).run().await;
        assert_eq!(ended.status, Some(2), "{words}");
        ended.says(&[says]);
    }
    for words in [
        "verify",
        "repeat-deletion",
        "accept-remains",
        "remind",
        "ask-again",
        "send-link-again",
    ] {
        place
            .refusal(&format!("manager request {words} {id}"))
            .await
            .says(&[&format!("request {id}: ")]);
    }
}

#[tokio::test]
async fn lists_that_were_handed_in_are_looked_at_afterwards() {
    let place = Place::new().await;
    let list = "manager import list";
    assert_eq!(
        place.rightful(list).run().await.stdout,
        "nothing was handed in: `rightful manager request import`\n"
    );
    let rows = place.file(
        "requests.csv",
        "type,email\naccess,ada@example.com\nrectification,grace@example.com\n",
    );
    place.rightful(&format!("manager request import {rows}")).run().await;
    let listed = place.rightful(&format!("{list} --json")).run().await.answers();
    assert_eq!(
        (&listed[0]["state"], &listed[0]["created"]),
        (&json!("finished"), &json!(1))
    );
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(
        place.rightful(&format!("manager import show {id}")).run().await.stdout,
        "row 2: type must be access or deletion\n1 requests taken in, 0 were there already, 1 refused\n"
    );
    let cancelled = place.answer(&format!("manager import cancel {id}")).await;
    assert_eq!(cancelled["state"], "finished", "what has ended stays as it is");
    place
        .refusal("manager import show 00000000-0000-7000-8000-000000000000")
        .await
        .says(&["there is no import"]);
}
