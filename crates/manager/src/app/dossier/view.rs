//! A dossier as its reviewers see it. The views hold what was found, in the clear: they have no `Debug`.

use privacy::dossier::{FieldPolicy, ReviewedField, ReviewedRecord, ValueKind};
use serde::Serialize;
use serde_json::Value;
use store::StoreError;

use super::{
    records::block_from,
    review::{Found, Review, specimen},
};
use crate::{ConnectionId, Manager, RequestId, TaskId, rows};

/// Records on one page.
pub const RECORDS_ON_A_PAGE: usize = 50;

/// Why a dossier can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// There is no such object in the dossier.
    #[error("no such object in this dossier")]
    NoSuchObject,
    /// What was found has been destroyed at the end of its term.
    #[error("what was found has been destroyed at the end of its term")]
    Shredded,
    /// The database failed.
    #[error("the dossier could not be read")]
    Store(#[from] StoreError),
}

/// What was found, with what is handed over.
#[derive(Serialize)]
pub struct DossierView {
    /// One for each kind of thing.
    pub objects: Vec<ObjectView>,
    /// The rules of connections that were put on what arrived; a change overrules them.
    pub policies: Vec<AppliedPolicy>,
    /// How many changes count.
    pub changes: usize,
    /// Whether it can be changed now.
    pub changeable: bool,
}

/// The rule of a connection, as it was when its findings arrived.
#[derive(Serialize)]
pub struct AppliedPolicy {
    /// Whose it is.
    pub connection_id: ConnectionId,
    /// What it says.
    pub policy: FieldPolicy,
}

/// A kind of thing that was found.
#[derive(Serialize)]
pub struct ObjectView {
    /// Its id.
    pub id: String,
    /// Its name at the source.
    pub name: String,
    /// The task that brought it; none for a file that staff added.
    pub task_id: Option<TaskId>,
    /// Whose it is.
    pub connection_id: Option<ConnectionId>,
    /// Where the vendor has it from.
    pub data_source: Option<String>,
    /// The vendor's word for the kind of data.
    pub data_type: Option<String>,
    /// How many records it has.
    pub records: u64,
    /// Whether it is handed over, where nothing narrower says otherwise.
    pub included: bool,
    /// It is left out because a rule says so.
    pub by_policy: bool,
    /// What fields they have.
    pub fields: Vec<FieldView>,
    /// Not all fields are listed.
    pub fields_truncated: bool,
    /// Its files.
    pub files: Vec<FileView>,
}

/// A kind of field.
#[derive(Serialize)]
pub struct FieldView {
    /// Its path; `[*]` stands for any index.
    pub path: String,
    /// The types of its values.
    pub kinds: Vec<ValueKind>,
    /// How many values there are.
    pub values: u64,
    /// Whether it is handed over, where nothing narrower says otherwise.
    pub included: bool,
    /// Whether its value is hidden.
    pub redacted: bool,
    /// Whether another value is handed over.
    pub edited: bool,
    /// It is left out or hidden because a rule says so.
    pub by_policy: bool,
}

/// A file.
#[derive(Serialize)]
pub struct FileView {
    /// Its id.
    pub id: String,
    /// Its name at the source.
    pub name: String,
    /// What it most likely is.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Whether it is handed over.
    pub included: bool,
}

/// Some records of an object.
#[derive(Serialize)]
pub struct ObjectPage {
    /// The object's id.
    pub id: String,
    /// Its name at the source.
    pub name: String,
    /// The records.
    pub records: Vec<RecordView>,
    /// How many there are of the object.
    pub total: u64,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}

/// A record.
#[derive(Serialize)]
pub struct RecordView {
    /// Its number in the object, from 1.
    pub id: u64,
    /// Whether anything of it is handed over.
    pub included: bool,
    /// Its fields.
    pub fields: Vec<RecordFieldView>,
}

/// A field of a record.
#[derive(Serialize)]
pub struct RecordFieldView {
    /// Where it lies.
    pub path: String,
    /// What was found.
    pub value: Value,
    /// Whether it is handed over.
    pub included: bool,
    /// Whether its value is hidden.
    pub redacted: bool,
    /// Whether another value is handed over.
    pub edited: bool,
    /// It is left out or hidden because a rule says so.
    pub by_policy: bool,
    /// Which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_value: Option<Value>,
}

impl Manager {
    /// What was found for a request, with what is handed over.
    pub async fn dossier(&self, id: RequestId) -> Result<DossierView, DossierError> {
        Ok(self.review(id).await?.view())
    }

    /// Some records of an object, from record number `from` (1 is the first).
    pub async fn dossier_object(&self, id: RequestId, object: &str, from: u64) -> Result<ObjectPage, DossierError> {
        let review = self.review(id).await?;
        let found = review.object(object).ok_or(DossierError::NoSuchObject)?;
        let (selection, rule) = (review.selection(found), review.selection_by_rule(found));
        let mut tx = self.store().read().await?;
        let (mut records, mut next) = (Vec::new(), from.max(1));
        while records.len() < RECORDS_ON_A_PAGE {
            let Some(block) = block_from(&mut tx, &review.key, object, next).await? else {
                break;
            };
            for record in block.into_iter().take(RECORDS_ON_A_PAGE - records.len()) {
                next = record.id.0 + 1;
                records.push(record_view(&selection.review(&record), &rule.review(&record)));
            }
        }
        Ok(ObjectPage {
            id: object.to_owned(),
            name: found.object.name.reveal().clone(),
            records,
            total: found.object.records,
            next_cursor: (next <= found.object.records).then(|| next.to_string()),
        })
    }

    /// Opens the dossier of a request.
    pub(super) async fn review(&self, id: RequestId) -> Result<Review, DossierError> {
        let mut tx = self.store().read().await?;
        let request = rows::request::by_id(&mut tx, id).await?.ok_or(DossierError::NotFound)?;
        if request.key.is_none() || request.dossier_shredded_at.is_some() {
            return Err(DossierError::Shredded);
        }
        Ok(Review::open(self, &mut tx, request).await?)
    }
}

impl Review {
    pub(super) fn view(&self) -> DossierView {
        DossierView {
            objects: self.objects.iter().map(|found| self.object_view(found)).collect(),
            policies: self
                .policies()
                .into_iter()
                .map(|(connection_id, policy)| AppliedPolicy {
                    connection_id,
                    policy: policy.clone(),
                })
                .collect(),
            changes: self.changes.active().count(),
            changeable: super::change::refusal(&self.request.stage).is_none(),
        }
    }

    fn object_view(&self, found: &Found) -> ObjectView {
        let object = &found.object;
        let selection = self.selection(found);
        let included = selection.includes_object();
        let specimen = specimen(&object.fields);
        let rule = self.selection_by_rule(found);
        let decided = selection.review(&specimen).fields.into_iter();
        let decided = decided.zip(rule.review(&specimen).fields);
        let fields = object.fields.iter().zip(decided);
        let fields = fields.map(|((path, summary), (decided, rule))| FieldView {
            by_policy: by_policy(&decided, &rule),
            path: path.to_owned(),
            kinds: summary.kinds.iter().copied().collect(),
            values: summary.values,
            included: decided.included,
            redacted: decided.redacted,
            edited: decided.edited.is_some(),
        });
        ObjectView {
            id: object.id.as_str().to_owned(),
            name: object.name.reveal().clone(),
            task_id: found.task,
            connection_id: found.connection,
            data_source: found.data_source.clone(),
            data_type: found.data_type.clone(),
            records: object.records,
            included,
            by_policy: !included && !rule.includes_object(),
            fields: fields.collect(),
            fields_truncated: object.fields.is_truncated(),
            files: object
                .files
                .iter()
                .map(|file| FileView {
                    id: file.id.as_str().to_owned(),
                    name: file.name.reveal().clone(),
                    media_type: file.media_type.clone(),
                    bytes: file.bytes,
                    sha256: file.sha256.clone(),
                    included,
                })
                .collect(),
        }
    }
}

/// Whether a rule holds a field back, and nobody has overruled it.
fn by_policy(decided: &ReviewedField, rule: &ReviewedField) -> bool {
    (!decided.included && !rule.included) || (decided.included && decided.redacted && rule.redacted)
}

fn record_view(record: &ReviewedRecord, by_rule: &ReviewedRecord) -> RecordView {
    let fields = record.fields.iter().zip(&by_rule.fields);
    let fields = fields.map(|(field, rule)| RecordFieldView {
        by_policy: by_policy(field, rule),
        path: field.path.text(),
        value: field.original.reveal().to_json(),
        included: field.included,
        redacted: field.redacted,
        edited: field.edited.is_some(),
        new_value: field.edited.as_ref().map(|value| value.reveal().to_json()),
    });
    RecordView {
        id: record.id.0,
        included: record.fields.iter().any(|field| field.included),
        fields: fields.collect(),
    }
}
