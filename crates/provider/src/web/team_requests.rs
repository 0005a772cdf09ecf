//! `/accountsettings/team-requests`: what internal teams have to do, for an administrator who answers for them.

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use http::HeaderMap;
use rightful_http::{
    csrf,
    extract::{Path, Place, QueryPairs, Refusal},
    pages::parts::{Badge, Csrf, Empty, Field, PostButton, When},
};

use super::{
    form::Sent,
    page::{PageError, page, sentence},
    privacy_requests::{asker, badge},
    visitor::Visitor,
};
use crate::{
    Provider, RequestType, Status, SubRequestId,
    app::{sub_requests::SubRequest, sub_requests::SubRequestError, team_requests::TeamShare},
};

const PATH: &str = "/accountsettings/team-requests";
/// The largest file that is taken by the page; larger ones go into the bucket by themselves.
const MOST_BYTES: usize = 64 * 1024 * 1024;

pub(super) fn routes() -> Router<Provider> {
    Router::new()
        .route(PATH, get(list))
        .route("/accountsettings/team-requests/{id}", get(show))
        .route("/accountsettings/team-requests/{id}/identifier", post(reveal))
        .route("/accountsettings/team-requests/{id}/start", post(start))
        .route("/accountsettings/team-requests/{id}/fail", post(fail))
        .route(
            "/accountsettings/team-requests/{id}/complete",
            post(complete).layer(DefaultBodyLimit::max(MOST_BYTES)),
        )
}

#[derive(Template)]
#[template(path = "team_requests.html")]
struct List {
    open: bool,
    shares: Vec<(SubRequest, Badge<'static>)>,
}

#[derive(Template)]
#[template(path = "team_request.html")]
struct One<'a> {
    title: &'a str,
    share: &'a SubRequest,
    badge: Badge<'static>,
    identifier: String,
    reveal: Option<PostButton<'static>>,
    start: Option<PostButton<'static>>,
    complete: Csrf,
    fail: Csrf,
}

fn kind(share: &SubRequest) -> &'static str {
    match share.request_type {
        RequestType::Access => "Access",
        RequestType::Delete => "Deletion",
    }
}

impl List {
    #[expect(clippy::unused_self, reason = "templates call methods of their own")]
    fn kind(&self, share: &SubRequest) -> &'static str {
        kind(share)
    }
}

async fn list(State(provider): State<Provider>, visitor: Visitor, query: QueryPairs) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let open = !query.0.iter().any(|(name, value)| name == "show" && value == "ended");
    let shares = provider.team_requests(asker(&visitor, session), open).await?;
    let body = List {
        open,
        shares: shares
            .into_iter()
            .map(|share| {
                let badge = badge(share.status);
                (share, badge)
            })
            .collect(),
    };
    Ok(page(&provider, &visitor, "For internal teams", &body))
}

async fn show(
    State(provider): State<Provider>,
    Path(id): Path<SubRequestId>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let share = provider.team_request(asker(&visitor, session), id).await?;
    Ok(shown(&provider, &visitor, &share, false))
}

/// That somebody looked is recorded; the answer is stored nowhere.
async fn reveal(
    State(provider): State<Provider>,
    Path(id): Path<SubRequestId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    let share = provider.reveal_team_request(asker(&sent.visitor, session), id).await?;
    Ok(shown(&provider, &sent.visitor, &share, true))
}

fn shown(provider: &Provider, visitor: &Visitor, share: &SubRequest, revealed: bool) -> Response {
    let action = |what: &str| format!("{PATH}/{}/{what}", share.id);
    let button = |what: &str, label| {
        let csrf = visitor.csrf(provider, &action(what));
        PostButton::new(action(what), label, csrf)
    };
    let title = format!("{} {} for {}", kind(share), share.id, share.source);
    let body = One {
        title: &title,
        badge: badge(share.status),
        identifier: if revealed {
            share.subject.identifier.reveal().clone()
        } else {
            share.subject.masked()
        },
        reveal: (!revealed).then(|| button("identifier", "Show in full").small()),
        start: (share.status == Status::Pending).then(|| button("start", "Start")),
        complete: visitor.csrf(provider, &action("complete")),
        fail: visitor.csrf(provider, &action("fail")),
        share,
    };
    page(provider, visitor, &title, &body)
}

impl One<'_> {
    fn is_access(&self) -> bool {
        self.share.request_type == RequestType::Access
    }
}

async fn start(
    State(provider): State<Provider>,
    Path(id): Path<SubRequestId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    let asker = asker(&sent.visitor, session);
    provider
        .report_for_team(asker, id, Status::Processing, None, None)
        .await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

async fn fail(
    State(provider): State<Provider>,
    Path(id): Path<SubRequestId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    let reason: String = sent
        .text("reason")?
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    let cause = (!reason.is_empty()).then_some(reason);
    let asker = asker(&sent.visitor, session);
    provider
        .report_for_team(asker, id, Status::Failure, cause, None)
        .await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

/// Done, perhaps with a file of what was found.
async fn complete(
    State(provider): State<Provider>,
    Path(id): Path<SubRequestId>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let mut form = form.map_err(|rejection| unreadable(rejection.body_text()))?;
    let (mut token, mut found) = (String::new(), None);
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(error.body_text()))? {
        let (name, file) = (
            field.name().unwrap_or_default().to_owned(),
            field.file_name().map(str::to_owned),
        );
        let content = field.bytes().await.map_err(|error| unreadable(error.body_text()))?;
        match name.as_str() {
            csrf::FIELD => token = String::from_utf8_lossy(&content).into_owned(),
            // A browser sends an empty file where none was chosen.
            "file" if !content.is_empty() => {
                let name = file.unwrap_or_default();
                found = Some(TeamShare { name, content });
            }
            _ => {}
        }
    }
    csrf::check(
        provider.csrf(),
        &visitor.token,
        &visitor.path,
        &token,
        &headers,
        &provider.settings().public_url,
    )?;
    let asker = asker(&visitor, session);
    provider
        .report_for_team(asker, id, Status::Completed, None, found)
        .await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

fn unreadable(reason: String) -> PageError {
    PageError::Unreadable(Refusal::new(Place::Body, reason).sentence())
}

impl From<SubRequestError> for PageError {
    fn from(error: SubRequestError) -> Self {
        match error {
            SubRequestError::NotFound | SubRequestError::Forbidden(_) | SubRequestError::NotATeams => Self::NotFound,
            SubRequestError::Store(error) => error.into(),
            error => Self::Unreadable(sentence(&error.to_string())),
        }
    }
}
