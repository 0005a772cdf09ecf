//! Ending one's own sessions.

use axum::{Router, extract::State, response::Response, routing::post};
use rightful_http::pages::parts::Toast;

use super::super::{Operator, PageError, Submitted};
use crate::Manager;

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/profile/sessions/end", post(end))
}

async fn end(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    let which = submitted.field("session")?;
    if which == "others" {
        manager
            .end_other_sessions(operator.id, Some(operator.session_id), &operator.by)
            .await?;
        return Ok(Operator::see(
            "/profile",
            &Toast::done("All other sessions have ended."),
        ));
    }
    let id = which.parse().map_err(|_| PageError::NotFound)?;
    if !manager.end_session(operator.id, id, &operator.by).await? {
        return Err(PageError::NotFound);
    }
    Ok(Operator::see("/profile", &Toast::done("The session has ended.")))
}
