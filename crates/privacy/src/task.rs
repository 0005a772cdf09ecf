//! The life of a task: one connection's share of one request.
//!
//! ```text
//! not_started ──> submitting ──> processing ──> fetching ──> complete
//!      └──────────────┴> answered by a person (waiting: processor) ──> fetching
//!  any open state <──> waiting: grace, pause, reconnect, rate_limit, retry
//!  any open state ──> failed (retry, skip, stop) | skipped | stopped | expired
//! ```
//!
//! A task remembers its [`Phase`] while it waits or has failed, so that going on never submits a job twice: a submit
//! of unknown outcome stays in [`Phase::Submitting`], where the vendor's list is searched before anything is sent.

mod action;
mod cause;
mod found;
mod settlement;
mod state;
mod transition;
mod waiting;

pub use action::{RetryFrom, TaskAction};
pub use cause::Cause;
pub use found::{Found, TaskResult};
pub use settlement::{Erasure, Settlement, erasure_found, request_settled};
pub use state::{Phase, TaskKind, TaskState, TaskStatus, VendorJob};
pub use transition::{IllegalTaskTransition, Task, TaskRefusal};
pub use waiting::WaitingFor;
