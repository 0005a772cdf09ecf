//! A review from the shell: looking at what was found, choosing, and making a rule of the choice.

use serde_json::{Value, json};

use super::Both;

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

#[tokio::test]
async fn what_was_found_is_reviewed_from_the_shell_and_becomes_a_policy() {
    let both = Both::start().await;
    let connection = both.connect().await;
    let company = &both.company;
    let create = "manager request create --type access --email ada@example.com --start";
    let created = company.answer(create).await;
    let id = created["id"].as_str().unwrap();
    both.until(id, "pending_review").await;

    let dossier = company.answer(&format!("manager dossier show {id}")).await;
    let profile = dossier["objects"].as_array().unwrap().iter();
    let profile = profile.clone().find(|object| object["name"] == "profile").unwrap();
    let object = profile["id"].as_str().unwrap();
    let records = format!("manager dossier records {id} {object}");
    let said = company.rightful(&records).run().await.stdout;
    assert_eq!(said, "record 1\nFIELD  VALUE\nname   \"Ada\"\n");
    let records = company.rightful(&format!("{records} --json")).run().await.answers();
    assert_eq!(
        (&records[0]["fields"][0]["path"], &records[0]["fields"][0]["value"]),
        (&json!("name"), &json!("Ada"))
    );

    let changes = json!({"changes": [{"object": object, "field": "name", "action": "redact", "reason": "not hers"}]});
    let change = format!("manager dossier change {id} -");
    let answer = company.answer_to(&change, &changes.to_string()).await;
    let made = &answer["made"][0];
    let said = company
        .rightful(&format!("manager dossier show {id}"))
        .run()
        .await
        .stdout;
    assert!(said.contains("  field    name, 1 values (redacted)\n"), "{said}");
    let wrong = json!({"changes": [{"object": object, "field": "name", "action": "paint", "reason": "secret words"}]});
    let ended = company.rightful(&change).input(&wrong.to_string()).run().await;
    ended.failed_with(1);
    ended.says(&["action"]);
    assert!(!ended.stderr.contains("secret words"), "{}", ended.stderr);

    let policy = format!("manager policy show {connection}");
    assert_eq!(
        company.rightful(&policy).run().await.stdout,
        format!("connection {connection}: nobody has said a policy\notherwise  include\n")
    );
    let saved = company
        .answer(&format!("manager policy from-review {connection} {id}"))
        .await;
    assert_eq!(saved["changed_by"], "command_line");
    let said = company.rightful(&policy).run().await.stdout;
    assert!(said.contains("redact     name of profile\n"), "{said}");

    let undone = company.answer_to(&change, &json!({"undo": [made]}).to_string()).await;
    assert_eq!(undone["changes"], 0);
    let letter = company.file("letter.txt", "Dear Ada");
    let added = company
        .answer(&format!("manager dossier add-file {id} {letter} --name hello.txt"))
        .await;
    assert_eq!(added["bytes"], 8);
    let removed = format!("manager dossier remove-file {id} {}", added["object"].as_str().unwrap());
    assert_eq!(company.answer(&removed).await["removed"], true);
    company.refusal(&removed).await.says(&["no such file"]);
}

#[tokio::test]
async fn a_connection_is_changed_and_given_a_policy_from_the_shell() {
    let both = Both::start().await;
    let connection = both.connect().await;
    let company = &both.company;
    let change = format!("manager connection change {connection}");
    let changed = company
        .answer(&format!(
            "{change} --name Sandbox --setting poll_max=2s --setting verify_erasure=true"
        ))
        .await;
    assert_eq!(
        (&changed["name"], &changed["state"]),
        (&json!("Sandbox"), &json!("connected"))
    );
    assert_eq!(
        (
            &changed["settings"]["poll_max"],
            &changed["settings"]["identifier_types"]
        ),
        (&json!("2s"), &json!(["email"])),
        "what is not named stays"
    );
    let back = company.answer(&format!("{change} --setting verify_erasure=null")).await;
    assert_eq!(back["settings"]["verify_erasure"], false);
    let shown = company
        .rightful(&format!("manager connection show {connection}"))
        .run()
        .await
        .stdout;
    assert!(
        shown.starts_with(&format!(
            "optimizely Sandbox ({connection})\nstate      connected: account "
        )),
        "{shown}"
    );
    assert!(shown.contains("setting    poll_max: 2s\n"), "{shown}");
    for (words, status, says) in [
        (change.clone(), 2, "hint: --name, --client-id"),
        (format!("{change} --setting colour=red"), 1, "settings.colour"),
        (
            format!("{change} --client-id 1"),
            1,
            "client_id can't be changed once the connection is authorized",
        ),
        (format!("manager connection show {NOBODY}"), 1, "there is no connection"),
    ] {
        let ended = company.rightful(&words).run().await;
        ended.failed_with(status);
        ended.says(&[says]);
    }

    let policy: Value = json!({"rules": [{"object": "profile", "field": "**.email", "action": "exclude"},
        {"object": "*_events", "action": "redact"}], "otherwise": "include"});
    let set = format!("manager policy set {connection} -");
    let saved = company.answer_to(&set, &policy.to_string()).await;
    assert_eq!(saved["policy"], policy);
    let said = company
        .rightful(&format!("manager policy show {connection}"))
        .run()
        .await
        .stdout;
    let lines: Vec<&str> = said.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "exclude    **.email of profile",
            "redact     all of *_events",
            "otherwise  include"
        ]
    );
    let ended = company
        .rightful(&set)
        .input(r#"{"rules": [{"action": "marker-word"}]}"#)
        .run()
        .await;
    ended.failed_with(1);
    ended.says(&["standard input is not what is expected here (line 1, column "]);
    assert!(!ended.stderr.contains("marker-word"), "{}", ended.stderr);
    let cleared = company.answer(&format!("manager policy clear {connection}")).await;
    assert_eq!(cleared["policy"]["rules"], json!([]));
    company
        .refusal(&format!("manager policy show {NOBODY}"))
        .await
        .says(&["no such connection"]);
}
