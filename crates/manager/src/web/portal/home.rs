//! The start page: what needs a person now.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use super::{Operator, PageError, Section};
use crate::Manager;

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/", get(page))
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {}

async fn page(State(_manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    Ok(operator.page(Section::Home, "Overview", &HomePage {}))
}
