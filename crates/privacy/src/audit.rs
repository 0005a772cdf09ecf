//! What is written down about all that happens, for proof: who, when, what, and facts that carry no personal value.

mod entry;
mod event;

pub use entry::{Detail, Entry, Fact, NotCarried};
pub use event::Event;
