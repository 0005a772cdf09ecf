//! Files that staff add to a dossier, over the API; and a review that becomes a rule.

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    response::IntoResponse as _,
};
use http::{HeaderMap, StatusCode, header};
use privacy::Personal;
use rightful_http::{
    extract::{Json, Path, Path2},
    problem::Problem,
};
use serde::Deserialize;

use super::{
    super::{ApiCaller, ApiResult, internal, not_found},
    bodies::invalid,
};
use crate::{
    ConnectionId, Manager, Permission, RequestId,
    app::dossier::{DossierFileError, LARGEST_FILE},
};

/// The body is the file.
pub(super) fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_FILE)
}

/// The body is the file as it is; its name stands in `Content-Disposition: attachment; filename="…"`.
pub(super) async fn add(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    headers: HeaderMap,
    content: Result<Bytes, BytesRejection>,
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let content = content.map_err(|refusal| unread(&refusal))?;
    let name = file_name(&headers).ok_or_else(|| {
        invalid(
            "Content-Disposition",
            "must name the file: attachment; filename=\"letter.pdf\"",
        )
    })?;
    let added = manager.add_dossier_file(id, &name, &content, &caller.by).await?;
    Ok((StatusCode::CREATED, Json(added)).into_response())
}

/// A body that could not be read to its end: most often it is longer than any file may be.
fn unread(refusal: &BytesRejection) -> Problem {
    if refusal.status() == StatusCode::PAYLOAD_TOO_LARGE {
        DossierFileError::TooLarge.into()
    } else {
        invalid("file", "could not be read to its end")
    }
}

pub(super) async fn remove(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(id, object): Path2<RequestId, String>,
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    manager.remove_dossier_file(id, &object, &caller.by).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyBody {
    connection: ConnectionId,
}

/// What was chosen in the review becomes the rule of a connection.
pub(super) async fn save_policy(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    Json(body): Json<PolicyBody>,
) -> ApiResult {
    caller.require(Permission::ApproveRequests)?;
    let saved = manager.save_policy_of_review(id, body.connection, &caller.by).await?;
    Ok(Json(saved).into_response())
}

/// The file's name: `filename*=UTF-8''…` (RFC 6266, RFC 8187), else `filename="…"`.
fn file_name(headers: &HeaderMap) -> Option<Personal> {
    let value = headers.get(header::CONTENT_DISPOSITION)?.to_str().ok()?;
    let parameters = || value.split(';').skip(1).map(str::trim);
    let extended = parameters().find_map(|parameter| {
        let encoded = strip_name(parameter, "filename*")?;
        let (charset, encoded) = encoded.split_once("''")?;
        charset.eq_ignore_ascii_case("utf-8").then(|| unescaped(encoded))?
    });
    let plain = || {
        let quoted = parameters().find_map(|parameter| strip_name(parameter, "filename"))?;
        Some(quoted.trim_matches('"').to_owned())
    };
    extended
        .or_else(plain)
        .filter(|name| !name.is_empty())
        .map(Personal::new)
}

fn strip_name<'a>(parameter: &'a str, name: &str) -> Option<&'a str> {
    let (given, value) = parameter.split_once('=')?;
    given.trim().eq_ignore_ascii_case(name).then(|| value.trim())
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&pair).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

impl From<DossierFileError> for Problem {
    fn from(error: DossierFileError) -> Self {
        match error {
            DossierFileError::NotFound => not_found("there is no such request"),
            DossierFileError::NoSuchFile => not_found("no such file was added to this dossier"),
            DossierFileError::Name => invalid("filename", "must have 1 to 200 printable characters"),
            DossierFileError::Empty => invalid("file", "is empty"),
            DossierFileError::TooLarge => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large").detail(error.to_string())
            }
            DossierFileError::NotNow(reason) => {
                Self::new(StatusCode::CONFLICT, "wrong-state").detail(format!("the dossier can't be changed: {reason}"))
            }
            DossierFileError::Shredded => super::problems::gone(),
            DossierFileError::Store(error) => internal(&error),
        }
    }
}
