//! Stories between both services, over HTTPS.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod crashes;
mod refusals;
mod stories;
