//! How often somebody may fail (SEC-4). Three counts stand against guessing, and none of them keeps the owner of an
//! account out for another's guesses: by address in a minute; by address and account, and by account from everywhere, in
//! an hour. A browser that has let the owner in before has a count of its own, which others can't use up.

use std::time::Duration;

use store::{StoreError, Tx};

use super::Visitor;
use crate::{Manager, OperatorId, rows};

/// From one address, in a minute.
const FROM_AN_ADDRESS: i64 = 10;
/// From one address against one account, or from a known browser, in an hour.
const FROM_AN_ADDRESS_AT_AN_ACCOUNT: i64 = 20;
/// Against one account from everywhere, in an hour.
const AT_AN_ACCOUNT: i64 = 200;
/// Wrong codes after the right password, in an hour.
const WRONG_CODES: i64 = 10;

const HOUR: i64 = 60;

/// Whose tries are counted.
pub(crate) struct Counted {
    address: [u8; 32],
    pair: [u8; 32],
    account: Option<[u8; 32]>,
}

impl Manager {
    /// What counts when `visitor` tries the account behind `account`, the blind index of what they typed. `operator` is
    /// whose it is, if anybody's.
    pub(crate) fn counted(&self, visitor: &Visitor, account: &[u8; 32], operator: Option<OperatorId>) -> Counted {
        let index = |kind: &str, text: &str| self.vault().blind_index(kind, text);
        let (place, account) = (visitor.place(), crate::hex::hex(account));
        let known = operator.is_some_and(|operator| self.knows_device(visitor, operator));
        let pair = match &visitor.device {
            Some(device) if known => index("log-in.device", device.reveal()),
            _ => index("log-in.pair", &format!("{place} {account}")),
        };
        Counted {
            address: index("log-in.address", &place),
            pair,
            account: (!known).then(|| index("log-in.account", &account)),
        }
    }
}

/// How long to wait before another try, if one must.
pub(crate) async fn wait(tx: &mut Tx, counted: &Counted) -> Result<Option<Duration>, StoreError> {
    let failures =
        async |tx: &mut Tx, subject: &[u8; 32], minutes| rows::failed_log_in::recent(tx, subject, minutes).await;
    if failures(tx, &counted.address, 1).await? >= FROM_AN_ADDRESS {
        let into_minute = u64::try_from(tx.now().as_second().rem_euclid(60)).unwrap_or(0);
        return Ok(Some(Duration::from_secs(60 - into_minute)));
    }
    let many = failures(tx, &counted.pair, HOUR).await? >= FROM_AN_ADDRESS_AT_AN_ACCOUNT
        || match &counted.account {
            Some(account) => failures(tx, account, HOUR).await? >= AT_AN_ACCOUNT,
            None => false,
        };
    Ok(many.then_some(Duration::from_mins(10)))
}

/// Counts a failure.
pub(crate) async fn failed(tx: &mut Tx, counted: &Counted) -> Result<(), StoreError> {
    rows::failed_log_in::count(tx, &counted.address).await?;
    rows::failed_log_in::count(tx, &counted.pair).await?;
    if let Some(account) = &counted.account {
        rows::failed_log_in::count(tx, account).await?;
    }
    Ok(())
}

/// Whether another code of the authenticator may be tried for this operator: six digits are soon guessed.
pub(crate) async fn may_try_code(manager: &Manager, tx: &mut Tx, operator: OperatorId) -> Result<bool, StoreError> {
    let subject = code_subject(manager, operator);
    Ok(rows::failed_log_in::recent(tx, &subject, HOUR).await? < WRONG_CODES)
}

/// Counts a wrong code.
pub(crate) async fn code_failed(manager: &Manager, tx: &mut Tx, operator: OperatorId) -> Result<(), StoreError> {
    rows::failed_log_in::count(tx, &code_subject(manager, operator)).await
}

fn code_subject(manager: &Manager, operator: OperatorId) -> [u8; 32] {
    manager.vault().blind_index("log-in.code", &operator.to_string())
}
