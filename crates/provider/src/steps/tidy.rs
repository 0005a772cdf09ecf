//! Forgetting what has ended: sessions, requests nobody answered, codes, implicit grants, replaced refresh tokens.
//!
//! A log-in or an authorization request puts this on its lane for an hour later, at most once; where nobody comes,
//! there is nothing to forget.

use jiff::SignedDuration;
use store::{
    StoreError, Tx,
    jobs::{Lease, NewJob, StepError},
};

use super::TIDY;
use crate::{Provider, app::throttles::WINDOW, rows};

const LATER: SignedDuration = SignedDuration::from_hours(1);

/// How long ended things are kept: a code that is used again is recognised for so long (AS-23).
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long an administrator sees that an invitation ran out.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Sees to it that it will be done, in this commit.
pub(crate) fn enqueue(tx: &mut Tx) {
    let run_at = tx.now().saturating_add(LATER).unwrap_or(jiff::Timestamp::MAX);
    tx.enqueue(NewJob {
        kind: TIDY,
        lane: "tidy".to_owned(),
        run_at,
        payload: serde_json::json!({}),
        key: Some("tidy".to_owned()),
    });
}

pub(super) async fn run(provider: &Provider, lease: &Lease) -> Result<(), StepError> {
    let mut tx = provider.store().write().await?;
    tidy(provider, &mut tx).await?;
    tx.finish(lease).await?;
    Ok(tx.commit().await?)
}

async fn tidy(provider: &Provider, tx: &mut Tx) -> Result<(), StoreError> {
    let now = tx.now();
    let before = |term: SignedDuration| now.saturating_sub(term).unwrap_or(jiff::Timestamp::MIN);
    let lifetime = provider.session_lifetime();
    rows::wrong_attempt::delete_before(tx, before(WINDOW)).await?;
    rows::session::delete_ended(tx, before(lifetime.idle), before(lifetime.absolute)).await?;
    rows::half_log_in::delete_before(tx, before(KEPT)).await?;
    rows::password_reset::delete_before(tx, before(KEPT)).await?;
    rows::invitation::delete_before(tx, before(FORGOTTEN)).await?;
    rows::authorization_request::delete_before(tx, before(KEPT)).await?;
    rows::code::delete_before(tx, before(KEPT)).await?;
    rows::grant::delete_expired(tx, before(KEPT)).await?;
    rows::refresh_token::delete_orphans(tx, before(KEPT)).await?;
    Ok(())
}
