//! SQL: free functions over a [`store::Tx`], one file a table. No rule stands here.

pub(crate) mod account;
pub(crate) mod application;
pub(crate) mod authorization_request;
pub(crate) mod code;
pub(crate) mod counter;
pub(crate) mod grant;
pub(crate) mod refresh_token;
pub(crate) mod session;
pub(crate) mod token;
pub(crate) mod user;
