//! What may differ from request to request.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;

/// The settings that govern one request. They are computed once from the settings of the company, of the connections
/// that take part and of whoever made the request, and kept with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Automation may start the request once it is verified.
    pub auto_start: bool,
    /// Automation may approve the request once it can be reviewed.
    pub auto_approve: bool,
    /// How many people must approve it; at least one does.
    pub approvals: u8,
    /// Whoever made the request may not approve it (SEC-20).
    pub separate_approver: bool,
    /// Who made it, for `separate_approver`.
    pub requester: Option<Actor>,
    /// Of each of these groups somebody must be among those who approve; automation alone does not do then.
    pub approver_groups: Vec<Vec<Actor>>,
    /// Collect before a deletion, so that people see what will go.
    pub collect_before_delete: bool,
    /// How long a deletion waits after its approval; the subject may cancel meanwhile.
    pub grace: SignedDuration,
    /// Look again after a deletion whether anything is left.
    pub verify_erasure: bool,
    /// The subject is written to: what came of it, where to fetch it.
    pub notify: bool,
    /// How long the mailed verification link works.
    pub verification_ttl: SignedDuration,
    /// How long the mailed download link works.
    pub download_ttl: SignedDuration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            auto_start: false,
            auto_approve: false,
            approvals: 1,
            separate_approver: false,
            requester: None,
            approver_groups: Vec::new(),
            collect_before_delete: false,
            grace: SignedDuration::ZERO,
            verify_erasure: false,
            notify: false,
            verification_ttl: SignedDuration::from_hours(7 * 24),
            download_ttl: SignedDuration::from_hours(7 * 24),
        }
    }
}

impl Options {
    /// Whether automation may approve.
    pub const fn approves_by_rule(&self) -> bool {
        self.auto_approve && self.approver_groups.is_empty()
    }

    /// Whether the approvals of these are all that is needed.
    pub(super) fn is_enough(&self, approvals: &[Actor]) -> bool {
        let heard = |group: &Vec<Actor>| group.iter().any(|actor| approvals.contains(actor));
        approvals.len() >= usize::from(self.approvals) && self.approver_groups.iter().all(heard)
    }
}
