//! Requests that may ask the same: found when one is made, linked, and shown on both.

use jiff::Timestamp;
use privacy::{
    IdentityType,
    audit::{Detail, Event, Fact},
};
use serde::Serialize;
use store::{StoreError, Tx};

use super::case::Case;
use crate::{By, RequestId, rows};

/// A request that may ask the same as another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PossibleDuplicate {
    /// Its id.
    pub id: RequestId,
    /// What people quote.
    pub reference: String,
    /// Where it stands.
    pub state: String,
    /// When it was taken in.
    pub created_at: Timestamp,
}

/// The requests that a new one may repeat.
pub(super) async fn search(
    tx: &mut Tx,
    new: &super::NewRequest,
    identities: &[(IdentityType, [u8; 32])],
    window: jiff::SignedDuration,
) -> Result<Vec<RequestId>, StoreError> {
    let since = tx.now().saturating_sub(window).unwrap_or(Timestamp::MIN);
    rows::duplicate::search(tx, new.right, identities, since).await
}

impl Case {
    /// Links the request that is being made with those that it may repeat.
    pub(super) async fn link_duplicates(&mut self, earlier: &[RequestId], by: &By) -> Result<(), StoreError> {
        let id = self.request.id;
        for other in earlier {
            rows::duplicate::link(&mut self.tx, id, *other).await?;
        }
        if let Some(newest) = earlier.first() {
            let facts = [
                (Detail::Count, Fact::Number(earlier.len() as u64)),
                (Detail::Target, Fact::code(&newest.to_string())),
            ];
            self.audit(Event::RequestDuplicateFound, facts, by);
        }
        Ok(())
    }
}

/// The requests that are linked with one.
pub(super) async fn of_request(tx: &mut Tx, id: RequestId) -> Result<Vec<PossibleDuplicate>, StoreError> {
    let others = rows::duplicate::of_request(tx, id).await?.into_iter();
    Ok(others
        .map(|other| PossibleDuplicate {
            id: other.id,
            reference: other.reference.to_string(),
            state: other.state,
            created_at: other.created_at,
        })
        .collect())
}
