//! Verifying the audit log and taking it along, over the API.

use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use rightful_http::extract::Json;
use serde_json::json;
use store::ChainReport;

use super::{ApiCaller, ApiResult, internal};
use crate::{Manager, Permission, web::portal::audit_lines};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/audit/verify", post(verify))
        .route("/audit/export", get(export))
}

async fn verify(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ReadAudit)?;
    let report = manager
        .verify_audit(&caller.by)
        .await
        .map_err(|error| internal(&error))?;
    let answer = match report {
        ChainReport::Whole { events } => json!({"whole": true, "events": events}),
        ChainReport::Broken { seq, reason } => json!({"whole": false, "seq": seq, "reason": reason}),
    };
    Ok(Json(answer).into_response())
}

async fn export(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ReadAudit)?;
    manager
        .begin_audit_export(&caller.by)
        .await
        .map_err(|error| internal(&error))?;
    Ok(audit_lines(manager))
}
