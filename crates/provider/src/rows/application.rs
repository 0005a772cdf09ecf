//! Registered applications. A deleted one stays as a row, so that its id is never handed out again.

use jiff::Timestamp;
use oauth::{Client, ClientId, RedirectUri};
use store::{Row, StoreError, Tx, args};

use super::counter;
use crate::AccountId;

/// An application as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredApplication {
    pub(crate) client: Client,
    pub(crate) account: AccountId,
    /// The account's name: who registered it.
    pub(crate) account_name: String,
    pub(crate) name: String,
    pub(crate) secret_hash: Option<Vec<u8>>,
    /// The secret before it, and until when it counts.
    pub(crate) old_secret: Option<(Vec<u8>, Timestamp)>,
    pub(crate) created_at: Timestamp,
}

const SELECT: &str = "SELECT application.*, account.name AS account_name FROM application \
                      JOIN account ON account.id = application.account_id WHERE application.deleted_at IS NULL";

pub(crate) async fn next_id(tx: &mut Tx) -> Result<ClientId, StoreError> {
    let number = counter::next(tx, "client").await?;
    ClientId::new(number).map_err(|_| StoreError::Corrupt {
        what: "counter",
        reason: "client ids are positive".to_owned(),
    })
}

pub(crate) async fn insert(
    tx: &mut Tx,
    client: &Client,
    account: AccountId,
    name: &str,
    secret_hash: Option<[u8; 32]>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO application (client_id, account_id, name, client_type, redirect_uris, grants, pkce_required, \
         secret_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            client.id.number(),
            account,
            name,
            client.client_type.as_str(),
            uris(client),
            client.grants.to_string(),
            client.pkce_required,
            secret_hash,
            now
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn update(tx: &mut Tx, client: &Client, name: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE application SET name = $2, redirect_uris = $3, grants = $4, pkce_required = $5 WHERE client_id = $1",
        args![
            client.id.number(),
            name,
            uris(client),
            client.grants.to_string(),
            client.pkce_required
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_secret(
    tx: &mut Tx,
    id: ClientId,
    secret_hash: [u8; 32],
    old: Option<(Vec<u8>, Timestamp)>,
) -> Result<(), StoreError> {
    let (old_hash, old_until) = old.unzip();
    tx.execute(
        "UPDATE application SET secret_hash = $2, old_secret_hash = $3, old_secret_until = $4 WHERE client_id = $1",
        args![id.number(), secret_hash, old_hash, old_until],
    )
    .await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, id: ClientId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE application SET deleted_at = $2, secret_hash = NULL, old_secret_hash = NULL, old_secret_until = NULL \
         WHERE client_id = $1 AND deleted_at IS NULL",
        args![id.number(), now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_id(tx: &mut Tx, id: ClientId) -> Result<Option<StoredApplication>, StoreError> {
    let row = tx
        .fetch_optional(
            store::AssertSqlSafe(format!("{SELECT} AND client_id = $1")),
            args![id.number()],
        )
        .await?;
    row.as_ref().map(application).transpose()
}

pub(crate) async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<StoredApplication>, StoreError> {
    let rows = tx
        .fetch_all(
            store::AssertSqlSafe(format!("{SELECT} AND account_id = $1 ORDER BY client_id")),
            args![account],
        )
        .await?;
    rows.iter().map(application).collect()
}

fn uris(client: &Client) -> String {
    let uris: Vec<_> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    serde_json::json!(uris).to_string()
}

fn application(row: &Row) -> Result<StoredApplication, StoreError> {
    let corrupt = |reason: &str| StoreError::Corrupt {
        what: "application",
        reason: reason.to_owned(),
    };
    let uris: Vec<String> = row.json("redirect_uris")?;
    let client = Client {
        id: ClientId::new(row.get("client_id")?).map_err(|_| corrupt("its client id is not positive"))?,
        client_type: row.parse("client_type")?,
        redirect_uris: uris.into_iter().map(RedirectUri::stored).collect(),
        grants: row.parse("grants")?,
        pkce_required: row.get("pkce_required")?,
    };
    let old_hash: Option<Vec<u8>> = row.get("old_secret_hash")?;
    Ok(StoredApplication {
        client,
        account: AccountId(row.get("account_id")?),
        account_name: row.get("account_name")?,
        name: row.get("name")?,
        secret_hash: row.get("secret_hash")?,
        old_secret: old_hash.zip(row.get("old_secret_until")?),
        created_at: row.get("created_at")?,
    })
}
