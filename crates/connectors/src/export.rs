//! Exports: where one may be fetched from, fetching it, and reading what is in it as if an enemy had made it.

mod entries;
mod error;
mod fetch;
mod fields;
mod found;
mod hosts;
mod json;
mod limits;
mod location;
mod manifest;
mod member;
mod names;
mod object;
mod read;
mod s3;
mod single;
mod sink;
mod table;

pub use error::ExportError;
pub use fetch::{Export, fetch};
pub use found::Found;
pub use hosts::{HostError, HostPattern};
pub use limits::Limits;
pub use location::{ExportLocation, export_request};
pub use read::read_export;
pub use s3::S3;
pub use single::{is_export, read_single};
pub use sink::{ExportSink, FileHead, Format, ObjectHead, ObjectSummary, Record};

#[cfg(test)]
mod tests;
