//! The queue as a list for a spreadsheet, sent while it is read.

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use http::header;
use rightful_http::extract::Query;

use super::{
    super::{Operator, PageError},
    queue::{Asked, Choice, unreadable},
};
use crate::{
    Manager, Permission,
    app::requests::{ExportFormat, ExportRequestsError, RequestFilter},
};

/// Where the list is.
pub(super) const PATH: &str = "/requests/export.csv";

/// Every request that the address asks for, identities masked.
pub(super) async fn csv(
    State(manager): State<Manager>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadRequests)?;
    let choice = Choice::read(&asked).map_err(unreadable)?;
    let from = Some((choice.filter(operator.id), true));
    let parts = stream::try_unfold(from, move |from| {
        let manager = manager.clone();
        async move { part(&manager, from).await }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"requests.csv\""),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

type From = Option<(RequestFilter, bool)>;

async fn part(manager: &Manager, from: From) -> Result<Option<(Bytes, From)>, ExportRequestsError> {
    let Some((mut filter, first)) = from else {
        return Ok(None);
    };
    let part = manager.export_part(&filter, ExportFormat::Csv, first).await;
    let part = part.inspect_err(|error| {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "a list of requests was cut short"
        );
    })?;
    filter.before = part.next;
    Ok(Some((part.text.into(), part.next.map(|_| (filter, false)))))
}
