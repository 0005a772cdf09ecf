//! Whether the process lives (`/healthz`) and can do its work (`/readyz`).

use std::future::Future;

use axum::{
    Router,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::StatusCode;
use serde::Serialize;

use crate::extract::Json;

/// One thing the service needs, and whether it has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What: `database`, `storage`, `mail`.
    pub name: &'static str,
    /// Why not, in plain words without addresses or secrets; absent when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

/// The two routes. `/readyz` asks `ready` and answers 503 while a check has a fault.
pub fn routes<S, F, R>(ready: F) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    F: Fn() -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Vec<Check>> + Send + 'static,
{
    Router::new()
        .route("/healthz", get(|| async { answer(Vec::new()) }))
        .route("/readyz", get(move || async move { answer(ready().await) }))
}

fn answer(checks: Vec<Check>) -> Response {
    if checks.iter().all(|check| check.fault.is_none()) {
        return Json(Health { status: "ok", checks }).into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(Health {
            status: "unavailable",
            checks,
        }),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn get_text(path: &str, fault: Option<&str>) -> (StatusCode, String) {
        let check = Check {
            name: "database",
            fault: fault.map(str::to_owned),
        };
        let routes: Router = routes(move || std::future::ready(vec![check.clone()]));
        let answer = routes
            .oneshot(http::Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_service_without_its_database_lives_but_is_not_ready() {
        let (status, body) = get_text("/healthz", Some("no connection")).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, r#"{"status":"ok"}"#));
        let (status, body) = get_text("/readyz", Some("no connection")).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            body,
            r#"{"status":"unavailable","checks":[{"name":"database","fault":"no connection"}]}"#
        );
        assert_eq!(get_text("/readyz", None).await.0, StatusCode::OK);
    }
}
