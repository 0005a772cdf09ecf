//! What was found about a subject, what people chose to hand over, and what is handed over.
//!
//! The originals are never touched. What is handed over follows from three things: the [`Record`]s as they were
//! found, the [`FieldPolicy`] saved with the connection, and the [`ChangeLog`] of the request. A [`Selection`] joins
//! policy and changes for one object and is then asked record by record, so that a dossier of any size streams.
//!
//! All of it may be personal: nothing here prints a value or a path, callers seal what they store.

mod catalog;
mod change;
mod field;
mod log;
mod object;
mod path;
mod pattern;
mod policy;
mod record;
mod selection;
mod syntax;
mod tally;

pub use catalog::{FieldCatalog, FieldSummary, MAX_LISTED_FIELDS};
pub use change::{Change, ChangeAction, ChangeError, ChangeProblem, Target, WireChange};
pub use field::{Field, FieldValue, NotAScalar, ValueKind};
pub use log::{ChangeId, ChangeLog, UndoError};
pub use object::{AttachedFile, Object, ObjectId, ObjectIdError, RecordId};
pub use path::{FieldPath, Segment};
pub use pattern::FieldPattern;
pub use policy::{FieldPolicy, ObjectPattern, PolicyAction, PolicyRule};
pub use record::Record;
pub use selection::{REDACTED, ReviewedField, ReviewedRecord, Selection};
pub use syntax::PathError;
pub use tally::Tally;
