//! The start page: what needs a person now.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use privacy::request::StageName;
use rightful_http::pages::parts::{Badge, Empty, Live, Tone};

use super::{Operator, PageError, Section, connections::words};
use crate::{
    Manager, Permission,
    app::{Attention, requests::Count},
};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/", get(page))
}

/// Something that waits for a person.
struct Todo {
    tone: Tone,
    badge: String,
    text: String,
    href: String,
    link: &'static str,
}

impl Todo {
    fn badge(&self) -> Badge<'_> {
        Badge::new(self.tone, self.badge.as_str())
    }
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    todos: Vec<Todo>,
    stats: Vec<(Count, &'static str, String)>,
    no_connections: bool,
    no_requests: bool,
    may_manage: bool,
    may_work: bool,
}

async fn page(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    let attention = manager.attention().await?;
    let in_state = |state: StageName| attention.in_state(state);
    let stat = |count, label, state: &str| (count, label, format!("/requests?state={state}"));
    let body = HomePage {
        todos: todos(&attention),
        stats: vec![
            stat(in_state(StageName::Triage), "to be started", "triage"),
            stat(in_state(StageName::Collecting), "collecting", "collecting"),
            stat(in_state(StageName::PendingReview), "to review", "pending_review"),
            stat(in_state(StageName::Deleting), "deleting", "deleting"),
        ],
        no_connections: attention.connections.is_empty(),
        no_requests: attention.requests.is_empty(),
        may_manage: operator.may(Permission::ManageConnections),
        may_work: operator.may(Permission::WorkRequests),
    };
    Ok(operator.live_page(Section::Home, "Overview", &body))
}

fn todos(attention: &Attention) -> Vec<Todo> {
    let mut todos = Vec::new();
    for connection in &attention.connections {
        if connection.state.needs_a_person() {
            todos.push(Todo {
                tone: Tone::Bad,
                badge: connection.state.title().to_owned(),
                text: format!(
                    "{}: {} can't be reached until somebody acts.",
                    connection.name,
                    words::system(connection)
                ),
                href: format!("/connections/{}", connection.id),
                link: "See the connection",
            });
        }
    }
    let mut requests = |count: Count, tone, badge: &str, one: &str, many: &str, href: &str, link| {
        if count.is_some() {
            todos.push(Todo {
                tone,
                badge: badge.to_owned(),
                text: if count.is_one() {
                    format!("One request {one}.")
                } else {
                    format!("{count} requests {many}.")
                },
                href: href.to_owned(),
                link,
            });
        }
    };
    requests(
        attention.past_due,
        Tone::Bad,
        "Past due",
        "is past its deadline",
        "are past their deadline",
        "/requests?deadline=past_due",
        "See the queue",
    );
    requests(
        attention.failed,
        Tone::Bad,
        "Failed",
        "has a task that failed",
        "have tasks that failed",
        "/requests?failed=true",
        "See the queue",
    );
    requests(
        attention.due_soon,
        Tone::Warn,
        "Due soon",
        "is due within five days",
        "are due within five days",
        "/requests?deadline=due_soon",
        "See the queue",
    );
    let review = attention.in_state(StageName::PendingReview);
    requests(
        review,
        Tone::Info,
        "Review",
        "waits for a review",
        "wait for a review",
        "/requests?state=pending_review",
        "Review",
    );
    let triage = attention.in_state(StageName::Triage);
    requests(
        triage,
        Tone::Info,
        "Triage",
        "waits to be started",
        "wait to be started",
        "/requests?state=triage",
        "Start",
    );
    todos
}
