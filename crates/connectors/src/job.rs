//! What is asked of a vendor, and what it says about it.

use jiff::Timestamp;
use privacy::{IdentityType, Personal, Right};
use serde_json::Value;

use crate::export::ExportLocation;

/// One job to submit: one right over one kind of data for one identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRequest {
    /// Access or deletion.
    pub right: Right,
    /// The vendor's word for the kind of data, such as `visitor`.
    pub data_type: String,
    /// What kind of identifier it is.
    pub identifier_type: IdentityType,
    /// The identifier, as the subject gave it.
    pub identifier: Personal,
}

/// What a connection can do for a request: the jobs, and what was left out and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// One per kind of data and identifier. None means that the connection can't act; `left_out` says why.
    pub jobs: Vec<JobRequest>,
    /// Kinds of data and of identifier that are not asked for.
    pub left_out: Vec<LeftOut>,
}

/// Something that a plan leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The vendor's word for the kind of data, where it is about one.
    pub data_type: Option<String>,
    /// The kind of identifier, where it is about one.
    pub identifier_type: Option<IdentityType>,
    /// Why, in words for people.
    pub reason: &'static str,
}

/// A job as the vendor describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorJob {
    /// The vendor's id.
    pub id: String,
    /// How far it is.
    pub state: VendorState,
    /// The vendor's own word for that, shown to people.
    pub raw_status: String,
    /// What it is about, as far as the answer says: compare it with [`VendorJob::disagreement`].
    pub about: About,
    /// When the vendor took it.
    pub requested_at: Option<Timestamp>,
    /// When the vendor began.
    pub started_at: Option<Timestamp>,
    /// When the vendor promises to be done.
    pub expected_by: Option<Timestamp>,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
    /// When the export goes.
    pub expires_at: Option<Timestamp>,
    /// Where the export lies.
    pub export_location: Option<ExportLocation>,
    /// The answer whole, unknown fields too. It holds the identifier and the export's location.
    pub raw: Personal<Value>,
}

/// How far a vendor's job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorState {
    /// Taken, not begun.
    Pending,
    /// Being done.
    Processing,
    /// Done; an access job has an export.
    Completed,
    /// Given up by the vendor.
    Failed,
    /// A word that we don't know: keep waiting and warn (CL-22). `raw_status` has it.
    Unknown,
}

impl VendorState {
    /// Whether polling on is of no use.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// What a vendor's job is about, in the vendor's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Access or deletion; `None` for a word that we don't know.
    pub right: Option<Right>,
    /// The kind of data.
    pub data_type: Option<String>,
    /// The kind of identifier; `None` for a word that we don't know.
    pub identifier_type: Option<IdentityType>,
    /// The identifier.
    pub identifier: Option<Personal>,
    /// The vendor's account.
    pub account_id: Option<String>,
}

impl VendorJob {
    /// The first field in which this is not about `sent` under `account_id` (CL-23); `None` if it is. An answer that
    /// doesn't name its account can't contradict ours.
    pub fn disagreement(&self, sent: &JobRequest, account_id: Option<&str>) -> Option<&'static str> {
        let about = &self.about;
        let same_identifier = |theirs: &Personal| {
            // A vendor may store an address in its normal form; it is the same person's.
            let normal = |value: &Personal| sent.identifier_type.normalize(value.reveal());
            normal(theirs) == normal(&sent.identifier)
        };
        if about.right != Some(sent.right) {
            Some("request_type")
        } else if about.data_type.as_ref() != Some(&sent.data_type) {
            Some("data_type")
        } else if about.identifier_type != Some(sent.identifier_type) {
            Some("identifier_type")
        } else if !about.identifier.as_ref().is_some_and(same_identifier) {
            Some("identifier")
        } else if about.account_id.is_some() && account_id.is_some() && about.account_id.as_deref() != account_id {
            Some("account_id")
        } else {
            None
        }
    }
}
