//! Privacy requests: taking them in, deciding about them, watching them.

pub(crate) mod case;
mod changes;
mod create;
mod decide;
mod enter;
mod export;
mod import;
mod key;
mod list;
mod plan;
mod retention;
mod tasks;
mod view;

pub(crate) use changes::Changes;
pub use create::{CreateRequestError, Created, NewOptions, NewRequest, Once};
pub use decide::{DecideError, Decision};
pub use export::{ExportFormat, ExportRequestsError};
pub use import::{ImportReport, ImportRequestsError, ImportedRow};
pub(crate) use key::RequestKey;
pub use list::{RequestFilter, RequestPage};
pub(crate) use plan::action_of;
pub use plan::LeftOut;
pub use tasks::TaskDecision;
pub use view::{CauseView, FoundView, Notice, PauseView, RequestOptionsView, RequestView, TaskView};
