//! The data subject's side of a request: the links in their mails, and what they can do with them.

mod download;
mod link;
mod tell;
mod view;
mod written;

pub use download::{DownloadError, DownloadPage};
pub(crate) use tell::{REMIND_AFTER, REMIND_BEFORE};
pub use view::{SubjectError, SubjectRequest};
pub(crate) use written::WrittenTo;
