//! Browser sessions: the cookie, what is stored of it, and when it ends.

mod cookie;
mod lifetime;

pub use cookie::{SessionCookie, SessionToken};
pub use lifetime::SessionLifetime;
