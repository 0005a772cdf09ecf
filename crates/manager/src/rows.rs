//! The SQL: free functions over a `Tx`, one file a table.

pub(crate) mod api_key;
pub(crate) mod authorization;
pub(crate) mod connection;
pub(crate) mod failed_log_in;
pub(crate) mod open_tasks;
pub(crate) mod operator;
pub(crate) mod session;
