//! The page behind the link to a copy, and the copy itself.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use rightful_http::{ClientAddress, extract::Path, pages::Layout};

use super::{Reader, Texts, at, in_language, message, no_such_link};
use crate::{
    By, Manager,
    app::{DownloadError, DownloadPage, PackageError},
    web::{api::requests::package, page_error::PageError},
};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/d/{token}", get(show).post(fetch))
}

#[derive(Template)]
#[template(path = "public/download.html")]
struct ReadyPage<'a> {
    texts: &'a Texts,
    reference: &'a str,
    until: String,
    action: String,
}

async fn show(
    State(manager): State<Manager>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let path = format!("/d/{token}");
    let found = match manager.download_page(&token).await {
        Ok(found) => found,
        Err(DownloadError::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(no_such_link(&manager, reader, &path)),
    };
    let language = reader.or(found.language);
    let texts = Texts::of(language);
    let Some(until) = found.until else {
        return Ok(gone(&manager, reader, &path, &found));
    };
    let body = ReadyPage {
        texts,
        reference: &found.reference,
        until: language.instant(until),
        action: format!("{path}{}", in_language(language)),
    };
    let title = texts.download_title;
    Ok(at(&path, language).page(&manager, Layout::Narrow, StatusCode::OK, title, &body))
}

async fn fetch(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let by = By::subject(Some(address.to_string()));
    let path = format!("/d/{token}");
    match manager.download(&token, &by).await {
        // A download that nothing shows inline or keeps (SEC-39, SEC-49).
        Ok(stream) => Ok(package::answer(stream)),
        Err(DownloadError::Store(error) | DownloadError::Package(PackageError::Store(error))) => Err(error.into()),
        Err(DownloadError::NotFound) => Ok(no_such_link(&manager, reader, &path)),
        Err(DownloadError::Gone | DownloadError::Package(_)) => match manager.download_page(&token).await {
            Ok(found) => Ok(gone(&manager, reader, &path, &found)),
            Err(_) => Ok(no_such_link(&manager, reader, &path)),
        },
    }
}

fn gone(manager: &Manager, reader: Reader, path: &str, found: &DownloadPage) -> Response {
    let language = reader.or(found.language);
    let texts = Texts::of(language);
    let text = if found.is_fetched {
        texts.download_fetched
    } else if found.is_replaced {
        texts.download_replaced
    } else {
        texts.download_over
    };
    let title = texts.no_such_link.title;
    message(manager, at(path, language), StatusCode::GONE, title, text)
}
