//! The durable work of a task: submit, poll, fetch. Each makes its outside calls without holding a transaction and
//! records what came of them in one; run twice or killed at any point, it leaves the same world.

mod answer;
mod attempt;
mod contact;
mod contact_read;
mod fault;
mod fetch;
mod poll;
mod poll_many;
mod spool;
mod store_export;
mod submit;

pub(crate) use contact::contact;
pub(crate) use fetch::fetch;
pub(crate) use poll::poll;
pub(crate) use spool::remove_all as forget_spooled;
pub(crate) use submit::submit;
