//! The REST API v2: who may call, what is refused and how, pages, pace, and the vendor's own schema.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use oauth::{ClientType, RevokedStatus};
use provider::{AccountId, DataSource, Role};
use serde_json::{Value, json};

use crate::{
    schema,
    subjects::{about, at_any_pace, record},
    world::World,
};

const ADA: &str = "ada@example.test";
const SARS: &str = "/v2/subject-access-requests";

async fn start() -> (World, AccountId, String) {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    (world, account, token)
}

#[tokio::test]
async fn a_call_carries_its_token_once_and_in_the_header() {
    // AS-57, AS-58, AS-59
    for (mode, refused) in [(RevokedStatus::Seed, 403), (RevokedStatus::Rfc, 401)] {
        let world = World::start_with(|settings| settings.revoked_status = mode).await;
        let account = world.acme().await;
        let token = world.token(ADA, account).await;
        let bearer = format!("bearer {token}");
        let none = "Bearer realm=\"api\"";
        let invalid = "Bearer error=\"invalid_token\"";
        for (name, value, query, status, code, challenge) in [
            ("authorization", bearer.as_str(), "", 200, "", ""),
            ("x-none", "", "", 401, "unauthorized", none),
            (
                "x-none",
                "",
                &format!("?access_token={token}"),
                401,
                "unauthorized",
                none,
            ),
            ("token", token.as_str(), "", 401, "unauthorized", none),
            ("authorization", "Basic YTpi", "", 401, "unauthorized", none),
            (
                "authorization",
                "Bearer nonsense",
                "",
                refused,
                "authentication_failed",
                invalid,
            ),
            (
                "authorization",
                &format!("Bearer {token}x"),
                "",
                refused,
                "authentication_failed",
                invalid,
            ),
            (
                "authorization",
                bearer.as_str(),
                &format!("?access_token={token}"),
                400,
                "bad_request",
                "Bearer error=\"invalid_request\"",
            ),
        ] {
            let request = Request::get(format!("/v2/me{query}")).header(name, value);
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{name}: {value} {query}");
            assert!(
                answer.header("www-authenticate").starts_with(challenge),
                "{name}: {value}"
            );
            assert_eq!(answer.header("cache-control"), "no-store"); // AS-59, SEC-49
            if status != 200 {
                assert_eq!(answer.json()["code"], code);
                assert!(!answer.text.contains(&token));
            }
            if name == "token" {
                assert!(
                    answer.json()["message"]
                        .as_str()
                        .unwrap()
                        .contains("Authorization: Bearer")
                );
            }
        }
    }
}

#[tokio::test]
async fn me_tells_who_the_token_is_for() {
    let (world, account, token) = start().await;
    let other = world.account("Other").await;
    world.user(other, ADA, Role::User).await;
    let me = world.api(&token, "/v2/me").await;
    assert_eq!(me.status, StatusCode::OK);
    let me = me.json();
    assert_eq!(
        me["profile"],
        json!({ "email": ADA, "first_name": "Ada", "last_name": "Lovelace", "profile_image": "" })
    );
    assert_eq!(me["current_account"], json!({ "id": account }));
    assert!(me.get("accounts").is_none() && me.get("project_roles").is_none());
    schema::check("Me", &me);

    for path in [
        "/v2/me?expand=accounts,project_roles,current_account.features",
        "/v2/me?expand=accounts&expand=project_roles&include_features=true",
    ] {
        let me = world.api(&token, path).await.json();
        let both = json!([{ "id": account, "name": "Acme" }, { "id": other, "name": "Other" }]);
        assert_eq!(me["accounts"], both, "{path}");
        assert_eq!(me["project_roles"], json!([]));
        assert_eq!(me["current_account"]["features"], json!({}));
        schema::check("Me", &me);
    }
    for (query, field) in [("expand=all", "expand"), ("include_features=maybe", "include_features")] {
        let answer = world.api(&token, &format!("/v2/me?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.json()["messages"][field].is_string());
    }

    // By an application the account is the one that was authorized (AS-28).
    let app = world.app(account, ClientType::Confidential).await;
    let mut browser = world.logged_in(ADA).await;
    let code = browser
        .authorize_with(&app, &[("account_id", &other.to_string())])
        .await;
    let tokens = world.exchange(&app, &code).await.tokens();
    let me = world.api(&tokens.access, "/v2/me").await.json();
    assert_eq!(me["current_account"]["id"], other.0);
    assert_eq!(world.api(&tokens.access, SARS).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_field() {
    // SEC-31, SEC-35
    let (world, _, token) = start().await;
    let with = |field: &str, value: Value| {
        let mut body = about("access", "grace@example.test");
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("request_type", json!("erase")), "request_type"),
        (with("request_type", json!("Access")), "request_type"),
        (with("request_type", json!(7)), "request_type"),
        (with("request_type", json!(null)), "request_type"),
        (with("data_type", json!("")), "data_type"),
        (with("identifier_type", json!("phone")), "identifier_type"),
        (with("identifier", json!("")), "identifier"),
        (with("identifier", json!("   ")), "identifier"),
        (with("identifier", json!("a\u{0}b")), "identifier"),
        (with("identifier", json!("x".repeat(356))), "identifier"),
        (with("identifier", json!(["a"])), "identifier"),
        (
            json!({ "request_type": "delete", "data_type": "user", "identifier_type": "other", "identifier": "ada" }),
            "identifier_type",
        ),
    ] {
        let answer = world.call(Method::POST, &token, SARS, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let error = answer.json();
        assert_eq!(error["code"], "bad_request");
        assert!(error["messages"][field].is_string(), "{error}");
        assert!(error["message"].as_str().unwrap().contains(field));
        assert!(!answer.text.contains("grace@example.test"), "{error}");
        assert_eq!(error["uuid"].as_str().unwrap().len(), 36);
        schema::check("Error", &error);
    }
    let all = world.call(Method::POST, &token, SARS, &json!({})).await.json();
    let fields: Vec<&String> = all["messages"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["data_type", "identifier", "identifier_type", "request_type"]);

    for (content_type, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "[]", 400),
        (
            "application/json",
            r#"{"request_type":"access","request_type":"delete","data_type":"visitor","identifier_type":"email","identifier":"a"}"#,
            400,
        ),
        ("application/json", "{\"identifier\":\"\\ud800\"}", 400),
        ("text/plain", "{}", 415),
        ("application/x-www-form-urlencoded", "identifier=a", 415),
        (
            "application/json",
            &format!("{{\"identifier\":\"{}\"}}", "x".repeat(70_000)),
            413,
        ),
    ] {
        let request = Request::post(SARS)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body.to_owned()));
        let answer = world.send(request.unwrap()).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{content_type} {}",
            &body[..body.len().min(80)]
        );
        schema::check("Error", &answer.json());
    }
    let not_utf8 = Request::post(SARS)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(b"{\"identifier\":\"\xff\"}".to_vec()));
    assert_eq!(world.send(not_utf8.unwrap()).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.api(&token, SARS).await.json(), json!([]));
}

#[tokio::test]
async fn identifiers_are_taken_as_they_are() {
    // SEC-31
    let (world, account, token) = start().await;
    for identifier in [
        "O'Brien \"quoted\"; DROP TABLE x; --",
        "\u{202e}rtl",
        "üñï",
        &"ä".repeat(355),
    ] {
        let mut one = record(identifier, "profile", json!("found"));
        one["identifier_type"] = json!("other");
        world.import(account, &[one]).await;
        let mut body = about("access", identifier);
        body["identifier_type"] = json!("other");
        let sar = world.carry_out(&token, &body).await;
        assert_eq!(sar["identifier"], identifier);
        assert_eq!(world.export(&sar).await.members.len(), 1);
    }
}

#[tokio::test]
async fn fields_that_only_we_may_write_are_not_looked_at() {
    // SEC-18
    let (world, account, token) = start().await;
    let mut body = about("access", "grace@example.test");
    for (field, value) in [
        ("id", json!(1)),
        ("account_id", json!(1)),
        ("status", json!("completed")),
        ("export_location", json!("https://evil.test/x.zip")),
        ("expired_at_time", json!("2099-01-01T00:00:00Z")),
        ("requested_at_time", json!(7)),
    ] {
        body[field] = value;
    }
    let sar = world.ask(&token, &body).await;
    assert_eq!(sar["account_id"], account.0);
    assert_eq!(sar["status"], "pending");
    assert_ne!(sar["id"], 1);
    assert!(sar.get("export_location").is_none());
    assert!(sar["requested_at_time"].is_string());
}

#[tokio::test]
async fn every_answer_is_of_the_vendors_schema() {
    let (world, account, token) = start().await;
    world
        .import(account, &[record("grace@example.test", "profile", json!(1))])
        .await;
    let asked = world.ask(&token, &about("access", "grace@example.test")).await;
    schema::check("SubjectAccessRequest", &asked);
    world.work().await;
    let completed = world.sar(&token, &asked["id"]).await;
    schema::check("SubjectAccessRequest", &completed);
    let keys: Vec<String> = completed.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, schema::properties("SubjectAccessRequest"));
    for one in world.api(&token, SARS).await.json().as_array().unwrap() {
        schema::check("SubjectAccessRequest", one);
    }
    let team = world.service(&[DataSource::Marketing]).await;
    world.ask(&token, &about("delete", "grace@example.test")).await;
    let path = "/v2/internal-subject-access-requests?data_source=marketing&status=pending";
    let queue = world.api(&team, path).await.json();
    assert_eq!(queue.as_array().unwrap().len(), 1);
    schema::check("SubjectAccessRequestInternal", &queue[0]);
}

#[tokio::test]
async fn a_list_comes_in_pages_newest_first() {
    let (world, _, token) = start().await;
    let mut made = Vec::new();
    for n in 0..7 {
        made.insert(
            0,
            world.ask(&token, &about("access", &format!("p{n}@example.test"))).await["id"].clone(),
        );
    }
    let ids = |answer: &crate::world::Answer| -> Vec<Value> {
        answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect()
    };
    let first = world.api(&token, &format!("{SARS}?per_page=3")).await;
    assert_eq!(ids(&first), made[..3]);
    assert_eq!(
        first.header("link"),
        format!(
            "<https://vendor.test{SARS}?page=2&per_page=3>; rel=next, <https://vendor.test{SARS}?page=3&per_page=3>; rel=last"
        )
    );
    let last = world.api(&token, &format!("{SARS}?per_page=3&page=3")).await;
    assert_eq!(ids(&last), made[6..]);
    assert!(!last.header("link").contains("rel=last"));
    assert!(last.header("link").contains("rel=prev"));
    let beyond = world.api(&token, &format!("{SARS}?page=9000000000")).await;
    assert_eq!((beyond.status, beyond.json()), (StatusCode::OK, json!([])));
    for query in ["page=0", "page=x", "per_page=0", "per_page=101", "page=1&page=2"] {
        let answer = world.api(&token, &format!("{SARS}?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        let field = query.split('=').next().unwrap();
        assert!(answer.json()["messages"][field].is_string(), "{query}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_told_in_the_vendors_words() {
    let (world, _, token) = start().await;
    for (path, status, code) in [
        ("/v2/subject-access-requests/1", 404, "not_found"),
        ("/v2/subject-access-requests/abc", 400, "bad_request"),
        ("/v2/subject-access-requests/99999999999999999999", 400, "bad_request"),
        ("/v2/nothing", 404, "not_found"),
        ("/v2", 404, "not_found"),
    ] {
        let answer = world.api(&token, path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.json()["code"], code);
        if status == 404 {
            assert_eq!(answer.json()["message"], "Nothing matches the given URI");
        }
    }
    for method in [Method::PUT, Method::DELETE, Method::TRACE] {
        // SEC-50
        let answer = world.call(method.clone(), &token, SARS, &json!({})).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.json()["code"], "method_not_allowed");
        assert!(answer.header("allow").contains("POST"), "{method}");
    }
}

#[tokio::test]
async fn an_account_has_a_pace() {
    // SEC-47
    let world = World::start().await;
    let account = world.acme().await;
    let other = world.account("Other").await;
    world.user(other, "olga@example.test", Role::Administrator).await;
    let (ada, olga) = (
        world.token(ADA, account).await,
        world.token("olga@example.test", other).await,
    );
    let second = world.token(ADA, account).await;
    for n in 0..20 {
        // Tokens of one account share its allowance.
        let answer = world.api(if n % 2 == 0 { &ada } else { &second }, "/v2/me").await;
        assert_eq!(answer.status, StatusCode::OK, "{n}");
        assert_eq!(answer.header("ratelimit-limit"), "20");
        assert_eq!(answer.header("ratelimit-remaining"), (19 - n).to_string());
    }
    let throttled = world.api(&ada, "/v2/me").await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(throttled.header("retry-after"), "1");
    assert_eq!(throttled.json()["code"], "too_many_requests");
    assert_eq!(world.api(&olga, "/v2/me").await.status, StatusCode::OK);
    // Another server over the same database knows, if there can be one.
    if world.database.is_postgres() {
        let replica = world.replica().await;
        assert_eq!(replica.api(&ada, "/v2/me").await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    world.later(1);
    for _ in 0..10 {
        assert_eq!(world.api(&ada, "/v2/me").await.status, StatusCode::OK);
    }
    assert_eq!(world.api(&ada, "/v2/me").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_pace_may_be_kept_silent() {
    let world = World::start_with(|settings| {
        settings.rate_limit_headers = false;
        settings.rate_burst = 1.try_into().unwrap();
        settings.rate_limit = "1/m".parse().unwrap();
    })
    .await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    assert_eq!(world.api(&token, "/v2/me").await.header("ratelimit-limit"), "");
    let throttled = world.api(&token, "/v2/me").await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(throttled.header("retry-after"), "");
    assert_eq!(throttled.header("ratelimit-limit"), "");
}

#[tokio::test]
async fn the_api_may_have_a_host_of_its_own() {
    let world = World::start_with(|settings| {
        at_any_pace(settings);
        settings.api_url = Some("https://api.vendor.test:8444".parse().unwrap());
    })
    .await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    for (host, base) in [
        ("api.vendor.test:8444", "https://api.vendor.test:8444"),
        ("vendor.test", "https://vendor.test"),
        ("evil.test", "https://vendor.test"), // SEC-36
    ] {
        let request = Request::post(SARS)
            .header(header::HOST, host)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(about("access", "grace@example.test").to_string()));
        let made = world.send(request.unwrap()).await;
        assert_eq!(made.location(), format!("{base}{SARS}/{}", made.json()["id"]));
    }
    let document = world.get("/v2/openapi.json").await.json();
    assert_eq!(document["servers"][0]["url"], "https://api.vendor.test:8444/v2");
}

#[tokio::test]
async fn the_api_describes_itself() {
    let world = World::start().await;
    let document = world.get("/v2/openapi.json").await;
    assert_eq!(document.status, StatusCode::OK);
    assert_eq!(document.json()["servers"][0]["url"], "https://vendor.test/v2");
    assert_eq!(document.json(), world.provider.openapi());
    let docs = world.get("/docs").await;
    assert_eq!(docs.status, StatusCode::OK);
    assert!(docs.text.contains("/subject-access-requests"));
    assert!(!docs.text.contains("<script"));
}
