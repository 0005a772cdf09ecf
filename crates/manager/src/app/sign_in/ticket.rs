//! Links and steps that work once: the secret goes out, its hash stays.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use oauth::Secret;
use sha2::{Digest as _, Sha256};
use store::{StoreError, Tx};
use vault::random_bytes;

use crate::{
    OperatorId,
    rows::{
        self,
        ticket::{Purpose, TicketRow},
    },
};

/// Makes a ticket that is good for `length`: its secret, and until when it is good (SEC-28: 256 random bits).
pub(crate) async fn issue(
    tx: &mut Tx,
    purpose: Purpose,
    operator: Option<OperatorId>,
    contents: Option<Vec<u8>>,
    length: SignedDuration,
) -> Result<(Secret, Timestamp), StoreError> {
    let secret = Secret::new(URL_SAFE_NO_PAD.encode(random_bytes::<32>(&**tx.entropy())));
    let expires_at = tx.now().saturating_add(length).unwrap_or(Timestamp::MAX);
    let row = TicketRow {
        hash: hash(&secret),
        purpose,
        operator,
        contents,
        tries: 0,
        expires_at,
    };
    rows::ticket::insert(tx, &row).await?;
    Ok((secret, expires_at))
}

/// The ticket of this secret, while it is good.
pub(crate) async fn find(tx: &mut Tx, secret: &Secret, purpose: Purpose) -> Result<Option<TicketRow>, StoreError> {
    rows::ticket::find(tx, &hash(secret), purpose).await
}

fn hash(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.reveal()).into()
}
