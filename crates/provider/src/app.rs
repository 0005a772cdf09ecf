//! Use cases: methods of [`crate::Provider`], one transaction each, and what they share.

pub(crate) mod accounts;
pub(crate) mod applications;
pub(crate) mod asker;
pub(crate) mod authenticate;
pub(crate) mod authority;
pub(crate) mod authorize;
pub(crate) mod change_password;
pub(crate) mod clients;
pub(crate) mod exchange;
pub(crate) mod forgotten_password;
pub(crate) mod grants;
pub(crate) mod import_subjects;
pub(crate) mod invitations;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod personal_tokens;
pub(crate) mod profile;
pub(crate) mod proof;
pub(crate) mod sessions;
pub(crate) mod sub_requests;
pub(crate) mod subject_access;
pub(crate) mod throttles;
pub(crate) mod token_lookup;
pub(crate) mod tokens;
pub(crate) mod two_step;
pub(crate) mod usage;
