//! The use cases: what people, programs and jobs do, one transaction each, as methods of [`crate::Manager`].

pub(crate) mod connection_state;
pub(crate) mod refresh;

pub use connection_state::{ConnectionState, UnknownConnectionState};
