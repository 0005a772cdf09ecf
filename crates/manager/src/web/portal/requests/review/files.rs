//! Files of a dossier: a safe look at them, adding one, taking one away.

use askama::Template;
use axum::{
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use privacy::Personal;
use rightful_http::{
    csrf,
    extract::{Path, Path2},
    pages::{
        Layout,
        parts::{Csrf, Notice, PostButton, Toast, Tone},
    },
};

use super::{Manager, Operator, PageError, Permission, RequestId, RequestView, Section, Submitted, VALUES};
use crate::app::dossier::{DossierFileError, DossierView, FileContent, LARGEST_FILE};

/// As much of a text as is shown.
const SHOWN: usize = 64 << 10;
/// The largest picture that is shown.
const LARGEST_PICTURE: usize = 10 << 20;
/// What a form may have beside its file.
const FIELDS: usize = 64 << 10;

/// What a picture may do where it is opened by itself: nothing.
const SANDBOX: &str = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What can be shown of a file.
enum Shown {
    Text(String),
    Picture(String),
    Nothing,
}

#[derive(Template)]
#[template(path = "portal/requests/file.html")]
struct FilePage {
    review: String,
    reference: String,
    name: String,
    about: String,
    sha256: String,
    shown: Shown,
    is_cut: bool,
}

/// Files that staff added, and the way to add one.
pub(super) struct Added {
    pub(super) action: String,
    pub(super) csrf: Csrf,
    pub(super) files: Vec<(String, PostButton<'static>)>,
}

impl Added {
    pub(super) fn of(operator: &Operator, view: &RequestView, dossier: Option<&DossierView>) -> Self {
        let action = format!("/requests/{}/review/files", view.id);
        let objects = dossier.map(|dossier| dossier.objects.as_slice()).unwrap_or_default();
        let added = objects.iter().filter(|object| object.task_id.is_none());
        let line = |object: &crate::app::dossier::ObjectView| {
            let remove = format!("{action}/{}/remove", object.id);
            let csrf = operator.csrf(&remove);
            let button = PostButton::new(remove, "Take away", csrf);
            (object.name.clone(), button.small().about(object.name.clone()))
        };
        Self {
            csrf: operator.csrf(&action),
            files: added.map(line).collect(),
            action,
        }
    }
}

/// The body of an addition is a file and little else.
pub(in super::super) fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_FILE + FIELDS)
}

/// A file with what can be shown of it: text as text, pictures in a sandbox, nothing else.
pub(in super::super) async fn show(
    State(manager): State<Manager>,
    operator: Operator,
    Path2(id, file): Path2<RequestId, String>,
) -> Result<Response, PageError> {
    operator.require(VALUES)?;
    let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
    let content = manager.dossier_file(id, &file, SHOWN, &operator.by).await?;
    let picture = format!("/requests/{id}/review/files/{file}/picture");
    let shown = shown(&content, picture);
    let body = FilePage {
        review: format!("/requests/{id}/review"),
        reference: view.reference,
        about: format!("{}, {} bytes", content.media_type, content.bytes),
        is_cut: content.is_cut() && matches!(shown, Shown::Text(_)),
        shown,
        name: content.name,
        sha256: content.sha256,
    };
    Ok(operator.page_in(Section::Requests, &body.name, Layout::Wide, &body))
}

fn shown(file: &FileContent, picture: String) -> Shown {
    if kind_of_picture(&file.content).is_some() && file.bytes <= LARGEST_PICTURE as u64 {
        return Shown::Picture(picture);
    }
    // A character may be cut in two at the end.
    let text = match std::str::from_utf8(&file.content) {
        Ok(text) => text,
        Err(error) if file.is_cut() && file.content.len() - error.valid_up_to() < 4 => {
            let whole = file.content.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return Shown::Nothing,
    };
    if text.contains('\0') {
        return Shown::Nothing;
    }
    Shown::Text(text.to_owned())
}

/// By its first bytes, whatever its name says.
fn kind_of_picture(content: &[u8]) -> Option<&'static str> {
    if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if content.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else {
        None
    }
}

/// A picture by itself, which may do nothing.
pub(in super::super) async fn picture(
    State(manager): State<Manager>,
    operator: Operator,
    Path2(id, file): Path2<RequestId, String>,
) -> Result<Response, PageError> {
    operator.require(VALUES)?;
    let file = manager.dossier_file(id, &file, LARGEST_PICTURE, &operator.by).await?;
    let kind = kind_of_picture(&file.content).filter(|_| !file.is_cut());
    let kind = kind.ok_or(PageError::NotFound)?;
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX)),
    ];
    Ok((headers, file.content).into_response())
}

/// Adds a file.
pub(in super::super) async fn add(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<RequestId>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, PageError> {
    operator.require(Permission::WorkRequests)?;
    let (name, content) = read(&manager, &operator, id, &headers, request).await?;
    let path = format!("/requests/{id}/review");
    let added = manager
        .add_dossier_file(id, &Personal::new(name), &content, &operator.by)
        .await;
    match added {
        Ok(_) => Ok(Operator::see(
            &path,
            &Toast::done("The file was added. It is handed over with the rest."),
        )),
        Err(error @ (DossierFileError::Name | DossierFileError::Empty | DossierFileError::TooLarge)) => {
            let reason = super::super::super::page_error::sentence(&error.to_string());
            Ok(Operator::see(&path, &Toast::warning(reason)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The file of a form that our own page sent. The token comes before it: nothing else is read of a form without one.
async fn read(
    manager: &Manager,
    operator: &Operator,
    id: RequestId,
    headers: &HeaderMap,
    request: Request,
) -> Result<(String, Bytes), PageError> {
    let unreadable = |status| PageError::Refused {
        status,
        reason: "the form could not be read: choose a file of at most 25 MB and send it again".to_owned(),
    };
    let action = format!("/requests/{id}/review/files");
    let Ok(mut multipart) = Multipart::from_request(request, manager).await else {
        // Not the form of our page, so it carries no token.
        operator.check_form(&action, "", headers)?;
        return Err(unreadable(StatusCode::BAD_REQUEST));
    };
    let mut proved = false;
    while let Some(field) = multipart
        .next_field()
        .await
        .map_err(|error| unreadable(error.status()))?
    {
        match field.name() {
            Some(csrf::FIELD) => {
                let token = field.text().await.map_err(|error| unreadable(error.status()))?;
                operator.check_form(&action, &token, headers)?;
                proved = true;
            }
            Some("file") if proved => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let content = field.bytes().await.map_err(|error| unreadable(error.status()))?;
                return Ok((name, content));
            }
            _ => break,
        }
    }
    if !proved {
        operator.check_form(&action, "", headers)?;
    }
    Err(unreadable(StatusCode::BAD_REQUEST))
}

/// Takes a file away that staff added.
pub(in super::super) async fn remove(
    State(manager): State<Manager>,
    Path2(id, object): Path2<RequestId, String>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::WorkRequests)?;
    manager.remove_dossier_file(id, &object, &submitted.operator.by).await?;
    let path = format!("/requests/{id}/review");
    Ok(Operator::see(&path, &Toast::done("The file was taken away.")))
}

impl From<DossierFileError> for PageError {
    fn from(error: DossierFileError) -> Self {
        match error {
            DossierFileError::NotFound | DossierFileError::NoSuchFile => Self::NotFound,
            DossierFileError::Store(error) => error.into(),
            error => Self::conflict(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8], bytes: u64) -> FileContent {
        FileContent {
            object: "1".to_owned(),
            name: "a.html".to_owned(),
            media_type: "text/html".to_owned(),
            bytes,
            sha256: String::new(),
            content: content.to_vec(),
        }
    }

    #[test]
    fn only_text_and_pictures_are_shown() {
        let look = |content: &[u8], bytes| match shown(&file(content, bytes), "p".to_owned()) {
            Shown::Text(text) => format!("text {text}"),
            Shown::Picture(_) => "picture".to_owned(),
            Shown::Nothing => "nothing".to_owned(),
        };
        assert_eq!(look(b"<script>", 8), "text <script>");
        assert_eq!(look(b"\x89PNG\r\n\x1a\n....", 12), "picture");
        assert_eq!(look(b"\x89PNG\r\n\x1a\n....", 1 << 30), "nothing");
        assert_eq!(look(b"\xff\xd8\xff\xe0", 4), "picture");
        assert_eq!(look(b"%PDF\x00", 5), "nothing");
        assert_eq!(look(b"GIF89a\xff", 7), "nothing");
        assert_eq!(
            look("gr\u{fc}n \u{20ac}".as_bytes().split_last().unwrap().1, 100),
            "text gr\u{fc}n "
        );
        assert_eq!(look(b"gr\xfcn", 4), "nothing");
    }
}
