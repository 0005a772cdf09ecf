//! `/{bucket}/…`: the embedded S3 endpoint on our own listener.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    response::Response,
    routing::any,
};
use http::{Method, StatusCode, header};
use rightful_http::ClientAddress;
use serde_json::json;

use crate::{AccountId, Actor, Provider, SarId, app::subject_access::object};

/// The endpoint's paths; none where another store is configured.
pub(super) fn router(provider: &Provider) -> Router<Provider> {
    let Some(embedded) = provider.exports().embedded() else {
        return Router::new();
    };
    let bucket = embedded.bucket();
    Router::new()
        .route(&format!("/{bucket}"), any(answer))
        .route(&format!("/{bucket}/"), any(answer))
        .route(&format!("/{bucket}/{{*key}}"), any(answer))
        .layer(DefaultBodyLimit::disable())
}

async fn answer(State(provider): State<Provider>, request: Request) -> Response {
    let Some(embedded) = provider.exports().embedded() else {
        return axum::response::IntoResponse::into_response(StatusCode::NOT_FOUND);
    };
    let export = exported(&request, embedded.bucket());
    let origin = request.extensions().get::<ClientAddress>().map(|address| address.0);
    let response = embedded.answer(request).await;
    if response.status().is_success()
        && let Some((account, id)) = export
        && let Err(error) = noted(&provider, account, id, Actor::nobody(origin)).await
    {
        // Who could not be noted gets nothing (SEC-44).
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a download could not be noted"
        );
        return axum::response::IntoResponse::into_response(StatusCode::SERVICE_UNAVAILABLE);
    }
    response
}

/// The request whose export is fetched, from its beginning.
fn exported(request: &Request, bucket: &str) -> Option<(AccountId, SarId)> {
    let from_start = request
        .headers()
        .get(header::RANGE)
        .is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"));
    let key = request
        .uri()
        .path()
        .strip_prefix('/')?
        .strip_prefix(bucket)?
        .strip_prefix('/')?;
    let (account, id) = key.strip_suffix(".zip")?.split_once('-')?;
    (request.method() == Method::GET && from_start).then_some((account.parse().ok()?, id.parse().ok()?))
}

async fn noted(provider: &Provider, account: AccountId, id: SarId, actor: Actor) -> Result<(), store::StoreError> {
    let mut tx = provider.store().write().await?;
    tx.audit(actor.did("export.downloaded", object(id), json!({ "account": account })));
    tx.commit().await
}
