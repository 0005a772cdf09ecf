//! Privacy requests: taking them in, deciding about them, watching them.

pub(crate) mod case;
mod changes;
mod count;
mod create;
mod decide;
mod enter;
mod export;
mod import;
mod key;
mod list;
mod plan;
mod possible;
mod progress;
mod retention;
mod reveal;
mod tasks;
mod view;

pub(crate) use changes::Changes;
pub use count::Count;
pub use create::{CreateRequestError, Created, NewOptions, NewRequest, Once};
pub use decide::{DecideError, Decision};
pub(crate) use enter::obstacle;
pub use export::{ExportFormat, ExportRequestsError, UnknownExportFormat};
pub use import::{ImportReport, ImportRequestsError, ImportedRow};
pub(crate) use key::RequestKey;
pub use list::{RequestFilter, RequestPage};
pub use plan::LeftOut;
pub(crate) use plan::action_of;
pub use possible::Possible;
pub use progress::Progress;
pub use tasks::TaskDecision;
pub(crate) use tasks::store_error;
pub(crate) use view::package_ready;
pub use view::{CauseView, FoundView, Notice, PauseView, RequestOptionsView, RequestView, TaskView};
