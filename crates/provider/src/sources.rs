//! Where records of subjects come from.

pub(crate) mod import_line;
pub(crate) mod sql;
