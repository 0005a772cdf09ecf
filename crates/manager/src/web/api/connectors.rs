//! Every kind of system that can be connected, over the API.

use axum::{Router, extract::State, response::IntoResponse as _, routing::get};
use rightful_http::extract::Json;
use serde_json::json;

use super::{ApiCaller, ApiResult};
use crate::{Manager, Permission};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/connectors", get(list))
}

async fn list(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ReadConnections)?;
    Ok(Json(json!({"connectors": manager.connectors()})).into_response())
}
