//! What to ask for: one job for each kind of data and each identifier.

use privacy::{Identities, IdentityType, Right};

use super::settings::{Configured, DataType};
use crate::job::{JobRequest, LeftOut, Plan};

/// The vendor's limit for an identifier, in characters.
const LONGEST_IDENTIFIER: usize = 355;

/// The jobs for `right` over `identities`, in the order of the settings.
pub(super) fn plan(settings: &Configured, right: Right, identities: &Identities) -> Plan {
    let mut plan = Plan::default();
    let mut leave_out = |data_type: Option<DataType>, identifier_type, reason| {
        let data_type = data_type.map(|data_type| data_type.name().to_owned());
        plan.left_out.push(LeftOut {
            data_type,
            identifier_type,
            reason,
        });
    };
    let mut usable = Vec::new();
    for (identifier_type, identifier) in identities.iter() {
        match objection(identifier.reveal()) {
            _ if !settings.identifier_types.contains(&identifier_type) => {
                leave_out(
                    None,
                    Some(identifier_type),
                    "the connection's settings leave this kind of identifier out",
                );
            }
            Some(objection) => leave_out(None, Some(identifier_type), objection),
            None => usable.push((identifier_type, identifier)),
        }
    }
    let mut jobs = Vec::new();
    for data_type in &settings.data_types {
        // The vendor knows its customers' collaborators by their mail address alone (CL-33).
        let knows = |kind: IdentityType| *data_type == DataType::Visitor || kind == IdentityType::Email;
        let before = jobs.len();
        for (identifier_type, identifier) in usable.iter().filter(|(kind, _)| knows(*kind)) {
            jobs.push(JobRequest {
                right,
                data_type: data_type.name().to_owned(),
                identifier_type: *identifier_type,
                identifier: (*identifier).clone(),
            });
        }
        if jobs.len() == before {
            let reason = match data_type {
                DataType::User => "no e-mail address is given, and collaborators are known by nothing else",
                DataType::Visitor => "no identifier is given that the vendor knows visitors by",
            };
            leave_out(Some(*data_type), None, reason);
        }
    }
    plan.jobs = jobs;
    plan
}

/// Why the vendor would not take this identifier, if so.
pub(super) fn objection(identifier: &str) -> Option<&'static str> {
    if identifier.is_empty() {
        Some("the identifier is empty")
    } else if identifier.contains('\0') {
        Some("the identifier holds a NUL character")
    } else if identifier.chars().count() > LONGEST_IDENTIFIER {
        Some("the identifier is longer than 355 characters")
    } else {
        None
    }
}
