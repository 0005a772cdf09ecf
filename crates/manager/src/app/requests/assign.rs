//! Who takes care of a request, and what staff write about it.

use jiff::Timestamp;
use privacy::{
    Personal,
    audit::{Detail, Event, Fact},
};
use serde::Serialize;
use store::{StoreError, Tx, retried};

use super::{RequestView, case::Case};
use crate::{
    By, Manager, OperatorId, RequestId,
    rows::{self, note::NoteRow},
};

/// The longest note, in characters.
const LONGEST_NOTE: usize = 10_000;
/// The most notes about one request: as many as are shown.
const MOST_NOTES: i64 = 1000;

/// Who takes care of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assignee {
    /// The operator's id.
    pub id: OperatorId,
    /// What colleagues call them.
    pub name: String,
}

/// What somebody wrote about a request. It may say anything: it has no `Debug`.
#[derive(Serialize)]
pub struct NoteView {
    /// Its id.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Who wrote it: an actor, as the audit log names it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
}

/// Why nothing was written down.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// Whoever is to take care of it does not exist, or may not log in any more.
    #[error("operator names nobody who may log in")]
    NoSuchOperator,
    /// A note has 1 to 10,000 characters.
    #[error("text must have 1 to 10,000 characters")]
    Text,
    /// There are as many notes as are shown.
    #[error("there are {MOST_NOTES} notes about this request already")]
    TooMany,
    /// The request's personal data has been destroyed at the end of its term.
    #[error("the request's personal data has been destroyed at the end of its term")]
    Shredded,
    /// The database failed.
    #[error("it could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Gives a request to an operator, or to nobody.
    pub async fn assign(
        &self,
        id: RequestId,
        operator: Option<OperatorId>,
        by: &By,
    ) -> Result<RequestView, AnnotateError> {
        retried(|| self.assign_once(id, operator, by)).await
    }

    async fn assign_once(
        &self,
        id: RequestId,
        operator: Option<OperatorId>,
        by: &By,
    ) -> Result<RequestView, AnnotateError> {
        let mut case = Case::open(self, id).await?.ok_or(AnnotateError::NotFound)?;
        if let Some(operator) = operator {
            let known = rows::actor_name::operator(&mut case.tx, operator).await?;
            if known.is_none_or(|row| row.deactivated_at.is_some()) {
                return Err(AnnotateError::NoSuchOperator);
            }
        }
        rows::assignee::set(&mut case.tx, id, operator).await?;
        let target = operator.map_or_else(|| "nobody".to_owned(), |operator| operator.to_string());
        case.audit(Event::RequestAssigned, [(Detail::Target, Fact::code(&target))], by);
        let view = case.view().await?;
        case.commit().await?;
        Ok(view)
    }

    /// Writes a note about a request.
    pub async fn add_note(&self, id: RequestId, text: &Personal, by: &By) -> Result<NoteView, AnnotateError> {
        retried(|| self.add_note_once(id, text, by)).await
    }

    async fn add_note_once(&self, id: RequestId, text: &Personal, by: &By) -> Result<NoteView, AnnotateError> {
        let plain = text.reveal().trim();
        if plain.is_empty() || plain.chars().count() > LONGEST_NOTE {
            return Err(AnnotateError::Text);
        }
        let mut case = Case::open(self, id).await?.ok_or(AnnotateError::NotFound)?;
        if case.request.key.is_none() {
            return Err(AnnotateError::Shredded);
        }
        if rows::note::count(&mut case.tx, id).await? >= MOST_NOTES {
            return Err(AnnotateError::TooMany);
        }
        let key = self.request_key(&case.request)?;
        let note = case.tx.new_id().to_string();
        let row = NoteRow {
            content: key.seal("request_note", "content", &note, plain.as_bytes()),
            id: note,
            made_by: by.actor.to_string(),
            made_at: case.tx.now(),
        };
        rows::note::insert(&mut case.tx, id, &row).await?;
        case.audit(Event::RequestNoted, [(Detail::Target, Fact::code(&row.id))], by);
        case.commit().await?;
        Ok(NoteView {
            id: row.id,
            text: plain.to_owned(),
            made_by: row.made_by,
            made_at: row.made_at,
        })
    }

    /// What was written about a request, oldest first.
    pub async fn notes(&self, id: RequestId) -> Result<Vec<NoteView>, AnnotateError> {
        let mut read = self.store().read().await?;
        let request = rows::request::by_id(&mut read, id).await?;
        let request = request.ok_or(AnnotateError::NotFound)?;
        if request.key.is_none() {
            return Ok(Vec::new());
        }
        let key = self.request_key(&request)?;
        let rows = rows::note::of_request(&mut read, id).await?.into_iter();
        rows.map(|row| {
            let plain = key.open("request_note", "content", &row.id, &row.content)?;
            Ok(NoteView {
                text: String::from_utf8_lossy(plain.reveal()).into_owned(),
                id: row.id,
                made_by: row.made_by,
                made_at: row.made_at,
            })
        })
        .collect()
    }

    pub(super) async fn assignee(&self, tx: &mut Tx, id: RequestId) -> Result<Option<Assignee>, StoreError> {
        let Some(operator) = rows::assignee::of_request(tx, id).await? else {
            return Ok(None);
        };
        let row = rows::actor_name::operator(tx, operator).await?;
        let name = match row {
            Some(row) => self.operator_email(&row)?,
            None => "a former user".to_owned(),
        };
        Ok(Some(Assignee { id: operator, name }))
    }
}
