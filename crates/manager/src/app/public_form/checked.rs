//! A form that can be used.

use privacy::{Identities, IdentityType, Personal, Right, identity::IdentityProblem};
use sha2::{Digest as _, Sha256};

use super::{Company, FormFault, MOST_MESSAGE, SentForm};

/// A form that can be used.
pub(super) struct Checked {
    pub(super) right: Right,
    pub(super) identities: Identities,
    /// The legal framework of the place; none: the usual one.
    pub(super) framework: Option<String>,
    pub(super) message: Option<Personal>,
}

impl Checked {
    /// Reads a form, or tells everything that is wrong with it.
    pub(super) fn read(form: &SentForm, company: &Company) -> Result<Self, Vec<(&'static str, FormFault)>> {
        let centre = &company.privacy_centre;
        let mut faults = Vec::new();
        let right = form.right.filter(|right| centre.offers(*right));
        if right.is_none() {
            faults.push(("right", FormFault::Missing));
        }
        let email = form.email.trim();
        if email.is_empty() {
            faults.push(("email", FormFault::Missing));
        } else if let Err(error) = IdentityType::Email.accept(email) {
            faults.push(("email", fault(error.problem)));
        }
        let mut given = vec![(IdentityType::Email, email)];
        for (kind, value) in &form.others {
            let value = value.trim();
            if value.is_empty() || !centre.identifiers.contains(kind) {
                continue;
            }
            match kind.accept(value) {
                Ok(_) => given.push((*kind, value)),
                Err(error) => faults.push((kind.name(), fault(error.problem))),
            }
        }
        let message = form.message.trim().replace("\r\n", "\n");
        if message.chars().count() > MOST_MESSAGE {
            faults.push(("message", FormFault::TooLong));
        } else if message.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            faults.push(("message", FormFault::Unreadable));
        }
        let identities = Identities::parse(given.into_iter().map(|(kind, value)| (kind.name(), value)));
        match (right, identities) {
            (Some(right), Ok(identities)) if faults.is_empty() => Ok(Self {
                right,
                identities,
                framework: company.framework_of(&form.place).map(|law| law.id.to_string()),
                message: (!message.is_empty()).then(|| Personal::new(message)),
            }),
            _ => Err(faults),
        }
    }

    /// By which the same form, sent again, is known: its id and all that it says.
    pub(super) fn hash(&self, form_id: &str) -> [u8; 32] {
        let identities = self.identities.reveal_json();
        let message = self.message.as_ref().map(|message| message.reveal().as_bytes());
        let parts = [
            form_id.as_bytes(),
            self.right.name().as_bytes(),
            self.framework.as_deref().unwrap_or_default().as_bytes(),
            identities.reveal(),
            message.unwrap_or_default(),
        ];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

const fn fault(problem: IdentityProblem) -> FormFault {
    match problem {
        IdentityProblem::Empty => FormFault::Missing,
        IdentityProblem::TooLong => FormFault::TooLong,
        IdentityProblem::NotAnAddress => FormFault::NotAnAddress,
        IdentityProblem::Nul | IdentityProblem::UnknownType | IdentityProblem::Unreadable => FormFault::Unreadable,
    }
}
