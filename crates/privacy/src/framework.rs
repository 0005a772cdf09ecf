//! Legal frameworks, and the deadlines that follow from them.
//!
//! The table is data that a company can edit: [`Frameworks::default`] is only where it starts. A deadline is computed
//! once, when a request is received, and frozen; editing the table does not move the deadlines of open requests.

mod deadline;
mod defaults;
mod table;
mod term;

pub use deadline::{Deadline, DeadlineState, DueSoon, ExtendError};
pub use table::{Framework, FrameworkId, Frameworks, FrameworksError};
pub use term::{Term, TermError};
