//! Requests that may ask the same.

use jiff::Timestamp;
use privacy::{IdentityType, Reference, Right};
use store::{StoreError, Tx, args};

use crate::RequestId;

/// Another request of the same subject.
#[derive(Debug, Clone)]
pub(crate) struct Other {
    pub(crate) id: RequestId,
    pub(crate) reference: Reference,
    pub(crate) state: String,
    pub(crate) created_at: Timestamp,
}

/// Requests for the same right of a subject known by one of these, open or made since `since`; the newest first.
pub(crate) async fn search(
    tx: &mut Tx,
    right: Right,
    identities: &[(IdentityType, [u8; 32])],
    since: Timestamp,
) -> Result<Vec<RequestId>, StoreError> {
    let mut found: Vec<RequestId> = Vec::new();
    for (kind, hash) in identities {
        // In the order of the index over identities: in that of requests, SQLite would walk along all of them for each
        // request that is made.
        let rows = tx
            .fetch_all(
                "SELECT r.id FROM request_identity i JOIN request r ON r.id = i.request \
                 WHERE i.hash = $1 AND i.identifier_type = $2 AND r.request_type = $3 \
                 AND (r.state <> 'closed' OR r.created_at >= $4) ORDER BY i.request DESC LIMIT 20",
                args![hash, kind.name(), right.name(), since],
            )
            .await?;
        for row in rows {
            let id = row.parse("id")?;
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    Ok(found)
}

/// Links a request with an earlier one.
pub(crate) async fn link(tx: &mut Tx, request: RequestId, earlier: RequestId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO request_duplicate (request, earlier) VALUES ($1, $2) ON CONFLICT (request, earlier) DO NOTHING",
        args![request, earlier],
    )
    .await?;
    Ok(())
}

/// The requests that are linked with this one, earlier and later, in the order of their making.
pub(crate) async fn of_request(tx: &mut Tx, request: RequestId) -> Result<Vec<Other>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT r.id, r.reference, r.state, r.created_at FROM request r WHERE r.id IN \
             (SELECT earlier FROM request_duplicate WHERE request = $1 \
             UNION SELECT request FROM request_duplicate WHERE earlier = $1) ORDER BY r.id LIMIT 50",
            args![request],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Other {
                id: row.parse("id")?,
                reference: row.parse("reference")?,
                state: row.get("state")?,
                created_at: row.get("created_at")?,
            })
        })
        .collect()
}
