//! Stories between both services, over HTTPS.

mod crashes;
mod refusals;
mod stories;
