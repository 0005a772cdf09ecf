//! The layers before a service.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use rightful_http::{
    Asked, ClientAddress, ErrorPages, Front, RequestId,
    pages::assets,
    problem::{FieldError, Problem},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use vault::SeededEntropy;

/// A service that speaks Latin below `/latin`.
struct Latin;

impl ErrorPages for Latin {
    fn page(&self, asked: &Asked, status: StatusCode, id: &str) -> Option<Response> {
        let languages = asked.languages.as_ref()?.to_str().ok()?;
        let is_ours = asked.uri.path().starts_with("/latin") && languages == "la";
        is_ours.then(|| (status, format!("erravimus {id}")).into_response())
    }
}

fn service() -> Router {
    let broken = || async { "hush".parse::<u8>().map(|_| ()).map_err(|_| "hush").unwrap() };
    let problem = || async {
        Problem::new(StatusCode::CONFLICT, "open-tasks")
            .title("Tasks are open")
            .detail("two tasks are open; add ?force=true")
            .error(FieldError {
                field: "force".into(),
                reason: "is missing".into(),
            })
            .member("tasks", 2)
            .header(header::RETRY_AFTER, 5.into())
    };
    let who = |id: RequestId, ClientAddress(address): ClientAddress| async move { format!("{id} {address}") };
    let routes = Router::new()
        .route("/broken", get(broken))
        .route("/latin/broken", get(broken))
        .route("/problem", get(problem))
        .route("/who", get(who))
        .merge(assets::routes(None));
    let front = Front {
        brand: "Acme".into(),
        public_url: "https://privacy.example/".parse().unwrap(),
        trusted_proxies: "127.0.0.0/8".parse().unwrap(),
        entropy: Arc::new(SeededEntropy::new(1)),
        error_pages: Some(Arc::new(Latin)),
    };
    front.before(routes)
}

async fn asked(request: http::request::Builder) -> (Response, String) {
    let (parts, body) = service()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
        .into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    (Response::from_parts(parts, Body::empty()), text)
}

#[tokio::test]
async fn a_panic_is_an_answer_without_its_message() {
    // SEC-46
    let (response, text) = asked(Request::get("/broken")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["type"], "https://privacy.example/problems/internal");
    assert_eq!(body["request_id"], response.headers()["x-request-id"].to_str().unwrap());
    assert!(!text.contains("hush"));

    let (response, text) = asked(Request::get("/broken").header(header::ACCEPT, "text/html,*/*;q=0.8")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.starts_with("<!doctype html>") && text.contains("Something went wrong") && !text.contains("hush"));
}

#[tokio::test]
async fn a_service_may_say_in_its_own_words_what_nothing_has_answered() {
    let page = |path: &str, languages: &str| {
        Request::get(path)
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, languages)
    };
    for (path, status) in [("/latin/broken", 500), ("/latin/nothing", 404)] {
        let (response, text) = asked(page(path, "la")).await;
        assert_eq!(response.status(), status);
        let id = response.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(text, format!("erravimus {id}"));
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let (_, text) = asked(page(path, "en")).await;
        assert!(text.starts_with("<!doctype html>"), "{text}");
        // Programs are told as ever.
        let (response, _) = asked(Request::get(path).header(header::ACCEPT_LANGUAGE, "la")).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
    let (response, _) = asked(page("/latin/broken", "la").method("POST")).await;
    assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn an_address_or_method_that_is_not_there_is_told() {
    let (response, text) = asked(Request::get("/nothing")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(text.contains("https://privacy.example/problems/not-found"));
    // SEC-50
    for method in ["TRACE", "POST"] {
        let (response, _) = asked(Request::builder().method(method).uri("/who")).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
    }
}

#[tokio::test]
async fn a_request_that_names_several_hosts_is_not_carried_out() {
    // SEC-36, SEC-37
    let one = Request::get("/who").header(header::HOST, "privacy.example");
    assert_eq!(asked(one).await.0.status(), StatusCode::OK);
    let two = Request::get("/who")
        .header(header::HOST, "privacy.example")
        .header(header::HOST, "evil.example");
    let (response, text) = asked(two).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(text.contains("the request names several hosts"), "{text}");
}

#[tokio::test]
async fn a_problem_has_the_shape_of_rfc_9457() {
    let (response, text) = asked(Request::get("/problem")).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::RETRY_AFTER], "5");
    let expected = json!({
        "type": "https://privacy.example/problems/open-tasks",
        "title": "Tasks are open",
        "status": 409,
        "detail": "two tasks are open; add ?force=true",
        "field": "force",
        "errors": [{"field": "force", "reason": "is missing"}],
        "tasks": 2,
    });
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
}

#[tokio::test]
async fn a_request_knows_its_name_and_its_caller() {
    let request = Request::get("/who")
        .header("x-forwarded-for", "9.9.9.9")
        .header("x-request-id", "forged");
    let (response, text) = asked(request).await;
    let id = response.headers()["x-request-id"].to_str().unwrap();
    assert_eq!(text, format!("{id} 9.9.9.9"));
    assert_ne!(id, "forged");
}

#[tokio::test]
async fn the_stylesheet_is_kept_for_ever_and_pages_are_not() {
    let (response, text) = asked(Request::get(assets::stylesheet_path())).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert_eq!(
        response.headers()[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    assert!(text.contains(":root"));
    let (response, _) = asked(Request::get("/who")).await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
}
