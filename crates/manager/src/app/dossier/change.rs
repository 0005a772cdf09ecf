//! Deciding what is handed over.

use privacy::{
    audit::{Detail, Event, Fact},
    dossier::{Change, ChangeError, ChangeId, FieldPattern, UndoError},
    request::Stage,
};
use store::{StoreError, retried};

use super::{
    DossierView,
    records::block_from,
    review::{Found, Review},
};
use crate::{By, Manager, RequestId, app::requests::case::Case, rows};

/// How many changes can be made at once.
const MOST: usize = 1000;

/// A dossier after changes.
pub struct ChangedDossier {
    /// As it is now.
    pub dossier: DossierView,
    /// The numbers of the changes that were made, by which they can be undone.
    pub made: Vec<u64>,
}

/// Why a dossier was not changed. Either all changes are made or none.
#[derive(Debug, thiserror::Error)]
pub enum ChangeDossierError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// What was found has been destroyed at the end of its term.
    #[error("what was found has been destroyed at the end of its term")]
    Shredded,
    /// The request is past its review.
    #[error("{0}")]
    NotNow(&'static str),
    /// More changes than are made at once.
    #[error("at most {MOST} changes can be made at once")]
    TooMany,
    /// A change says something that can't be done.
    #[error("changes[{index}].{error}")]
    Invalid {
        /// Which of them, from 0.
        index: usize,
        /// What is wrong with it.
        error: ChangeError,
    },
    /// A change is about something that was not found.
    #[error("changes[{index}].{field} names nothing that was found")]
    Nothing {
        /// Which of them, from 0.
        index: usize,
        /// The field of the change: `object`, `record` or `field`.
        field: &'static str,
    },
    /// A change is not undone.
    #[error("undo[{index}]: {error}")]
    Undo {
        /// Which of them, from 0.
        index: usize,
        /// Why not.
        error: UndoError,
    },
    /// The database failed.
    #[error("the changes could not be stored")]
    Store(#[from] StoreError),
}

/// Why a dossier can't be changed at this point, if so: what was approved is what is handed over.
pub(super) fn refusal(stage: &Stage) -> Option<&'static str> {
    match stage {
        Stage::Collecting { .. } => None,
        Stage::PendingReview { approvals, .. } if approvals.is_empty() => None,
        Stage::PendingReview { .. } => Some("somebody has approved the dossier as it is"),
        Stage::Paused { .. } => Some("the request is paused"),
        Stage::Closed { .. } => Some("the request is closed"),
        Stage::PendingVerification { .. } | Stage::Triage { .. } => Some("nothing has been collected yet"),
        _ => Some("the review is over"),
    }
}

impl Manager {
    /// Makes changes to what is handed over, and takes earlier ones back. The originals stay as they were found.
    pub async fn change_dossier(
        &self,
        id: RequestId,
        changes: Vec<Change>,
        undo: Vec<u64>,
        by: &By,
    ) -> Result<ChangedDossier, ChangeDossierError> {
        retried(|| self.change_dossier_once(id, changes.clone(), undo.clone(), by)).await
    }

    async fn change_dossier_once(
        &self,
        id: RequestId,
        changes: Vec<Change>,
        undo: Vec<u64>,
        by: &By,
    ) -> Result<ChangedDossier, ChangeDossierError> {
        if changes.len() + undo.len() > MOST {
            return Err(ChangeDossierError::TooMany);
        }
        let mut case = Case::open(self, id).await?.ok_or(ChangeDossierError::NotFound)?;
        if case.request.key.is_none() || case.request.dossier_shredded_at.is_some() {
            return Err(ChangeDossierError::Shredded);
        }
        if let Some(reason) = refusal(&case.request.stage) {
            return Err(ChangeDossierError::NotNow(reason));
        }
        let mut review = Review::open(self, &mut case.tx, case.request.clone()).await?;
        for (index, number) in undo.into_iter().enumerate() {
            let undone = review.changes.undo(ChangeId(number));
            undone.map_err(|error| ChangeDossierError::Undo { index, error })?;
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            rows::dossier::undo_change(&mut case.tx, id, number).await?;
            case.audit(Event::DossierChangeUndone, [(Detail::Change, change_fact(number))], by);
        }
        let mut made = Vec::new();
        for (index, change) in changes.into_iter().enumerate() {
            if let Some(field) = self.missing(&mut case, &review, &change).await? {
                return Err(ChangeDossierError::Nothing { index, field });
            }
            let (action, target) = (change.action.name(), change.target.clone());
            let plain = change.reveal_json().reveal().to_string();
            let number = review.changes.push(change).0;
            let stored = i64::try_from(number).unwrap_or(i64::MAX);
            let place = format!("{id}/{stored}");
            let sealed = review.key.seal("dossier_change", "content", &place, plain.as_bytes());
            rows::dossier::add_change(&mut case.tx, id, stored, sealed, &by.actor.to_string()).await?;
            let mut facts = vec![
                (Detail::Change, change_fact(stored)),
                (Detail::Action, Fact::code(action)),
                (Detail::Object, Fact::code(target.object.as_str())),
            ];
            facts.extend(target.record.map(|record| (Detail::Record, record.0.into())));
            case.audit(Event::DossierChanged, facts, by);
            made.push(number);
        }
        let dossier = review.view();
        case.commit().await?;
        Ok(ChangedDossier { dossier, made })
    }

    /// Which part of a change is about something that was not found: a misspelt exclusion must not pass for one.
    async fn missing(
        &self,
        case: &mut Case,
        review: &Review,
        change: &Change,
    ) -> Result<Option<&'static str>, StoreError> {
        let target = &change.target;
        let Some(found) = review.object(target.object.as_str()) else {
            return Ok(Some("object"));
        };
        if target
            .record
            .is_some_and(|record| record.0 == 0 || record.0 > found.object.records)
        {
            return Ok(Some("record"));
        }
        match &target.field {
            Some(pattern) if !has_field(case, review, found, change, pattern).await? => Ok(Some("field")),
            _ => Ok(None),
        }
    }
}

/// Whether any record that the change is about has such a field.
async fn has_field(
    case: &mut Case,
    review: &Review,
    found: &Found,
    change: &Change,
    pattern: &FieldPattern,
) -> Result<bool, StoreError> {
    let object = found.object.id.as_str();
    let mut next = change.target.record.map_or(1, |record| record.0);
    while let Some(block) = block_from(&mut case.tx, &review.key, object, next).await? {
        for record in block {
            next = record.id.0 + 1;
            if record.fields.iter().any(|field| pattern.covers(&field.path)) {
                return Ok(true);
            }
            if change.target.record.is_some() {
                return Ok(false);
            }
        }
    }
    Ok(false)
}

fn change_fact(number: i64) -> Fact {
    u64::try_from(number).unwrap_or_default().into()
}
