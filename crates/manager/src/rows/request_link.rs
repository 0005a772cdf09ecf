//! Links that were mailed to subjects.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::RequestId;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To see how the request is, to confirm it and to call it off.
    Status,
    /// To fetch the copy.
    Download,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Download => "download",
        }
    }
}

/// A link: the token itself is nowhere but in the mail.
#[derive(Debug, Clone)]
pub(crate) struct LinkRow {
    pub(crate) request: RequestId,
    /// When a newer link took its place.
    pub(crate) replaced_at: Option<Timestamp>,
}

/// Keeps a new link.
pub(crate) async fn insert(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    request: RequestId,
    purpose: Purpose,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO request_link (token_hash, request, purpose, created_at) VALUES ($1, $2, $3, $4)",
        args![token_hash, request, purpose.name(), now],
    )
    .await?;
    Ok(())
}

/// The link of this token.
pub(crate) async fn find(tx: &mut Tx, token_hash: &[u8; 32], purpose: Purpose) -> Result<Option<LinkRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT request, replaced_at FROM request_link WHERE token_hash = $1 AND purpose = $2",
            args![token_hash, purpose.name()],
        )
        .await?;
    row.map(|row| {
        Ok(LinkRow {
            request: row.parse("request")?,
            replaced_at: row.get("replaced_at")?,
        })
    })
    .transpose()
}

/// How many links of this purpose a request has had.
pub(crate) async fn count(tx: &mut Tx, request: RequestId, purpose: Purpose) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS links FROM request_link WHERE request = $1 AND purpose = $2",
        args![request, purpose.name()],
    )
    .await?
    .get("links")
}

/// The links of this purpose open nothing any more.
pub(crate) async fn replace(tx: &mut Tx, request: RequestId, purpose: Purpose) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE request_link SET replaced_at = $3 WHERE request = $1 AND purpose = $2 AND replaced_at IS NULL",
        args![request, purpose.name(), now],
    )
    .await?;
    Ok(())
}

/// Forgets all links of a request.
pub(crate) async fn forget(tx: &mut Tx, request: RequestId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM request_link WHERE request = $1", args![request])
        .await?;
    Ok(())
}
