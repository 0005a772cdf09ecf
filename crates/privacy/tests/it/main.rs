//! Properties of the state machines and the dossier, tried at random and exhaustively.

#![expect(clippy::unwrap_used, reason = "a test that can not be set up has failed")]

mod dossier;
mod endings;
mod model;
mod request_walks;
mod task_walks;
