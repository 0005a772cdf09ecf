//! `/accountsettings/privacy-requests/{id}`: one request, with each data source's share.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use rightful_http::{
    extract::Path,
    pages::parts::{Badge, PostButton, When},
};

use super::{
    form::Sent,
    page::{PageError, page},
    privacy_requests::{PATH, asker, badge, told},
    visitor::Visitor,
};
use crate::{
    Provider, RequestType, SarId, Status,
    app::{privacy_dashboard::SourceProgress, subject_access::Sar},
};

pub(super) fn routes() -> Router<Provider> {
    Router::new()
        .route("/accountsettings/privacy-requests/{id}", get(show))
        .route("/accountsettings/privacy-requests/{id}/identifier", post(reveal))
}

#[derive(Template)]
#[template(path = "privacy_request.html")]
struct One<'a> {
    title: &'a str,
    sar: &'a Sar,
    badge: Badge<'static>,
    /// In clear only for who asked.
    identifier: String,
    reveal: Option<PostButton<'static>>,
    sources: Vec<(SourceProgress, Badge<'static>)>,
}

async fn show(
    State(provider): State<Provider>,
    Path(id): Path<SarId>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let asker = asker(&visitor, session);
    let sar = provider.subject_access_request(asker, id).await.map_err(told)?;
    shown(&provider, &visitor, &sar, false).await
}

/// That somebody looked is recorded; the answer is stored nowhere.
async fn reveal(State(provider): State<Provider>, Path(id): Path<SarId>, sent: Sent) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    let asker = asker(&sent.visitor, session);
    let sar = provider.reveal_subject(asker, id).await.map_err(told)?;
    shown(&provider, &sent.visitor, &sar, true).await
}

async fn shown(provider: &Provider, visitor: &Visitor, sar: &Sar, revealed: bool) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let sources = provider
        .source_progress(asker(visitor, session), sar.id)
        .await
        .map_err(told)?;
    let action = format!("{PATH}/{}/identifier", sar.id);
    let csrf = visitor.csrf(provider, &action);
    let title = match sar.request_type {
        RequestType::Access => format!("Access request {}", sar.id),
        RequestType::Delete => format!("Deletion request {}", sar.id),
    };
    let body = One {
        title: &title,
        sar,
        badge: badge(sar.status),
        identifier: if revealed {
            sar.subject.identifier.reveal().clone()
        } else {
            sar.subject.masked()
        },
        reveal: (!revealed).then(|| PostButton::new(action, "Show in full", csrf).small()),
        sources: sources
            .into_iter()
            .map(|source| {
                let badge = badge(source.status);
                (source, badge)
            })
            .collect(),
    };
    Ok(page(provider, visitor, &title, &body))
}

impl One<'_> {
    fn failed(&self) -> bool {
        self.sar.status == Status::Failure
    }
}
