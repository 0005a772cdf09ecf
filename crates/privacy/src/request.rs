//! The life of a privacy request, as data.
//!
//! ```text
//! pending_verification ──> closed: unverified
//!         │ verified
//!         v
//!      triage                     paused <──> triage, collecting, pending_review, grace, deleting
//!         │ start
//!         v
//! access:    collecting ──> pending_review ──> delivering ──> closed: downloaded | not_downloaded
//! deletion: [collecting] ─> pending_review ─> [grace] ─> deleting ─> [verifying_erasure] ─> notifying ─> closed: completed
//!                                                           ^───── repeat ─────┘
//! until something is being deleted: closed: denied | spam | nonresponsive | cancelled | duplicate
//! ```
//!
//! [`apply`] makes one move. What automation does next by itself is [`follow_up`], so that every move is one event.

mod action;
mod approvers;
mod follow_up;
mod options;
mod outcome;
mod pause;
mod refusal;
mod stage;
mod transition;

pub use action::Action;
pub use approvers::{Hearing, Standing, hearing, wanted};
pub use follow_up::follow_up;
pub use options::Options;
pub use outcome::{DenialGround, ErasureProof, Outcome};
pub use pause::PauseReason;
pub use refusal::{IllegalTransition, Refusal};
pub use stage::{Approval, Stage, StageName};
pub use transition::apply;
