//! Authorization codes, by their hash.

use jiff::Timestamp;
use oauth::{AuthorizationCode, ClientId, Scope};
use store::{StoreError, Tx, args};

use crate::{AccountId, GrantId, UserId};

/// What a code stands for: the grant that its exchange makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Promised {
    pub(crate) grant: GrantId,
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
}

pub(crate) async fn insert(tx: &mut Tx, hash: [u8; 32], code: &AuthorizationCode<Promised>) -> Result<(), StoreError> {
    let Promised { grant, user, account } = code.grant;
    tx.execute(
        "INSERT INTO authorization_code (code_hash, grant_id, client_id, user_id, account_id, redirect_uri, challenge, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            hash,
            grant,
            code.client.number(),
            user,
            account,
            &code.redirect_uri,
            code.challenge.map(|challenge| challenge.to_string()),
            code.expires_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<AuthorizationCode<Promised>>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM authorization_code WHERE code_hash = $1", args![hash])
        .await?;
    row.map(|row| {
        Ok(AuthorizationCode {
            client: ClientId::new(row.get("client_id")?).map_err(|_| StoreError::Corrupt {
                what: "authorization_code",
                reason: "its client id is not positive".to_owned(),
            })?,
            redirect_uri: row.get("redirect_uri")?,
            challenge: row.parse_optional("challenge")?,
            scope: Scope::All,
            grant: Promised {
                grant: row.parse("grant_id")?,
                user: row.parse("user_id")?,
                account: AccountId(row.get("account_id")?),
            },
            expires_at: row.get("expires_at")?,
            redeemed_at: row.get("redeemed_at")?,
        })
    })
    .transpose()
}

pub(crate) async fn redeemed(tx: &mut Tx, hash: [u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE authorization_code SET redeemed_at = $2 WHERE code_hash = $1",
        args![hash, now],
    )
    .await?;
    Ok(())
}

/// Forgets codes that were not exchanged yet: of a user, and of one application and account only where they are given.
pub(crate) async fn delete_open(
    tx: &mut Tx,
    user: UserId,
    only: Option<(ClientId, AccountId)>,
) -> Result<(), StoreError> {
    match only {
        Some((client, account)) => {
            tx.execute(
                "DELETE FROM authorization_code WHERE user_id = $1 AND client_id = $2 AND account_id = $3 \
                 AND redeemed_at IS NULL",
                args![user, client.number(), account],
            )
            .await?
        }
        None => {
            tx.execute(
                "DELETE FROM authorization_code WHERE user_id = $1 AND redeemed_at IS NULL",
                args![user],
            )
            .await?
        }
    };
    Ok(())
}

/// Forgets the codes of a user for an account that were not exchanged.
pub(crate) async fn delete_open_of_member(tx: &mut Tx, user: UserId, account: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM authorization_code WHERE user_id = $1 AND account_id = $2 AND redeemed_at IS NULL",
        args![user, account],
    )
    .await?;
    Ok(())
}

pub(crate) async fn delete_before(tx: &mut Tx, expired_before: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM authorization_code WHERE expires_at < $1",
        args![expired_before],
    )
    .await?;
    Ok(())
}
