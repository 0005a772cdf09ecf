//! `/v2/subject-access-requests`.

use std::{collections::BTreeMap, str::FromStr};

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use oauth::Secret;
use rightful_http::extract::{Json, Path, QueryPairs, Refusal};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    error::ApiError,
    paging::{links, own_url, page_number},
};
use crate::{
    AccountId, DataType, IdentifierType, Provider, RequestType, SarId, Status, Subject, UnknownWord,
    app::{asker::Asker, subject_access::Sar},
};

/// What a client sends. Whatever else stands there (all of it is read-only) is not looked at.
#[derive(Deserialize)]
pub(super) struct NewRequest {
    data_type: Option<String>,
    identifier: Option<String>,
    identifier_type: Option<String>,
    request_type: Option<String>,
}

/// A request on the wire. What may be null is null until it is known; what may not be null is absent until then.
#[derive(Serialize)]
struct SarBody<'a> {
    id: SarId,
    account_id: AccountId,
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
    expired_at_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_location: Option<&'a str>,
}

impl<'a> SarBody<'a> {
    fn of(sar: &'a Sar) -> Self {
        Self {
            id: sar.id,
            account_id: sar.account,
            request_type: sar.request_type,
            data_type: sar.subject.data_type,
            identifier_type: sar.subject.identifier_type,
            identifier: sar.subject.identifier.reveal(),
            status: sar.status,
            requested_at_time: sar.requested_at,
            processing_started_time: sar.processing_started_at,
            completed_at_time: sar.completed_at,
            sla_deadline_time: sar.sla_deadline_at,
            expired_at_time: sar.expired_at,
            export_location: sar.export.as_ref().map(Url::as_str),
        }
    }
}

pub(super) async fn create(
    State(provider): State<Provider>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    body: Result<Json<NewRequest>, Refusal>,
) -> Result<Response, ApiError> {
    let Json(new) = body?;
    let (request_type, subject) = checked(new)?;
    let sar = provider.request_subject_access(asker, request_type, &subject).await?;
    let location = own_url(&provider, &headers, &format!("/subject-access-requests/{}", sar.id));
    let location = [(header::LOCATION, location.to_string())];
    Ok((StatusCode::CREATED, location, Json(SarBody::of(&sar))).into_response())
}

pub(super) async fn list(
    State(provider): State<Provider>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    query: Result<QueryPairs, Refusal>,
) -> Result<Response, ApiError> {
    let query = query?;
    let number = page_number(&query)?;
    let page = provider.subject_access_requests(asker, number).await?;
    let items: Vec<_> = page.items.iter().map(SarBody::of).collect();
    let mut response = Json(items).into_response();
    let own = own_url(&provider, &headers, "/subject-access-requests");
    if let Some(links) = links(&own, &query, number, page.total) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

pub(super) async fn show(
    State(provider): State<Provider>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = id
        .parse()
        .map_err(|_| ApiError::field("request_id", "must be a whole number"))?;
    let sar = provider.subject_access_request(asker, id).await?;
    Ok(Json(SarBody::of(&sar)).into_response())
}

/// Every fault at once, by field.
fn checked(new: NewRequest) -> Result<(RequestType, Subject), ApiError> {
    let mut faults = BTreeMap::new();
    let request_type = word(&mut faults, "request_type", new.request_type);
    let data_type = word(&mut faults, "data_type", new.data_type);
    let identifier_type = word(&mut faults, "identifier_type", new.identifier_type);
    if new.identifier.is_none() {
        faults.insert("identifier".to_owned(), "is missing".to_owned());
    }
    let (Some(request_type), Some(data_type), Some(identifier_type), Some(identifier)) =
        (request_type, data_type, identifier_type, new.identifier)
    else {
        return Err(ApiError::fields(faults));
    };
    let subject = Subject::new(data_type, identifier_type, Secret::new(identifier))
        .map_err(|error| ApiError::field(error.field(), error.to_string()))?;
    Ok((request_type, subject))
}

fn word<T>(faults: &mut BTreeMap<String, String>, field: &str, word: Option<String>) -> Option<T>
where
    T: FromStr<Err = UnknownWord>,
{
    let read = match word {
        None => Err("is missing".to_owned()),
        Some(word) => word.parse().map_err(|error: UnknownWord| error.to_string()),
    };
    read.map_err(|fault| faults.insert(field.to_owned(), fault)).ok()
}
