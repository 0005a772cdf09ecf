use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    #[serde(default)]
    changes: Vec<Change>,
    #[serde(default)]
    page: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Include,
    Exclude,
}

#[derive(Deserialize)]
struct Change {
    action: Action,
}

fn routes() -> Router {
    fn told(asked: &Asked) -> String {
        let includes = asked
            .changes
            .iter()
            .filter(|change| matches!(change.action, Action::Include))
            .count();
        let excludes = asked
            .changes
            .iter()
            .filter(|change| matches!(change.action, Action::Exclude))
            .count();
        format!("{} {:?} {includes}+{excludes}", asked.name, asked.page)
    }
    Router::new()
        .route("/json", post(|Json(asked): Json<Asked>| async move { told(&asked) }))
        .route("/any-json", post(|Json(value): Json<Value>| async { Json(value) }))
        .route("/form", post(|Form(asked): Form<Asked>| async move { told(&asked) }))
        .route("/query", get(|Query(asked): Query<Asked>| async move { told(&asked) }))
        .route(
            "/boxes",
            post(|form: FormPairs| async move {
                let boxes: Vec<&str> = form.all("box").collect();
                Ok::<_, Refusal>(format!("{boxes:?} {:?}", form.one("name")?))
            }),
        )
        .route("/one/{id}", get(|Path(id): Path<u32>| async move { id.to_string() }))
        .route(
            "/two/{a}/{b}",
            get(|Path2(a, b): Path2<u32, bool>| async move { format!("{a} {b}") }),
        )
        .layer(DefaultBodyLimit::max(200))
}

async fn answer(request: Request<Body>) -> (StatusCode, String) {
    let response = routes().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn sent(path: &str, content_type: &str, body: impl Into<Body>) -> (StatusCode, String) {
    answer(
        Request::post(path)
            .header(header::CONTENT_TYPE, content_type)
            .body(body.into())
            .unwrap(),
    )
    .await
}

async fn fetched(path: &str) -> (StatusCode, String) {
    answer(Request::get(path).body(Body::empty()).unwrap()).await
}

/// Status, field and detail of a problem.
fn problem((status, body): (StatusCode, String)) -> (u16, Value, Value) {
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["status"], status.as_u16());
    (status.as_u16(), body["field"].clone(), body["detail"].clone())
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn what_is_right_is_read() {
    let body = r#"{"name": "a", "page": 2, "changes": [{"action": "include"}, {"action": "exclude"}]}"#;
    assert_eq!(
        sent("/json", "Application/JSON; charset=utf-8", body).await,
        (StatusCode::OK, "a Some(2) 1+1".into())
    );
    assert_eq!(sent("/form", FORM, "name=a+b%C3%A9&page=2").await.1, "a bé Some(2) 0+0");
    assert_eq!(fetched("/query?name=a&page=3").await.1, "a Some(3) 0+0");
    assert_eq!(fetched("/one/7").await.1, "7");
    assert_eq!(fetched("/two/7/true").await.1, "7 true");
    assert_eq!(
        sent("/boxes", FORM, "box=a&name=x&box=b").await.1,
        r#"["a", "b"] Some("x")"#
    );
}

#[tokio::test]
async fn a_name_that_comes_twice_is_refused_by_name() {
    // SEC-35, AS-3
    let twice = |field: &str| (400, json!(field), json!(format!("`{field}` is given twice")));
    assert_eq!(
        problem(sent("/form", FORM, "name=a&page=1&name=a").await),
        twice("name")
    );
    assert_eq!(problem(sent("/form", FORM, "name=a&n%61me=b").await), twice("name"));
    assert_eq!(problem(fetched("/query?page=1&name=a&page=2").await), twice("page"));
    assert_eq!(
        problem(sent("/json", JSON, r#"{"name": "a", "name": "b"}"#).await),
        twice("name")
    );
    assert_eq!(
        problem(sent("/any-json", JSON, r#"{"a": [{"b": 1, "\u0062": 2}]}"#).await),
        twice("b")
    );
    assert_eq!(problem(sent("/boxes", FORM, "name=a&name=b").await), twice("name"));
}

#[tokio::test]
async fn a_fault_names_its_field_and_quotes_nothing() {
    let body = |text: &'static str| async move { problem(sent("/json", JSON, text).await) };
    let fault = |field: &str, reason: &str| (400, json!(field), json!(format!("`{field}` {reason}")));
    assert_eq!(body("{}").await, fault("name", "is missing"));
    assert_eq!(
        body(r#"{"name": "a", "nmae": "hush"}"#).await,
        fault("nmae", "is not known here")
    );
    assert_eq!(
        body(r#"{"name": "a", "page": "hush"}"#).await,
        fault("page", "must be a whole number, 0 or more")
    );
    assert_eq!(
        body(r#"{"name": "a", "changes": [{"action": "include"}, {"action": "hush"}]}"#).await,
        fault("changes[1].action", "must be include or exclude")
    );
    assert_eq!(
        body(r#"{"name": "a", "changes": [{}]}"#).await,
        fault("changes[0].action", "is missing")
    );
    assert_eq!(
        problem(fetched("/query?name=a&page=hush").await),
        fault("page", "is not valid")
    );
    assert_eq!(problem(fetched("/query").await), fault("name", "is missing"));
    let detail = "the body must be an object";
    assert_eq!(body(r#"["a", 1, []]"#).await, (400, Value::Null, json!(detail)));
    let detail = "the body is not JSON (line 1, column 3)";
    assert_eq!(body("{\"a").await, (400, Value::Null, json!(detail)));
}

#[tokio::test]
async fn wrong_content_types_lengths_and_encodings_are_refused() {
    // SEC-15: what a form of another site can send is no JSON
    for content_type in ["text/plain", FORM, "multipart/form-data", ""] {
        assert_eq!(
            problem(sent("/json", content_type, "{}").await).0,
            415,
            "{content_type}"
        );
    }
    assert_eq!(problem(sent("/form", JSON, "name=a").await).0, 415);
    assert_eq!(
        problem(sent("/form", FORM, format!("name={}", "a".repeat(300))).await).0,
        413
    );
    // SEC-31
    assert_eq!(
        problem(sent("/form", FORM, "name=%ff").await),
        (400, json!("name"), json!("`name` is not UTF-8"))
    );
    assert_eq!(problem(sent("/form", FORM, "%ff=a").await).0, 400);
    assert_eq!(problem(fetched("/query?name=%ff").await).0, 400);
}

#[tokio::test]
async fn a_path_that_names_nothing_is_not_found() {
    assert_eq!(
        problem(fetched("/one/x").await),
        (404, json!("id"), json!("`id` names nothing here"))
    );
    assert_eq!(
        problem(fetched("/two/1/x").await),
        (404, json!("b"), json!("`b` names nothing here"))
    );
    assert_eq!(problem(fetched("/one/%ff").await).0, 404);
}

#[test]
fn what_was_sent_is_not_printed() {
    // SEC-43
    let pairs = || vec![("password".to_owned(), "hush".to_owned())];
    let printed = format!("{:?} {:?}", FormPairs(pairs()), QueryPairs(pairs()));
    assert_eq!(printed, "FormPairs(..) QueryPairs(..)");
}

#[tokio::test]
async fn a_router_may_answer_refusals_in_its_own_words() {
    fn render(refusal: &Refusal) -> Response {
        let status = if refusal.place == Place::Path {
            StatusCode::BAD_REQUEST
        } else {
            refusal.status
        };
        (status, Json(json!({"code": "invalid", "message": refusal.sentence()}))).into_response()
    }
    let router = answer_refusals_with(routes(), render);
    let response = router
        .oneshot(Request::get("/one/x").body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"code":"invalid","message":"`id` names nothing here"}"#);
}
