//! `/v2/internal-subject-access-requests`, for the vendor's internal teams.

use std::str::FromStr;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, header};
use jiff::Timestamp;
use rightful_http::extract::{Json, Path, QueryPairs, Refusal};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    error::ApiError,
    paging::{links, one, own_url, page_number},
};
use crate::{
    AccountId, DataSource, DataType, IdentifierType, Provider, RequestType, SarId, Service, Status, SubRequestId,
    UnknownWord,
    app::sub_requests::{SubRequest, SubRequestUpdate},
};

/// What a team sends.
#[derive(Deserialize)]
pub(super) struct Update {
    status: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    export_location: Option<String>,
    processing_started_time: Option<String>,
    completed_at_time: Option<String>,
}

/// The vendor's schema lets the times be null, and nothing else.
fn not_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

#[derive(Serialize)]
struct SubRequestBody<'a> {
    id: SubRequestId,
    parent_request_id: SarId,
    account_id: AccountId,
    data_source: DataSource,
    request_type: RequestType,
    data_type: DataType,
    identifier_type: IdentifierType,
    identifier: &'a str,
    status: Status,
    requested_at_time: Timestamp,
    processing_started_time: Option<Timestamp>,
    completed_at_time: Option<Timestamp>,
    sla_deadline_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_location: Option<&'a str>,
}

impl<'a> SubRequestBody<'a> {
    fn of(sub_request: &'a SubRequest) -> Self {
        Self {
            id: sub_request.id,
            parent_request_id: sub_request.parent,
            account_id: sub_request.account,
            data_source: sub_request.source,
            request_type: sub_request.request_type,
            data_type: sub_request.subject.data_type,
            identifier_type: sub_request.subject.identifier_type,
            identifier: sub_request.subject.identifier.reveal(),
            status: sub_request.status,
            requested_at_time: sub_request.requested_at,
            processing_started_time: sub_request.processing_started_at,
            completed_at_time: sub_request.completed_at,
            sla_deadline_time: sub_request.sla_deadline_at,
            export_location: sub_request.export_location.as_deref(),
        }
    }
}

pub(super) async fn list(
    State(provider): State<Provider>,
    Extension(service): Extension<Service>,
    headers: HeaderMap,
    query: Result<QueryPairs, Refusal>,
) -> Result<Response, ApiError> {
    let query = query?;
    let source = required(&query, "data_source")?;
    let status = required(&query, "status")?;
    let number = page_number(&query)?;
    let page = provider.sub_requests(&service, source, status, number).await?;
    let items: Vec<_> = page.items.iter().map(SubRequestBody::of).collect();
    let mut response = Json(items).into_response();
    let own = own_url(&provider, &headers, "/internal-subject-access-requests");
    if let Some(links) = links(&own, &query, number, page.total) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

pub(super) async fn update(
    State(provider): State<Provider>,
    Extension(service): Extension<Service>,
    Path(id): Path<String>,
    body: Result<Json<Update>, Refusal>,
) -> Result<Response, ApiError> {
    let id = id
        .parse()
        .map_err(|_| ApiError::field("request_id", "must be a whole number"))?;
    let Json(update) = body?;
    let status = update.status.ok_or_else(|| ApiError::field("status", "is missing"))?;
    let update = SubRequestUpdate {
        status: word("status", &status)?,
        export_location: update.export_location,
        processing_started_at: time("processing_started_time", update.processing_started_time)?,
        completed_at: time("completed_at_time", update.completed_at_time)?,
        cause: None,
    };
    let sub_request = provider.update_sub_request(&service, id, update).await?;
    Ok(Json(SubRequestBody::of(&sub_request)).into_response())
}

fn required<T: FromStr<Err = UnknownWord>>(query: &QueryPairs, name: &str) -> Result<T, ApiError> {
    word(
        name,
        one(query, name)?.ok_or_else(|| ApiError::field(name, "is missing"))?,
    )
}

fn word<T: FromStr<Err = UnknownWord>>(name: &str, word: &str) -> Result<T, ApiError> {
    word.parse()
        .map_err(|error: UnknownWord| ApiError::field(name, error.to_string()))
}

fn time(name: &str, text: Option<String>) -> Result<Option<Timestamp>, ApiError> {
    text.map(|text| {
        text.parse()
            .map_err(|_| ApiError::field(name, "must be a date and time with its offset"))
    })
    .transpose()
}
