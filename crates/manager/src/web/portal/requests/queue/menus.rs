//! What narrows the queue and puts it in order: links, folded into menus.

use privacy::{Right, framework::DeadlineState, request::StageName};

use super::{
    super::words,
    choice::{Choice, Shown, Trouble, Whose},
};
use crate::{
    OperatorId,
    app::{
        ConnectionView,
        requests::{Assignee, Count, Order},
    },
};

/// One state, or several.
pub(super) struct Tab {
    pub(super) label: &'static str,
    pub(super) href: String,
    pub(super) count: Count,
    pub(super) current: bool,
}

/// A menu of links, one of which is in force.
pub(super) struct Menu {
    pub(super) label: &'static str,
    /// What is in force.
    pub(super) value: String,
    /// Something else than usual is in force.
    pub(super) is_set: bool,
    pub(super) links: Vec<FilterLink>,
}

pub(super) struct FilterLink {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) current: bool,
}

/// A tab for all, for the open ones and for each state that has any.
pub(super) fn tabs(chosen: Option<Choice>, counts: &[(StageName, Count)]) -> Vec<Tab> {
    let base = chosen.unwrap_or_default().first_page();
    let all: Count = counts.iter().map(|(_, requests)| *requests).sum();
    let is_open = |(state, _): &&(StageName, Count)| *state != StageName::Closed;
    let open: Count = counts.iter().filter(is_open).map(|(_, requests)| *requests).sum();
    let tab = |shown: Shown, label, count| Tab {
        label,
        href: Choice { shown, ..base }.href(),
        count,
        current: chosen.is_some_and(|chosen| chosen.shown == shown),
    };
    let mut tabs = vec![tab(Shown::All, "All", all), tab(Shown::Open, "Open", open)];
    let states = StageName::ALL.iter().map(|state| (*state, counted(counts, *state)));
    let states = states.filter(|(state, count)| count.is_some() || base.shown == Shown::In(*state));
    tabs.extend(states.map(|(state, count)| tab(Shown::In(state), words::stage_name(state), count)));
    tabs
}

pub(super) fn counted(counts: &[(StageName, Count)], state: StageName) -> Count {
    counts
        .iter()
        .find(|(known, _)| *known == state)
        .map_or(Count::default(), |(_, count)| *count)
}

/// The menus above the list.
pub(super) fn menus(chosen: Choice, me: OperatorId, connections: &[ConnectionView], staff: &[Assignee]) -> Vec<Menu> {
    let base = chosen.first_page();
    let menu = |label, of: Vec<(String, Choice)>| {
        let links = of.into_iter().map(|(label, choice)| FilterLink {
            label,
            href: choice.href(),
            current: choice == base,
        });
        let links: Vec<FilterLink> = links.collect();
        let current = links.iter().position(|link| link.current);
        Menu {
            label,
            value: links
                .iter()
                .find(|link| link.current)
                .map_or_else(|| "other".to_owned(), |link| link.label.clone()),
            is_set: current != Some(0),
            links,
        }
    };
    let right = |right, label: &str| (label.to_owned(), Choice { right, ..base });
    let deadline = |deadline, label: &str| (label.to_owned(), Choice { deadline, ..base });
    let trouble = |trouble, label: &str| (label.to_owned(), Choice { trouble, ..base });
    let order = |order, label: &str| (label.to_owned(), Choice { order, ..base });
    let whose = |whose, label: &str| (label.to_owned(), Choice { whose, ..base });
    let mut of_connections = vec![(
        "Any".to_owned(),
        Choice {
            connection: None,
            ..base
        },
    )];
    of_connections.extend(connections.iter().map(|connection| {
        let choice = Choice {
            connection: Some(connection.id),
            ..base
        };
        (connection.name.clone(), choice)
    }));
    let mut of_staff = vec![
        whose(None, "Anyone"),
        whose(Some(Whose::Mine), "Me"),
        whose(Some(Whose::Nobodys), "Nobody"),
    ];
    let others = staff.iter().filter(|one| one.id != me);
    of_staff.extend(others.map(|one| whose(Some(Whose::Of(one.id)), &one.name)));
    vec![
        menu(
            "Type",
            vec![
                right(None, "Any"),
                right(Some(Right::Access), "Access"),
                right(Some(Right::Deletion), "Deletion"),
            ],
        ),
        menu(
            "Deadline",
            vec![
                deadline(None, "Any"),
                deadline(Some(DeadlineState::PastDue), "Past due"),
                deadline(Some(DeadlineState::DueSoon), "Due soon"),
                deadline(Some(DeadlineState::OnTime), "On time"),
            ],
        ),
        menu(
            "Trouble",
            vec![
                trouble(None, "With or without"),
                trouble(Some(Trouble::Failed), "A task failed"),
                trouble(Some(Trouble::Connection), "A connection needs a person"),
            ],
        ),
        menu("Connection", of_connections),
        menu("Assignee", of_staff),
        menu(
            "Sort",
            vec![
                order(Order::Newest, "Newest first"),
                order(Order::Oldest, "Oldest first"),
                order(Order::Deadline, "Deadline first"),
            ],
        ),
    ]
}
