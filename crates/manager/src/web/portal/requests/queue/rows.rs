//! One request in a line of the queue.

use jiff::Timestamp;
use privacy::request::StageName;
use rightful_http::pages::parts::{Badge, Tone};

use super::super::{
    view::{Due, day, subject, waits_for},
    words,
};
use crate::app::requests::{Progress, RequestView};

pub(super) struct QueueRow {
    pub(super) id: String,
    pub(super) href: String,
    pub(super) reference: String,
    pub(super) right: &'static str,
    pub(super) state: Badge<'static>,
    pub(super) subject: String,
    pub(super) due: Due,
    pub(super) waits_for: String,
    /// The connections that hold it up.
    pub(super) trouble: Option<String>,
    pub(super) assignee: Option<String>,
    pub(super) received: String,
    pub(super) ticked: bool,
}

impl QueueRow {
    pub(super) fn of(view: &RequestView, progress: Progress, trouble: Option<&Vec<String>>, now: Timestamp) -> Self {
        let (tone, state) = words::stage(view.state, view.outcome);
        let tone = if progress.failed > 0 && view.state != StageName::Closed {
            Tone::Bad
        } else {
            tone
        };
        Self {
            id: view.id.to_string(),
            href: format!("/requests/{}", view.id),
            reference: view.reference.clone(),
            right: words::right(view.right),
            state: Badge::new(tone, state),
            subject: subject(view),
            due: Due::of(view, now),
            waits_for: waits_for(view, progress),
            trouble: trouble.map(|names| format!("{} needs a person", names.join(", "))),
            assignee: view.assignee.as_ref().map(|assignee| assignee.name.clone()),
            received: day(view.created_at),
            ticked: false,
        }
    }
}
