//! Links and steps that work once, for a while.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::OperatorId;

/// What a ticket is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Making the first administrator.
    SetUp,
    /// Choosing a first password.
    Invitation,
    /// Choosing another password.
    PasswordReset,
    /// Giving the second factor after the password.
    SecondFactor,
    /// Coming back from the identity provider.
    SingleSignOn,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::SecondFactor => "second_factor",
            Self::SingleSignOn => "single_sign_on",
        }
    }
}

/// A ticket as stored.
#[derive(Debug, Clone)]
pub(crate) struct TicketRow {
    pub(crate) hash: [u8; 32],
    pub(crate) purpose: Purpose,
    pub(crate) operator: Option<OperatorId>,
    /// What is to be remembered until it is used, sealed.
    pub(crate) contents: Option<Vec<u8>>,
    /// How often somebody failed with it.
    pub(crate) tries: i64,
    pub(crate) expires_at: Timestamp,
}

/// Writes a new ticket, and forgets those that have run out.
pub(crate) async fn insert(tx: &mut Tx, ticket: &TicketRow) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM ticket WHERE expires_at <= $1", args![now])
        .await?;
    tx.execute(
        "INSERT INTO ticket (hash, purpose, operator, contents, tries, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![
            ticket.hash,
            ticket.purpose.name(),
            ticket.operator.map(|id| id.to_string()),
            ticket.contents.clone(),
            ticket.tries,
            now,
            ticket.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// The ticket of this hash and purpose, while it is good.
pub(crate) async fn find(tx: &mut Tx, hash: &[u8; 32], purpose: Purpose) -> Result<Option<TicketRow>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_optional(
            "SELECT * FROM ticket WHERE hash = $1 AND purpose = $2 AND expires_at > $3",
            args![hash, purpose.name(), now],
        )
        .await?;
    row.map(|row| {
        Ok(TicketRow {
            hash: row.get("hash")?,
            purpose,
            operator: row.parse_optional("operator")?,
            contents: row.get("contents")?,
            tries: row.get("tries")?,
            expires_at: row.get("expires_at")?,
        })
    })
    .transpose()
}

/// Uses a ticket up; false where somebody else was quicker.
pub(crate) async fn use_up(tx: &mut Tx, hash: &[u8; 32]) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM ticket WHERE hash = $1", args![hash]).await? > 0)
}

/// Counts a failure with it.
pub(crate) async fn failed(tx: &mut Tx, hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute("UPDATE ticket SET tries = tries + 1 WHERE hash = $1", args![hash])
        .await?;
    Ok(())
}

/// Makes the operator's tickets of this purpose worthless.
pub(crate) async fn withdraw(tx: &mut Tx, operator: OperatorId, purpose: Purpose) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM ticket WHERE operator = $1 AND purpose = $2",
        args![operator, purpose.name()],
    )
    .await?;
    Ok(())
}

/// Makes all tickets of this purpose worthless.
pub(crate) async fn withdraw_all(tx: &mut Tx, purpose: Purpose) -> Result<(), StoreError> {
    tx.execute("DELETE FROM ticket WHERE purpose = $1", args![purpose.name()])
        .await?;
    Ok(())
}

/// Until when the operator's newest ticket of this purpose is good.
pub(crate) async fn good_until(
    tx: &mut Tx,
    operator: OperatorId,
    purpose: Purpose,
) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_optional(
            "SELECT expires_at FROM ticket WHERE operator = $1 AND purpose = $2 AND expires_at > $3 \
             ORDER BY expires_at DESC LIMIT 1",
            args![operator, purpose.name(), now],
        )
        .await?;
    row.map(|row| row.get("expires_at")).transpose()
}
