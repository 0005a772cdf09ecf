//! What an account has in the subject store: its data key, its data sources, how many requests it has made.

use store::{StoreError, Tx, args};
use vault::{DataKey, Place, Vault, WrappedKey};

use crate::{AccountId, DataSource};

/// Begins one more request: the account's data key and the request's number within the account, from 1.
pub(crate) async fn next_request(tx: &mut Tx, vault: &Vault, account: AccountId) -> Result<(DataKey, i64), StoreError> {
    create(tx, vault, account).await?;
    let row = tx
        .fetch_one(
            "UPDATE subject_account SET requests = requests + 1 WHERE account_id = $1 RETURNING wrapped_key, requests",
            args![account],
        )
        .await?;
    Ok((open(vault, account, row.get("wrapped_key")?)?, row.get("requests")?))
}

/// Makes room for `count` records: the account's data key and the first record's place in the order.
pub(crate) async fn next_records(
    tx: &mut Tx,
    vault: &Vault,
    account: AccountId,
    count: i64,
) -> Result<(DataKey, i64), StoreError> {
    create(tx, vault, account).await?;
    let row = tx
        .fetch_one(
            "UPDATE subject_account SET next_seq = next_seq + $2 WHERE account_id = $1 RETURNING wrapped_key, next_seq",
            args![account, count],
        )
        .await?;
    let key = open(vault, account, row.get("wrapped_key")?)?;
    Ok((key, row.get::<i64>("next_seq")? - count))
}

/// The account's data key, if it ever had records or requests.
pub(crate) async fn key(tx: &mut Tx, vault: &Vault, account: AccountId) -> Result<Option<DataKey>, StoreError> {
    tx.fetch_optional(
        "SELECT wrapped_key FROM subject_account WHERE account_id = $1",
        args![account],
    )
    .await?
    .map(|row| open(vault, account, row.get("wrapped_key")?))
    .transpose()
}

/// How many requests the account has made.
pub(crate) async fn requests(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.fetch_optional(
        "SELECT requests FROM subject_account WHERE account_id = $1",
        args![account],
    )
    .await?
    .map_or(Ok(0), |row| row.get("requests"))
}

/// Notes that records of `source` were imported.
pub(crate) async fn add_source(tx: &mut Tx, account: AccountId, source: DataSource) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO subject_data_source (account_id, data_source) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        args![account, source.as_str()],
    )
    .await?;
    Ok(())
}

/// The data sources of which records were ever imported.
pub(crate) async fn sources(tx: &mut Tx, account: AccountId) -> Result<Vec<DataSource>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT data_source FROM subject_data_source WHERE account_id = $1 ORDER BY data_source",
            args![account],
        )
        .await?;
    rows.iter().map(|row| row.parse("data_source")).collect()
}

async fn create(tx: &mut Tx, vault: &Vault, account: AccountId) -> Result<(), StoreError> {
    let there = tx
        .fetch_optional(
            "SELECT 1 AS one FROM subject_account WHERE account_id = $1",
            args![account],
        )
        .await?;
    if there.is_some() {
        return Ok(());
    }
    let row = account.to_string();
    let (_, wrapped) = vault.new_data_key(&place(&row));
    tx.execute(
        "INSERT INTO subject_account (account_id, wrapped_key, next_seq, requests) VALUES ($1, $2, 1, 0) \
         ON CONFLICT DO NOTHING",
        args![account, wrapped.as_bytes()],
    )
    .await?;
    Ok(())
}

fn open(vault: &Vault, account: AccountId, wrapped: Vec<u8>) -> Result<DataKey, StoreError> {
    let row = account.to_string();
    let corrupt = |error: vault::OpenError| StoreError::Corrupt {
        what: "data key of an account",
        reason: error.to_string(),
    };
    let wrapped = WrappedKey::from_bytes(wrapped).map_err(corrupt)?;
    vault.unwrap(&place(&row), &wrapped).map_err(corrupt)
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "subject_account",
        column: "wrapped_key",
        row,
    }
}
