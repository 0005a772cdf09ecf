//! What can be done about a request: only what its state and the operator's role allow.

use std::fmt;

use askama::{Template, filters::HtmlSafe};
use privacy::request::{DenialGround, PauseReason, StageName};
use rightful_http::pages::parts::{Choice, Csrf, Field, PostButton};

use super::{super::words, Decision, Operator, Possible, RequestView};
use crate::Permission;

/// The buttons beside the title: what most people come for.
pub(super) struct MainAction(Vec<String>);

impl fmt::Display for MainAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|html| f.write_str(html))
    }
}

impl HtmlSafe for MainAction {}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<a class="button{% if quiet %} quiet{% endif %}" href="{{ href }}">{{ label }}</a>"#
)]
struct LinkButton<'a> {
    href: String,
    label: &'a str,
    quiet: bool,
}

/// A form among the others, folded.
pub(super) struct OtherAction {
    pub(super) title: &'static str,
    pub(super) hint: &'static str,
    pub(super) action: String,
    pub(super) csrf: Csrf,
    pub(super) field: Option<Field<'static>>,
    /// Words for the person, which go into the mail.
    pub(super) words: Option<Field<'static>>,
    pub(super) class: &'static str,
    pub(super) button: &'static str,
}

/// The buttons beside the title.
pub(super) fn main(view: &RequestView, possible: &Possible, operator: &Operator) -> MainAction {
    let may_work = operator.may(Permission::WorkRequests);
    let mut buttons = Vec::new();
    let mut post = |decision: Decision, word: &str, label: &'static str, quiet: bool| {
        if may_work && possible.allows(&decision) {
            let action = format!("/requests/{}/{word}", view.id);
            let csrf = operator.csrf(&action);
            let button = PostButton::new(action, label, csrf);
            buttons.push(rendered(&if quiet { button.quiet() } else { button }));
        }
    };
    post(Decision::Start, "start", "Start", false);
    post(Decision::SendAgain, "send-again", "Mail the link again", true);
    post(Decision::Resume, "resume", "Resume", false);
    post(
        Decision::RepeatDeletion,
        "repeat-deletion",
        "Delete what is left",
        false,
    );
    post(Decision::AcceptRemains, "accept-remains", "Accept what is left", true);
    if may_work && view.state == StageName::Triage {
        let href = format!("/requests/{}/edit", view.id);
        let (label, quiet) = ("Change", true);
        buttons.push(rendered(&LinkButton { href, label, quiet }));
    }
    if view.package_ready && may_work {
        let action = format!("/requests/{}/package", view.id);
        let csrf = operator.csrf(&action);
        buttons.push(rendered(&PostButton::new(action, "Download the package", csrf)));
    }
    if let Some((label, quiet)) = review(view, operator.may(Permission::ApproveRequests)) {
        let href = format!("/requests/{}/review", view.id);
        buttons.push(rendered(&LinkButton { href, label, quiet }));
    }
    MainAction(buttons)
}

fn review(view: &RequestView, may_approve: bool) -> Option<(&'static str, bool)> {
    match view.state {
        StageName::PendingReview if may_approve => Some(("Review and approve", false)),
        StageName::PendingReview => Some(("Review", false)),
        StageName::PendingVerification | StageName::Triage => None,
        _ => Some(("Review", true)),
    }
}

/// The other things that can be done, folded.
pub(super) fn other(view: &RequestView, possible: &Possible, operator: &Operator) -> Vec<OtherAction> {
    if !operator.may(Permission::WorkRequests) {
        return Vec::new();
    }
    let reasons = PauseReason::ALL
        .iter()
        .map(|reason| (reason.name(), words::pause_reason(*reason)));
    let grounds = DenialGround::ALL
        .iter()
        .map(|ground| (ground.name(), words::denial_ground(*ground)));
    [
        (
            Decision::Verify,
            "verify",
            "Mark as verified",
            "You vouch that the request comes from this person. This can’t be taken back, and is recorded in your name.",
            None,
            "quiet",
            "Mark as verified",
        ),
        (
            Decision::Extend,
            "extend",
            "Extend the deadline",
            "Once, by the term that the legal framework allows. The subject must be told why.",
            None,
            "quiet",
            "Extend",
        ),
        (
            Decision::Pause(PauseReason::Other),
            "pause",
            "Pause",
            "Work rests until somebody resumes it. The legal deadline keeps running.",
            Some(choice("reason", "Why?", reasons)),
            "quiet",
            "Pause",
        ),
        (
            Decision::Deny(DenialGround::Other),
            "deny",
            "Deny",
            "Closes the request without carrying it out.",
            Some(choice("ground", "On what ground?", grounds)),
            "danger",
            "Deny",
        ),
        (
            Decision::Cancel,
            "cancel",
            "Cancel",
            "The subject withdrew the request. It is closed, and open tasks are stopped.",
            None,
            "danger",
            "Cancel the request",
        ),
        (
            Decision::MarkDuplicate,
            "duplicate",
            "Close as a duplicate",
            "Another request asks the same.",
            None,
            "danger",
            "Close",
        ),
        (
            Decision::MarkNonresponsive,
            "nonresponsive",
            "Close without an answer",
            "The subject did not answer questions.",
            None,
            "danger",
            "Close",
        ),
        (
            Decision::MarkSpam,
            "spam",
            "Close as spam",
            "It is not a request.",
            None,
            "danger",
            "Close",
        ),
    ]
    .into_iter()
    .filter(|(decision, ..)| possible.allows(decision))
    .map(|(_, word, title, hint, field, class, button)| {
        let action = format!("/requests/{}/{word}", view.id);
        OtherAction {
            title,
            hint,
            csrf: operator.csrf(&action),
            action,
            field,
            words: view.notify.then(|| words_field(word)).flatten(),
            class,
            button,
        }
    })
    .collect()
}

fn words_field(word: &str) -> Option<Field<'static>> {
    let hint = match word {
        "deny" => "They go into the mail to the person, below the decision.",
        "extend" => "The person is told why in the mail. Without your words it says that the request is complex.",
        _ => return None,
    };
    let field = Field::area("explanation", "Your words for the person").hint(hint);
    Some(field.max_length(4000).optional())
}

fn choice(
    name: &'static str,
    label: &'static str,
    words: impl Iterator<Item = (&'static str, &'static str)>,
) -> Field<'static> {
    Field::select(name, label, words.map(|(word, text)| Choice::new(word, text)).collect())
}

/// A part that always prints.
fn rendered(part: &impl Template) -> String {
    part.render().unwrap_or_default()
}
