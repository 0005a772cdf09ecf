//! Operators.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{OperatorId, Role};

/// An operator as stored.
#[derive(Debug, Clone)]
pub(crate) struct OperatorRow {
    pub(crate) id: OperatorId,
    /// The mail address, sealed.
    pub(crate) email: Vec<u8>,
    pub(crate) role: Role,
    /// argon2id, in PHC form.
    pub(crate) password_hash: String,
    pub(crate) deactivated_at: Option<Timestamp>,
}

impl OperatorRow {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            email: row.get("email")?,
            role: row.parse("role")?,
            password_hash: row.get("password_hash")?,
            deactivated_at: row.get("deactivated_at")?,
        })
    }
}

/// Writes a new operator; a duplicate where the mail address is known.
pub(crate) async fn insert(tx: &mut Tx, operator: &OperatorRow, email_index: &[u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO operator (id, email_index, email, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            operator.id,
            email_index,
            &operator.email,
            operator.role.name(),
            &operator.password_hash,
            now
        ],
    )
    .await?;
    Ok(())
}

/// The operator with this mail address.
pub(crate) async fn by_email(tx: &mut Tx, email_index: &[u8; 32]) -> Result<Option<OperatorRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM operator WHERE email_index = $1", args![email_index])
        .await?;
    row.as_ref().map(OperatorRow::from_row).transpose()
}

/// Those of these roles who may log in.
pub(crate) async fn of_roles(tx: &mut Tx, roles: &[Role]) -> Result<Vec<OperatorRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM operator WHERE deactivated_at IS NULL ORDER BY created_at, id",
            args![],
        )
        .await?;
    let mut operators = rows.iter().map(OperatorRow::from_row).collect::<Result<Vec<_>, _>>()?;
    operators.retain(|operator| roles.contains(&operator.role));
    Ok(operators)
}

/// Whether there is any operator: a fresh manager has none.
pub(crate) async fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    let row = tx.fetch_optional("SELECT id FROM operator LIMIT 1", args![]).await?;
    Ok(row.is_some())
}
