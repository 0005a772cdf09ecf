//! Calling other hosts: one transport trait, and the real one with its guard.

mod address;
mod cause;
mod guard;
mod guarded;
mod transport;

pub use address::{AddressClass, classify};
pub use guard::{Lookup, SystemLookup};
pub use guarded::{ClientBuildError, ClientSettings, ExtraCa, GuardedClient};
pub use transport::{Body, SharedTransport, Timeouts, Transport, TransportError};
