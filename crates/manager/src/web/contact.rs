//! The Direct Contact form: no log-in, one link, one answer.

mod files;
mod page;
mod script;
mod sent;
mod words;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use mail::Language;
use rightful_http::{ClientAddress, extract::Path};

use self::{
    page::{Filled, closed, gone, show},
    sent::{Button, Sent},
};
use super::{
    faults,
    outside::{Audience, Outside},
    portal::PageError,
    reader::Reader,
};
use crate::{
    By, Manager,
    app::{AnswerContactError, ContactAnswer, ContactLink, ContactToken, UploadError},
};

/// What a form may have beside its files.
const FIELDS_BYTES: u64 = 1 << 20;

pub(super) fn router(manager: &Manager) -> Router<Manager> {
    let most = manager
        .settings()
        .direct_contact_max_answer
        .saturating_add(FIELDS_BYTES);
    let limit = DefaultBodyLimit::max(usize::try_from(most).unwrap_or(usize::MAX));
    let pages = Router::new().route("/c/{token}", get(form).post(answer));
    faults::told(pages, manager)
        .route("/c/{token}/files", post(files::add))
        .route("/c/{token}/files/{file}/remove", post(files::remove))
        .layer(limit)
        .merge(script::SCRIPT.route())
}

async fn form(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let by = By::processor(Some(address.to_string()));
    look(&manager, reader, &token, &by, &Filled::default()).await
}

/// A page for whoever has the link.
fn at(path: &str, language: Language) -> Outside<'_> {
    Outside {
        audience: Audience::Processors,
        path,
        language,
    }
}

/// The page that the link leads to now.
async fn look(manager: &Manager, reader: Reader, token: &str, by: &By, filled: &Filled) -> Result<Response, PageError> {
    let Ok(parsed) = token.parse::<ContactToken>() else {
        return Ok(gone(manager, reader, token));
    };
    Ok(match manager.open_contact(&parsed, by).await? {
        ContactLink::Open(open) => show(manager, token, reader.or(open.language), &open, filled),
        link => closed(manager, reader, token, &link),
    })
}

/// The answer, or a file more, or one less: it is all one form, so that it works without a script.
async fn answer(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    let by = By::processor(Some(address.to_string()));
    let Ok(parsed) = token.parse::<ContactToken>() else {
        return Ok(gone(&manager, reader, &token));
    };
    // Nothing is read of what is sent to a form that is closed.
    let (language, is_deletion) = match manager.open_contact(&parsed, &by).await? {
        ContactLink::Open(open) => (reader.or(open.language), open.is_deletion),
        link => return Ok(closed(&manager, reader, &token, &link)),
    };
    let sent = Sent::read(&manager, &parsed, request).await?;
    let (mut filled, button) = sent.into_filled(&manager, language);
    match button {
        Button::Add => return look(&manager, reader, &token, &by, &filled).await,
        Button::Remove(id) => {
            match manager.remove_upload(&parsed, id).await {
                Ok(()) | Err(UploadError::NoSuchFile | UploadError::Closed) => {}
                Err(UploadError::Store(error)) => return Err(error.into()),
                Err(error) => return Err(PageError::conflict(error)),
            }
            return look(&manager, reader, &token, &by, &filled).await;
        }
        Button::Send => {}
    }
    let answer = ContactAnswer {
        outcome: filled.outcome.parse().ok(),
        reason: filled.reason.clone(),
        email: filled.email.clone(),
        attested: filled.attested,
        note: filled.note.clone(),
    };
    if filled.has_errors() {
        // A file was not taken: nothing is sent, and everything else that is missing is told with it.
        let mut faults = answer.faults(is_deletion, 1);
        faults.retain(|(field, _)| *field != "files");
        filled.add_faults(&faults, language);
        return look(&manager, reader, &token, &by, &filled).await;
    }
    match manager.answer_contact(&parsed, answer, &by).await {
        // What a browser loads again is then a page that says thanks.
        Ok(()) => Ok(Redirect::to(&format!("/c/{token}{}", reader.query())).into_response()),
        Err(AnswerContactError::Closed) => look(&manager, reader, &token, &by, &filled).await,
        Err(AnswerContactError::Fields(faults)) => {
            filled.add_faults(&faults, language);
            look(&manager, reader, &token, &by, &filled).await
        }
        Err(AnswerContactError::Store(error)) => Err(error.into()),
    }
}
