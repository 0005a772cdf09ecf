//! Stories between both services, over HTTPS.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod crashes;
mod dependencies;
mod kill;
mod reference;
mod refusals;
mod simulation;
mod stories;
