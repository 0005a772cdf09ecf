//! Use cases: methods of [`crate::Provider`], one transaction each, and what they share.

pub(crate) mod accounts;
pub(crate) mod authenticate;
pub(crate) mod authority;
pub(crate) mod passwords;
pub(crate) mod profile;
pub(crate) mod throttles;
pub(crate) mod tokens;
pub(crate) mod usage;
