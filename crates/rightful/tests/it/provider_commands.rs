//! `rightful provider …`: the vendor's side from the shell, beside a running server.

use serde_json::json;

use crate::{
    place::{PASSWORD, Place},
    serving::{get_json, post_json, trusting},
};

const SUBJECTS: &str = r#"{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "profile", "record": {"name": "Ada"}}
{"data_source": "tse", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "ticket", "record": {"about": "invoice"}}
"#;

#[tokio::test]
async fn what_commands_change_holds_at_the_next_call_of_the_api() {
    let place = Place::new().await;
    let server = place.rightful("provider serve --listen 127.0.0.1:0").serve().await;
    let account = place.account("admin@example.com").await;
    let issued = place
        .answer("provider token create --email admin@example.com --name tests")
        .await;
    let token = issued["token"].as_str().unwrap();
    let transport = trusting(&place.data());
    let me = server.url.join("/v2/me").unwrap();
    let jobs = server.url.join("/v2/subject-access-requests").unwrap();

    let (status, who) = get_json(&transport, &me, token).await;
    assert_eq!((status, &who["current_account"]["id"]), (200, &json!(account)));
    assert_eq!(get_json(&transport, &jobs, token).await.0, 200);

    let role = format!("provider user role --account {account} --email admin@example.com --role user");
    assert_eq!(place.answer(&role).await["role"], "user");
    assert_eq!(get_json(&transport, &jobs, token).await.0, 403); // AS-52
    assert_eq!(get_json(&transport, &me, token).await.0, 200);

    place.answer("provider user deactivate --email admin@example.com").await;
    let (status, refusal) = get_json(&transport, &me, token).await;
    assert_eq!((status, &refusal["code"]), (403, &json!("authentication_failed")));
}

#[tokio::test]
async fn imported_subjects_are_found_by_the_next_job() {
    let place = Place::new().await;
    let account = place.account("admin@example.com").await;
    let file = place.file("subjects.ndjson", SUBJECTS);
    let import = format!("provider subject import --account {account} {file}");
    assert_eq!(
        place.answer(&import).await,
        json!({"account_id": account, "records": 2, "new": 2})
    );
    // A repeated import takes what is missing, which is nothing.
    assert_eq!(place.answer(&import).await["new"], 0);
    let import = format!("provider subject import --account {account} -");
    assert_eq!(place.answer_to(&import, SUBJECTS).await["new"], 0);

    let server = place.rightful("provider serve --listen 127.0.0.1:0").serve().await;
    let issued = place.answer("provider token create --email admin@example.com").await;
    let token = issued["token"].as_str().unwrap();
    let body = json!({
        "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "request_type": "access",
    });
    let jobs = server.url.join("/v2/subject-access-requests").unwrap();
    let (status, job) = post_json(&trusting(&place.data()), &jobs, token, &body).await;
    assert_eq!(status, 201, "{job}");
    assert_eq!(job["account_id"], account);
}

#[tokio::test]
async fn a_file_with_a_bad_line_is_refused_as_a_whole() {
    let place = Place::new().await;
    let account = place.account("admin@example.com").await;
    let file = place.file(
        "subjects.ndjson",
        &format!("{SUBJECTS}{{\"identifier\": \"eve@example.com\"}}\n"),
    );
    let ended = place
        .refusal(&format!("provider subject import --account {account} {file}"))
        .await;
    ended.says(&["nothing was imported", "line 3"]);
    assert!(!ended.stderr.contains("eve@example.com"), "{}", ended.stderr);
    let file = place.file("subjects.ndjson", SUBJECTS);
    let import = format!("provider subject import --account {account} {file}");
    assert_eq!(place.answer(&import).await["new"], 2);
}

#[tokio::test]
async fn applications_are_registered_listed_and_deleted() {
    let place = Place::new().await;
    let account = place.account("admin@example.com").await;
    let confidential = place
        .answer(&format!(
            "provider app create --account {account} --name Orders --type confidential \
             --redirect-uri https://a.test/cb --redirect-uri https://b.test/cb"
        ))
        .await;
    assert!(confidential["client_secret"].as_str().unwrap().len() >= 22);
    let public = place
        .answer(&format!(
            "provider app create --account {account} --name Site --type public --grants implicit \
             --redirect-uri http://c.test/cb"
        ))
        .await;
    assert!(public.get("client_secret").is_none());

    let listed = place
        .rightful(&format!("provider app list --account {account} --json"))
        .run()
        .await
        .answers();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["client_id"], confidential["client_id"]);
    assert_eq!(
        listed[0]["redirect_uris"],
        json!(["https://a.test/cb", "https://b.test/cb"])
    );
    assert_eq!(listed[1]["grants"], "implicit");
    assert!(
        !listed[0]
            .to_string()
            .contains(confidential["client_secret"].as_str().unwrap())
    );

    let id = public["client_id"].as_str().unwrap();
    place.answer(&format!("provider app delete {id}")).await;
    place
        .refusal(&format!("provider app delete {id}"))
        .await
        .says(&["no such application"]);
    let listed = place
        .rightful(&format!("provider app list --account {account} --json"))
        .run()
        .await
        .answers();
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn a_known_user_joins_another_account_and_keeps_the_password() {
    let place = Place::new().await;
    place.account("ada@example.com").await;
    let second = place.answer("provider account create --name Second").await["account_id"].clone();
    let create =
        format!("provider user create --account {second} --email ada@example.com --role user --password-stdin");
    assert_eq!(place.answer_to(&create, "another long password").await["existed"], true);
    let accounts = place.rightful("provider account list --json").run().await.answers();
    assert_eq!(accounts.len(), 2);
}

#[tokio::test]
async fn an_internal_team_gets_a_token_for_its_sources() {
    let place = Place::new().await;
    let issued = place
        .answer("provider token create --service support --data-source tse")
        .await;
    let token = issued["token"].as_str().unwrap();
    let server = place.rightful("provider serve --listen 127.0.0.1:0").serve().await;
    let path = "/v2/internal-subject-access-requests?data_source=tse&status=pending";
    let (status, list) = get_json(&trusting(&place.data()), &server.url.join(path).unwrap(), token).await;
    assert_eq!((status, list), (200, json!([])));
}

#[tokio::test]
async fn what_was_done_is_in_the_log_and_a_new_master_key_opens_it_too() {
    let place = Place::new().await;
    place.account("admin@example.com").await;
    place.answer("provider key rotate").await;
    let verified = place.answer("provider audit verify").await;
    assert_eq!((&verified["whole"], &verified["events"]), (&json!(true), &json!(3)));
    let log = place.rightful("provider audit export").run().await.answers();
    let actions: Vec<_> = log.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["account.created", "user.created", "master_key.rotated"]);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_by_field_and_changes_nothing() {
    let place = Place::new().await;
    let account = place.account("admin@example.com").await;
    for (words, input, says) in [
        ("provider account create --name".to_owned(), "", "name"),
        (
            "provider user create --account 4711 --email a@example.com --role user --password-stdin".to_owned(),
            PASSWORD,
            "account: there is no account 4711",
        ),
        (
            format!("provider user create --account {account} --email nobody --role user --password-stdin"),
            PASSWORD,
            "email: that is not an e-mail address",
        ),
        (
            format!("provider user create --account {account} --email a@example.com --role user --password-stdin"),
            "short",
            "password: ",
        ),
        (
            format!("provider user create --account {account} --email a@example.com --role user --password-stdin"),
            "",
            "the password is empty",
        ),
        (
            format!(
                "provider app create --account {account} --name N --type confidential --redirect-uri http://a.test"
            ),
            "",
            "redirect_uris: http:// is refused",
        ),
        (
            "provider token create --email nobody@example.com".to_owned(),
            "",
            "email: no user has that address",
        ),
        (
            "provider user deactivate --email nobody@example.com".to_owned(),
            "",
            "email: no user has that address",
        ),
        (
            format!("provider subject import --account {account} /nowhere.ndjson"),
            "",
            "could not read /nowhere.ndjson",
        ),
    ] {
        let mut command = place.rightful(&words).input(input);
        if words.ends_with("--name") {
            command = command.word("");
        }
        let ended = command.run().await;
        ended.failed_with(1);
        ended.says(&[says]);
        assert!(!ended.stderr.contains("a@example.com"), "{}", ended.stderr);
    }
    let listed = place
        .rightful(&format!("provider app list --account {account} --json"))
        .run()
        .await;
    assert!(listed.answers().is_empty());
}

#[tokio::test]
async fn an_internal_teams_token_is_listed_and_revoked() {
    let place = Place::new().await;
    let issued = place
        .answer("provider token create --service ops --data-source tse")
        .await;
    let listed = place.answer("provider token list").await;
    assert_eq!(
        (&listed["service"], &listed["data_sources"]),
        (&json!("ops"), &json!(["tse"]))
    );
    assert_eq!(listed["token_id"], issued["token_id"]);
    let revoke = format!("provider token revoke {}", issued["token_id"].as_str().unwrap());
    assert_eq!(place.answer(&revoke).await["revoked"], true);
    place.refusal(&revoke).await.says(&["there is no such token"]);
    place
        .refusal("provider mailbox show")
        .await
        .says(&["there are no mails"]);
}
