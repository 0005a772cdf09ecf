//! What a privacy request is.
//!
//! Pure: no I/O, no clock, no randomness. Times, ids and random bytes are passed in; what comes back is a new state
//! or a named refusal. The same functions serve the application, its property tests and its simulation.
//!
//! - [`request`]: the life of a request, [`request::apply`] is its state machine.
//! - [`task`]: the life of one connection's share of a request, and when a request's tasks are settled.
//! - [`framework`]: legal frameworks and the deadlines that follow from them.
//! - [`dossier`]: what was found, what people changed about it, and what is handed over.
//! - [`audit`]: what is written down about all of this, without a personal value.

#[macro_use]
mod words;

pub mod actor;
pub mod audit;
pub mod dossier;
pub mod framework;
pub mod identity;
pub mod personal;
pub mod reference;
pub mod request;
pub mod right;
pub mod task;

pub use actor::{Actor, ActorId};
pub use identity::{Identities, IdentityType};
pub use personal::Personal;
pub use reference::Reference;
pub use right::Right;
pub use words::UnknownWord;
