//! Fetching the package that is handed over.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::header;
use rightful_http::extract::Path;

use super::super::{PageError, Submitted};
use crate::{Manager, Permission, RequestId, app::dossier::PackageError};

/// The ZIP. Fetching it hands it over, hence a POST.
pub(super) async fn download(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::WorkRequests)?;
    let package = manager.package(id, &submitted.operator.by).await?;
    let disposition = format!("attachment; filename=\"{}\"", package.file_name);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(package.into_stream())).into_response())
}

impl From<PackageError> for PageError {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::NotFound => Self::NotFound,
            PackageError::Store(error) => error.into(),
            PackageError::NotReady(_) | PackageError::Shredded | PackageError::Moved(_) => Self::conflict(error),
            PackageError::Write(_) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a package could not be written"
                );
                Self::Internal
            }
        }
    }
}
