//! Many requests at once.

use axum::{extract::State, response::IntoResponse as _};
use http::{StatusCode, header};
use privacy::{IdentityType, Personal, request::StageName};
use rightful_http::{
    extract::{Json, Query},
    problem::Problem,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    super::{ApiCaller, ApiResult, internal},
    bodies::invalid,
};
use crate::{
    ConnectionId, Manager, OperatorId, Permission, RequestId,
    app::requests::{ExportFormat, ExportRequestsError, RequestFilter},
};

const USUAL_PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// One state, or several with commas.
    state: Option<String>,
    #[serde(rename = "type")]
    right: Option<String>,
    connection: Option<ConnectionId>,
    /// An operator's id.
    assignee: Option<OperatorId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

impl ListQuery {
    fn filter(&self) -> Result<RequestFilter, Problem> {
        let states = self.state.as_deref().unwrap_or_default().split(',');
        let states = states.map(str::trim).filter(|state| !state.is_empty());
        let states = states.map(str::parse::<StageName>).collect::<Result<Vec<_>, _>>();
        let right = self.right.as_deref().map(str::parse).transpose();
        let cursor = self.cursor.as_deref().map(str::parse::<RequestId>).transpose();
        Ok(RequestFilter {
            states: states.map_err(|_| invalid("state", "is not a state of a request"))?,
            right: right.map_err(|_| invalid("type", "must be access or deletion"))?,
            connection: self.connection,
            assignee: self.assignee,
            before: cursor.map_err(|_| invalid("cursor", "is not one that a list gave"))?,
            ..RequestFilter::default()
        })
    }

    fn limit(&self) -> Result<u32, Problem> {
        match self.limit {
            None => Ok(USUAL_PAGE),
            Some(limit @ 1..=LONGEST_PAGE) => Ok(limit),
            Some(_) => Err(invalid("limit", "must be between 1 and 200")),
        }
    }
}

pub(super) async fn list(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Query(query): Query<ListQuery>,
) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    page(&manager, &query.filter()?, query.limit()?).await
}

/// Who is looked for: in a body, because addresses are logged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchBody {
    identifier_type: Option<String>,
    #[serde(alias = "email")]
    identifier: Personal,
    cursor: Option<RequestId>,
}

pub(super) async fn search(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Json(body): Json<SearchBody>,
) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    let kind = body.identifier_type.as_deref().unwrap_or("email");
    let kind: IdentityType = kind
        .parse()
        .map_err(|_| invalid("identifier_type", "is not a known type"))?;
    let filter = RequestFilter {
        subject: Some((kind, body.identifier)),
        before: body.cursor,
        ..RequestFilter::default()
    };
    page(&manager, &filter, USUAL_PAGE).await
}

async fn page(manager: &Manager, filter: &RequestFilter, limit: u32) -> ApiResult {
    let page = manager
        .requests(filter, limit)
        .await
        .map_err(|error| internal(&error))?;
    Ok(Json(json!({"requests": page.requests, "next_cursor": page.next})).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    format: Option<String>,
}

pub(super) async fn export(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Query(query): Query<ExportQuery>,
) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    let format = format(query.format.as_deref())?;
    let mut list = Vec::new();
    let written = manager
        .export_requests(&RequestFilter::default(), format, &mut list)
        .await;
    written.map_err(|error| match error {
        ExportRequestsError::Store(error) => internal(&error),
        ExportRequestsError::Write(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    })?;
    let (media_type, disposition) = match format {
        ExportFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"requests.csv\""),
        ExportFormat::Ndjson => ("application/x-ndjson", "attachment; filename=\"requests.ndjson\""),
    };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, list).into_response())
}

fn format(word: Option<&str>) -> Result<ExportFormat, Problem> {
    word.unwrap_or("csv")
        .parse()
        .map_err(|_| invalid("format", "must be csv or ndjson"))
}
