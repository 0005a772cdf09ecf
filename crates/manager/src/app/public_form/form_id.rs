//! The id a form is shown with: it says when, nobody can make one up, and it is the task that a browser solves.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::Manager;

/// How long a form can be sent after it was shown.
const LASTS: SignedDuration = SignedDuration::from_hours(24);

/// How many bits of the hash of id and solution are zero: some 65,000 attempts, a second or two on a phone.
pub const FORM_ZERO_BITS: u32 = 16;

const PURPOSE: &str = "public-form";

impl Manager {
    /// An id for a form that is shown now.
    pub fn new_form_id(&self) -> String {
        let mut id = self.now().as_second().to_be_bytes().to_vec();
        id.extend(vault::random_bytes::<16>(&**self.store().entropy()));
        id.extend(self.vault().mac(PURPOSE).sign(&id));
        URL_SAFE_NO_PAD.encode(id)
    }

    /// Whether a form with this id can still be sent.
    pub(super) fn is_form_id(&self, id: &str) -> bool {
        let shown_at = || {
            let bytes = URL_SAFE_NO_PAD.decode(id).ok()?;
            let (said, tag) = bytes.split_at_checked(24)?;
            if !self.vault().mac(PURPOSE).verify(said, tag) {
                return None;
            }
            let (second, _) = said.split_first_chunk::<8>()?;
            Timestamp::from_second(i64::from_be_bytes(*second)).ok()
        };
        shown_at().is_some_and(|shown_at| {
            let until = shown_at.saturating_add(LASTS).unwrap_or(Timestamp::MAX);
            self.now() < until
        })
    }
}

/// Whether `solution` solves the task of a form.
pub(super) fn solves(form_id: &str, solution: &str) -> bool {
    if solution.is_empty() || solution.len() > 20 {
        return false;
    }
    let hash: [u8; 32] = Sha256::digest(format!("{form_id}.{solution}")).into();
    let (first, _) = hash.split_first_chunk::<4>().unwrap_or((&[0xff; 4], &[]));
    u32::from_be_bytes(*first).leading_zeros() >= FORM_ZERO_BITS
}
