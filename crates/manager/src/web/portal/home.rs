//! The start page: what needs a person now.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use privacy::request::StageName;
use rightful_http::pages::parts::{Empty, Live, Notice, Tone};

use super::{
    Operator, PageError, Section,
    connections::words,
    requests::{NextRow, mine, next},
};
use crate::{
    Manager, Permission,
    app::{Attention, LostApprovers, requests::Count, webhooks::WebhookView},
};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/", get(page))
}

/// How many requests stand in one way, and where they are.
struct Counted {
    label: &'static str,
    count: Count,
    href: String,
    /// Late, or failed.
    is_bad: bool,
}

/// One of the first steps.
struct Step {
    class: &'static str,
    title: &'static str,
    text: &'static str,
    /// Shown while it is this step's turn.
    action: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    /// Connections and webhooks that wait for a person.
    troubles: Vec<Notice<'static>>,
    /// What waits for whoever looks, and for nobody else.
    mine: Vec<NextRow>,
    more_of_mine: bool,
    next: Vec<NextRow>,
    counts: Vec<Counted>,
    /// Until the first request is there.
    steps: Vec<Step>,
    may_work: bool,
}

async fn page(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    let attention = manager.attention().await?;
    let (mine, more_of_mine) = mine(&manager, &operator).await?;
    let body = HomePage {
        troubles: troubles(&attention, operator.may(Permission::ManageSettings)),
        mine,
        more_of_mine,
        next: next(&manager, &operator).await?,
        counts: counts(&attention),
        steps: steps(&attention, &operator),
        may_work: operator.may(Permission::WorkRequests),
    };
    Ok(operator.live_page(Section::Home, "Overview", &body))
}

fn troubles(attention: &Attention, may_manage: bool) -> Vec<Notice<'static>> {
    let broken = attention
        .connections
        .iter()
        .filter(|known| known.state.needs_a_person());
    let webhooks = attention.webhooks.iter().filter(|_| may_manage);
    let lost = attention
        .lost_approvers
        .iter()
        .map(|lost| unapprovable(lost, may_manage));
    broken
        .map(|connection| {
            Notice::new(
                Tone::Bad,
                format!(
                    "{} can't be reached until somebody acts. Its tasks wait, and then go on by themselves.",
                    words::system(connection)
                ),
            )
            .title(format!("{}: {}", connection.name, connection.state.title()))
            .way(
                format!("/connections/{}", connection.id),
                "See the connection",
                connection.name.clone(),
            )
        })
        .chain(lost)
        .chain(webhooks.map(untold))
        .collect()
}

fn unapprovable(lost: &LostApprovers, may_manage: bool) -> Notice<'static> {
    let (href, link) = if may_manage {
        (format!("/connections/{}/approvers", lost.connection), "Name others")
    } else {
        (format!("/connections/{}", lost.connection), "See the connection")
    };
    Notice::new(
        Tone::Bad,
        "Nobody who is named there can approve any more. Requests in which it takes part wait until a super admin \
         names others.",
    )
    .title(format!("{}: nobody can approve", lost.name))
    .way(href, link, lost.name.clone())
}

fn untold(webhook: &WebhookView) -> Notice<'static> {
    Notice::new(
        Tone::Bad,
        "What happens does not arrive there. It is kept for a month and can be sent again.",
    )
    .title(format!("The webhook at {} gets no events any more", webhook.host()))
    .way(
        format!("/settings/webhooks/{}", webhook.id),
        "See the webhook",
        webhook.host(),
    )
}

fn counts(attention: &Attention) -> Vec<Counted> {
    let line = |label, count, query: &str, is_bad| Counted {
        label,
        count,
        href: format!("/requests?{query}"),
        is_bad,
    };
    let state = |label, state: StageName| {
        let query = format!("state={}", state.name());
        line(label, attention.in_state(state), &query, false)
    };
    vec![
        line("Past due", attention.past_due, "deadline=past_due", true),
        line("With a failed task", attention.failed, "failed=true", true),
        line("Due within five days", attention.due_soon, "deadline=due_soon", false),
        state("To check and start", StageName::Triage),
        state("To review", StageName::PendingReview),
        state("To be confirmed by the person", StageName::PendingVerification),
        state("Collecting", StageName::Collecting),
        state("Deleting", StageName::Deleting),
        state("Ready to be fetched", StageName::Delivering),
    ]
}

/// What to do first: nothing once there are requests.
fn steps(attention: &Attention, operator: &Operator) -> Vec<Step> {
    if !attention.requests.is_empty() {
        return Vec::new();
    }
    let connected = attention
        .connections
        .iter()
        .any(|connection| !connection.state.needs_a_person());
    let class = |done: bool, now: bool| match (done, now) {
        (true, _) => "done",
        (false, true) => "now",
        (false, false) => "",
    };
    let begun = attention.connections.is_empty();
    let connect = if begun {
        ("/connections/new", "Connect a system")
    } else {
        ("/connections", "See the connections")
    };
    vec![
        Step {
            class: class(connected, true),
            title: "Connect a system",
            text: "Requests are carried out where the personal data lies. It takes a client ID and a client secret from \
                   the vendor, and a minute. A system without an interface is asked by mail.",
            action: (!connected && operator.may(Permission::ManageConnections)).then_some(connect),
        },
        Step {
            class: class(false, connected),
            title: "Enter the first request",
            text: "Or let people ask for themselves on your privacy page at /privacy, or a program over the API.",
            action: (connected && operator.may(Permission::WorkRequests)).then_some(("/requests/new", "New request")),
        },
        Step {
            class: "",
            title: "Review and answer",
            text: "The connections look for the data. You see what was found, choose what is handed over, and approve. \
                   What waits for you stands on this page.",
            action: None,
        },
    ]
}
