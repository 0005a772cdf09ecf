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
    /// argon2id, in PHC form; empty for who has none.
    pub(crate) password_hash: String,
    /// The language of mails to them.
    pub(crate) language: String,
    pub(crate) created_at: Timestamp,
    /// When they first could log in; until then they are invited.
    pub(crate) activated_at: Option<Timestamp>,
    pub(crate) deactivated_at: Option<Timestamp>,
    pub(crate) last_log_in_at: Option<Timestamp>,
    /// What their authenticator app shares with us, sealed.
    pub(crate) totp: Option<Vec<u8>>,
    /// The same while it is being enrolled.
    pub(crate) totp_pending: Option<Vec<u8>>,
    /// The last half minute whose code was used.
    pub(crate) totp_step: Option<i64>,
    /// The identity provider that knows them.
    pub(crate) sso_issuer: Option<String>,
    /// Who they are there.
    pub(crate) sso_subject: Option<String>,
}

impl OperatorRow {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            email: row.get("email")?,
            role: row.parse("role")?,
            password_hash: row.get("password_hash")?,
            language: row.get("language")?,
            created_at: row.get("created_at")?,
            activated_at: row.get("activated_at")?,
            deactivated_at: row.get("deactivated_at")?,
            last_log_in_at: row.get("last_log_in_at")?,
            totp: row.get("totp")?,
            totp_pending: row.get("totp_pending")?,
            totp_step: row.get("totp_step")?,
            sso_issuer: row.get("sso_issuer")?,
            sso_subject: row.get("sso_subject")?,
        })
    }

    /// Whether they may log in.
    pub(crate) const fn is_active(&self) -> bool {
        self.activated_at.is_some() && self.deactivated_at.is_none()
    }
}

/// Writes a new operator; a duplicate where the mail address is known.
pub(crate) async fn insert(tx: &mut Tx, operator: &OperatorRow, email_index: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO operator (id, email_index, email, role, password_hash, created_at) VALUES ($1, $2, $3, $4, '', $5)",
        args![
            operator.id,
            email_index,
            &operator.email,
            operator.role.name(),
            operator.created_at
        ],
    )
    .await?;
    save(tx, operator).await
}

/// Writes what may change of an operator, except the mail address.
pub(crate) async fn save(tx: &mut Tx, operator: &OperatorRow) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE operator SET role = $2, password_hash = $3, language = $4, activated_at = $5, deactivated_at = $6, \
         last_log_in_at = $7, totp = $8, totp_pending = $9, totp_step = $10, sso_issuer = $11, sso_subject = $12 \
         WHERE id = $1",
        args![
            operator.id,
            operator.role.name(),
            &operator.password_hash,
            &operator.language,
            operator.activated_at,
            operator.deactivated_at,
            operator.last_log_in_at,
            operator.totp.clone(),
            operator.totp_pending.clone(),
            operator.totp_step,
            operator.sso_issuer.clone(),
            operator.sso_subject.clone()
        ],
    )
    .await?;
    Ok(())
}

/// Writes another mail address; a duplicate where it is known.
pub(crate) async fn save_email(
    tx: &mut Tx,
    id: OperatorId,
    email: &[u8],
    email_index: &[u8; 32],
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE operator SET email = $2, email_index = $3 WHERE id = $1",
        args![id, email, email_index],
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
            "SELECT * FROM operator WHERE deactivated_at IS NULL AND activated_at IS NOT NULL ORDER BY created_at, id",
            args![],
        )
        .await?;
    let mut operators = rows.iter().map(OperatorRow::from_row).collect::<Result<Vec<_>, _>>()?;
    operators.retain(|operator| roles.contains(&operator.role));
    Ok(operators)
}

/// The operator whom the identity provider calls so.
pub(crate) async fn by_subject(tx: &mut Tx, issuer: &str, subject: &str) -> Result<Option<OperatorRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT * FROM operator WHERE sso_issuer = $1 AND sso_subject = $2",
            args![issuer, subject],
        )
        .await?;
    row.as_ref().map(OperatorRow::from_row).transpose()
}

/// The operator of this id.
pub(crate) async fn by_id(tx: &mut Tx, id: OperatorId) -> Result<Option<OperatorRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM operator WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(OperatorRow::from_row).transpose()
}

/// The same, held until the end of the transaction.
pub(crate) async fn locked(tx: &mut Tx, id: OperatorId) -> Result<Option<OperatorRow>, StoreError> {
    tx.lock("operator", &id.to_string()).await?;
    by_id(tx, id).await
}

/// All operators, oldest first. They are people of one company: a few.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<OperatorRow>, StoreError> {
    let rows = tx
        .fetch_all("SELECT * FROM operator ORDER BY created_at, id LIMIT 5000", args![])
        .await?;
    rows.iter().map(OperatorRow::from_row).collect()
}

/// Whether there is anybody who has got in: a fresh manager has nobody.
pub(crate) async fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT id FROM operator WHERE activated_at IS NOT NULL LIMIT 1",
            args![],
        )
        .await?;
    Ok(row.is_some())
}
