//! The package over the API.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use futures_util::TryStreamExt as _;
use http::header;
use rightful_http::extract::Path;

use super::super::{ApiCaller, ApiResult};
use crate::{Manager, Permission, RequestId, app::dossier::PackageStream};

pub(super) async fn package(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<RequestId>) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    Ok(answer(manager.package(id, &caller.by).await?))
}

/// A package as an answer: a download that nothing shows inline (SEC-39).
pub(crate) fn answer(package: PackageStream) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", package.file_name);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = package.into_stream().inspect_err(|error| {
        // The answer has begun: all that is left is to break it off.
        tracing::warn!(error = error as &dyn std::error::Error, "a package was broken off");
    });
    (headers, Body::from_stream(body)).into_response()
}
