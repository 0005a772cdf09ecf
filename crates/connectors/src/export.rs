//! Exports: where one may be fetched from, fetching it, and reading what is in it as if an enemy had made it.

mod error;
mod fetch;
mod found;
mod hosts;
mod limits;
mod location;
mod s3;
mod sink;

pub use error::ExportError;
pub use fetch::{Export, fetch};
pub use found::Found;
pub use hosts::{HostError, HostPattern};
pub use limits::Limits;
pub use location::{ExportLocation, export_request};
pub use s3::S3;
pub use sink::{ExportSink, FileHead, Format, ObjectHead, Record};
