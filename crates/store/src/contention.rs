//! Work that the database gave up for the sake of another transaction, carried out again.

use std::{error::Error, future::Future};

use crate::{StoreError, error::DatabaseError};

/// How often one piece of work is carried out before its failure is believed.
const TIMES: u32 = 5;

/// Carries `work` out, again where PostgreSQL ended its transaction to let another one go on (deadlock, failed
/// serialization), whatever the error is called by then: it stands among its sources. The work begins its transaction
/// itself and has no effect outside of it. SQLite has one writer, and nothing to do again.
///
/// What somebody waits for and that writes goes through here; durable work comes again by itself.
pub async fn retried<T, E, F>(work: impl Fn() -> F) -> Result<T, E>
where
    E: Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let mut times = 1;
    loop {
        match work().await {
            Err(error) if is_contended(&error) && times < TIMES => times += 1,
            outcome => return outcome,
        }
    }
}

/// Whether nothing of the work was kept, and it can be carried out again as it is.
fn is_contended(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        // A transparent error names the sources of what it wraps, not what it wraps.
        let store = error.downcast_ref::<StoreError>().map(StoreError::is_contended);
        let database = error.downcast_ref::<DatabaseError>().map(DatabaseError::is_contended);
        if store.or(database).unwrap_or_default() {
            return true;
        }
        next = error.source();
    }
    false
}
