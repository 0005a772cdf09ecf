//! `/settings/mailbox`: what was mailed and what became of it; where mails stay here, also what they say.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use mail::{Filter, Listed, MailId, MailerKind, ReadError, ReadMail};
use rightful_http::{
    extract::{Path, Query},
    pages::{
        Layout,
        parts::{Badge, Empty, Notice, PostButton, Toast, Tone, When},
    },
};
use serde::Deserialize;

use super::super::{Operator, PageError, Section, Submitted, mail_words};
use crate::{Manager, Permission};

pub(super) const PATH: &str = "/settings/mailbox";
const SECTION: Section = Section::Settings(PATH);
/// Mails on one page.
const PAGE: u32 = 50;

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(PATH, get(list))
        .route("/settings/mailbox/{id}", post(open))
        .route("/settings/mailbox/{id}/send-again", post(send_again))
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/settings/mailbox.html")]
struct ListPage {
    notice: Option<Notice<'static>>,
    tabs: Vec<Tab>,
    mails: Vec<Line>,
    empty: Empty<'static>,
    first: Option<&'static str>,
    next: Option<String>,
}

struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

struct Line {
    what: &'static str,
    language: &'static str,
    about: Option<(String, &'static str)>,
    at: jiff::Timestamp,
    state: Badge<'static>,
    cause: Option<String>,
    next_attempt_at: Option<jiff::Timestamp>,
    action: Option<PostButton<'static>>,
}

#[derive(Template)]
#[template(path = "portal/settings/mail.html")]
struct OnePage {
    what: &'static str,
    from: String,
    to: String,
    at: jiff::Timestamp,
    state: Badge<'static>,
    subject: String,
    text: String,
    again: Option<PostButton<'static>>,
}

async fn list(
    State(manager): State<Manager>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadAudit)?;
    let state = asked.state.as_deref().filter(|state| !state.is_empty());
    let filter = Filter {
        state: state.map(str::parse).transpose().map_err(|_| PageError::NotFound)?,
        before: asked
            .cursor
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|_| PageError::NotFound)?,
        limit: PAGE,
        object: None,
    };
    let mails = manager.mails(&filter).await?;
    let state = state.unwrap_or_default();
    let next = mails
        .last()
        .filter(|_| mails.len() == usize::try_from(PAGE).unwrap_or_default());
    let kind = manager.mailer().kind();
    let body = ListPage {
        notice: notice(kind),
        tabs: tabs(kind)
            .into_iter()
            .map(|(word, label)| Tab {
                label,
                href: if word.is_empty() {
                    PATH.to_owned()
                } else {
                    format!("{PATH}?state={word}")
                },
                current: word == state,
            })
            .collect(),
        next: next.map(|last| format!("{PATH}?state={state}&cursor={}", last.id)),
        first: filter.before.map(|_| PATH),
        empty: if state.is_empty() {
            Empty::new(
                "No mails yet",
                "What is written to people and to your team is listed here.",
            )
        } else {
            Empty::new("No such mails", "No mail is there at the moment.").action(PATH, "All mails")
        },
        mails: mails.iter().map(|mail| line(mail, kind, &operator)).collect(),
    };
    Ok(operator.page(SECTION, "Mails", &body))
}

fn notice(kind: MailerKind) -> Option<Notice<'static>> {
    match kind {
        MailerKind::Smtp => None,
        MailerKind::Mailbox => Some(
            Notice::new(
                Tone::Info,
                "No mail server is set, so mails stay here and nobody gets them. Set smtp_url and mail_from in the configuration to have them sent.",
            )
            .title("Mails stay in this mailbox"),
        ),
        MailerKind::None => Some(
            Notice::new(
                Tone::Warn,
                "Nobody can be written to, and Direct Contact does not work. Set smtp_url and mail_from in the configuration, or mailbox to try things out.",
            )
            .title("No mail server is set"),
        ),
    }
}

fn tabs(kind: MailerKind) -> Vec<(&'static str, &'static str)> {
    let mut tabs = vec![("", "All")];
    match kind {
        MailerKind::Mailbox => tabs.push(("kept", "In the mailbox")),
        MailerKind::Smtp | MailerKind::None => tabs.push(("sent", "Sent")),
    }
    tabs.extend([("queued", "On their way"), ("failed", "Not sent")]);
    tabs
}

fn line(mail: &Listed, kind: MailerKind, operator: &Operator) -> Line {
    let about = mail.object.as_deref().and_then(about);
    Line {
        what: mail_words::title(&mail.event),
        language: mail.language.title(),
        about,
        at: mail.ended_at.unwrap_or(mail.created_at),
        state: mail_words::state(mail),
        cause: mail.cause.map(|cause| match &mail.status {
            Some(status) => format!("{} ({status})", cause.words()),
            None => cause.words().to_owned(),
        }),
        next_attempt_at: mail.next_attempt_at,
        action: action(mail, kind, operator),
    }
}

fn action(mail: &Listed, kind: MailerKind, operator: &Operator) -> Option<PostButton<'static>> {
    if let Some(again) = again(mail, operator) {
        return Some(again.small());
    }
    let may_read = kind == MailerKind::Mailbox && operator.may(Permission::ManageAccess) && !mail.is_shredded;
    let path = format!("{PATH}/{}", mail.id);
    may_read.then(|| {
        PostButton::new(path.clone(), "Read", operator.csrf(&path))
            .small()
            .about(mail_words::title(&mail.event))
    })
}

fn again(mail: &Listed, operator: &Operator) -> Option<PostButton<'static>> {
    let path = format!("{PATH}/{}/send-again", mail.id);
    let offered = mail.state == mail::State::Failed && !mail.is_shredded && operator.may(Permission::WorkRequests);
    offered.then(|| PostButton::new(path.clone(), "Send again", operator.csrf(&path)))
}

/// Where what a mail is about stands, and its name.
fn about(object: &str) -> Option<(String, &'static str)> {
    let (kind, id) = object.split_once(':')?;
    match kind {
        "request" => Some((format!("/requests/{id}"), "See the request")),
        "connection" => Some((format!("/connections/{id}"), "See the connection")),
        _ => None,
    }
}

/// One mail with what it says. Links that work are in it, so only the few who could let themselves in anyway may read
/// it, only where no mail leaves, and it is written down: hence a POST.
async fn open(
    State(manager): State<Manager>,
    Path(id): Path<MailId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageAccess)?;
    if manager.mailer().kind() != MailerKind::Mailbox {
        return Err(PageError::NotFound);
    }
    let ReadMail {
        listed,
        from,
        to,
        subject,
        text,
        ..
    } = manager.open_mail(id, &operator.by).await.map_err(unread)?;
    let body = OnePage {
        what: mail_words::title(&listed.event),
        from: from.reveal().to_owned(),
        to: to.reveal().to_owned(),
        at: listed.ended_at.unwrap_or(listed.created_at),
        state: mail_words::state(&listed),
        subject: subject.reveal().clone(),
        text: text.reveal().clone(),
        again: again(&listed, operator),
    };
    Ok(operator.page_in(SECTION, body.what, Layout::Reading, &body))
}

fn unread(error: ReadError) -> PageError {
    match error {
        ReadError::NotFound => PageError::NotFound,
        ReadError::Store(error) => error.into(),
        ReadError::Sealed(_) | ReadError::Corrupt => PageError::Internal,
    }
}

/// Tries a mail again that could not be sent.
async fn send_again(
    State(manager): State<Manager>,
    Path(id): Path<MailId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::WorkRequests)?;
    if manager.send_mail_again(id, &submitted.operator.by).await? {
        Ok(Operator::see(PATH, &Toast::done("The mail is on its way again.")))
    } else {
        Err(PageError::NotFound)
    }
}
