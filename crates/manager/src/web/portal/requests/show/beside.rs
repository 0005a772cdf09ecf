//! What stands beside the tasks of a request: who takes care of it, notes, mails.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mail::{Listed, State};
use privacy::request::StageName;
use rightful_http::pages::parts::{Badge, Choice, Csrf, Field, PostButton};

use super::{Manager, Operator, PageError, RequestView};
use crate::{Permission, app::requests::NoteView, web::portal::mail_words};

/// One field and its button.
pub(super) struct SmallForm {
    pub(super) action: String,
    pub(super) csrf: Csrf,
    pub(super) field: Field<'static>,
}

/// What somebody wrote.
pub(super) struct Note {
    pub(super) text: String,
    pub(super) by: String,
    pub(super) at: Timestamp,
}

/// A mail about the request.
pub(super) struct MailLine {
    pub(super) what: &'static str,
    pub(super) at: Timestamp,
    pub(super) state: Badge<'static>,
    pub(super) cause: Option<&'static str>,
    pub(super) again: Option<PostButton<'static>>,
}

/// All of it.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) assignee: Option<String>,
    pub(super) assign: Option<SmallForm>,
    pub(super) may_note: bool,
    pub(super) notes: Vec<Note>,
    pub(super) add_note: Option<SmallForm>,
    pub(super) mails: Vec<MailLine>,
}

/// Notes are for those who work on requests.
pub(super) async fn read(manager: &Manager, view: &RequestView, operator: &Operator) -> Result<Beside, PageError> {
    let mails = manager.mails_of_request(view.id).await?.unwrap_or_default();
    let mut beside = Beside {
        assignee: view.assignee.as_ref().map(|assignee| assignee.name.clone()),
        mails: mails.iter().map(|listed| mail(listed, view, operator)).collect(),
        ..Beside::default()
    };
    if operator.may(Permission::WorkRequests) {
        let notes = manager.notes(view.id).await?;
        let names = manager
            .actor_names(notes.iter().map(|note| note.made_by.clone()).collect())
            .await?;
        beside.may_note = true;
        beside.notes = notes.into_iter().rev().map(|written| note(written, &names)).collect();
        beside.assign = match view.state {
            StageName::Closed => None,
            _ => Some(assign(manager, view, operator).await?),
        };
        // Once the personal data is destroyed, nothing more is written down about the person.
        beside.add_note = (!view.identities.is_empty()).then(|| add_note(view, operator));
    }
    Ok(beside)
}

async fn assign(manager: &Manager, view: &RequestView, operator: &Operator) -> Result<SmallForm, PageError> {
    let staff = manager.assignable().await?;
    let mut choices = vec![Choice::new("nobody", "Nobody")];
    let name = |id, name: String| {
        if id == operator.id {
            format!("{name} (you)")
        } else {
            name
        }
    };
    choices.extend(
        staff
            .into_iter()
            .map(|one| Choice::new(one.id.to_string(), name(one.id, one.name))),
    );
    let chosen = view.assignee.as_ref();
    let chosen = chosen.map_or_else(|| "nobody".to_owned(), |assignee| assignee.id.to_string());
    let action = format!("/requests/{}/assignee", view.id);
    Ok(SmallForm {
        csrf: operator.csrf(&action),
        action,
        field: Field::select("operator", "Who takes care of it", choices).value(chosen),
    })
}

fn add_note(view: &RequestView, operator: &Operator) -> SmallForm {
    let action = format!("/requests/{}/notes", view.id);
    SmallForm {
        csrf: operator.csrf(&action),
        action,
        field: Field::area("text", "New note")
            .hint("Only staff read it. It is destroyed with the request’s personal data.")
            .max_length(10_000),
    }
}

fn note(note: NoteView, names: &BTreeMap<String, String>) -> Note {
    Note {
        by: names.get(&note.made_by).cloned().unwrap_or(note.made_by),
        text: note.text,
        at: note.made_at,
    }
}

fn mail(mail: &Listed, view: &RequestView, operator: &Operator) -> MailLine {
    let action = format!("/requests/{}/mails/{}", view.id, mail.id);
    let failed = mail.state == State::Failed && !mail.is_shredded;
    let again = failed && operator.may(Permission::WorkRequests);
    MailLine {
        what: mail_words::title(&mail.event),
        at: mail.ended_at.unwrap_or(mail.created_at),
        state: mail_words::state(mail),
        cause: mail.cause.map(mail::Cause::words),
        again: again.then(|| {
            let csrf = operator.csrf(&action);
            PostButton::new(action, "Send again", csrf).small()
        }),
    }
}
