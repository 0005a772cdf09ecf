//! Privacy requests: taking them in, deciding about them, watching them.

mod approvers;
mod ask_approvers;
mod assign;
pub(crate) mod case;
mod changes;
mod count;
mod create;
mod decide;
mod duplicates;
mod enter;
mod export;
mod import;
mod key;
mod list;
mod message;
mod plan;
mod possible;
mod progress;
mod queue;
mod retention;
mod reveal;
mod running;
mod tasks;
mod triage;
mod view;

pub use approvers::{ApprovalsView, ConnectionApproval, GivenApproval};
pub use assign::{AnnotateError, Assignee, NoteView};
pub(crate) use changes::Changes;
pub use count::Count;
pub use create::{CreateRequestError, Created, NewOptions, NewRequest, Once};
pub use decide::{DecideError, Decision};
pub use duplicates::PossibleDuplicate;
pub(crate) use enter::obstacle;
pub use export::{ExportFormat, ExportPart, ExportRequestsError, UnknownExportFormat};
pub(crate) use import::import_step;
pub use import::{
    HandInError, ImportPage, ImportReport, ImportState, ImportView, ImportedRow, ReceivingImport, TryImportError,
    UnknownImportState,
};
pub(crate) use key::RequestKey;
pub use list::{Order, RequestFilter, RequestPage};
pub use plan::LeftOut;
pub(crate) use plan::action_of;
pub use possible::Possible;
pub use progress::Progress;
pub(crate) use running::Running;
pub use tasks::TaskDecision;
pub(crate) use tasks::store_error;
pub use triage::{TakesPart, TriageChange, TriageError};
pub(crate) use view::package_ready;
pub use view::{CauseView, FoundView, Notice, PauseView, RequestOptionsView, RequestView, TaskView};
