//! Browser sessions: the cookie, what is stored of it, and when it ends.

mod cookie;
mod lifetime;

pub(crate) use cookie::header_of;
pub use cookie::{SessionCookie, SessionToken};
pub use lifetime::SessionLifetime;
