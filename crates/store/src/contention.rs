//! Work that the database gave up for the sake of another transaction, carried out again.

use std::future::Future;

use crate::StoreError;

/// How often one piece of work is carried out before its failure is believed.
const TIMES: u32 = 5;

/// An error of work that may have failed for the sake of another transaction.
pub trait Contended {
    /// Whether nothing of the work was kept, and it can be carried out again as it is.
    fn is_contended(&self) -> bool;
}

impl Contended for StoreError {
    fn is_contended(&self) -> bool {
        Self::is_contended(self)
    }
}

/// Carries `work` out, again where PostgreSQL ended its transaction to let another one go on (deadlock, failed
/// serialization). The work begins its transaction itself and has no effect outside of it. SQLite has one writer, and
/// nothing to do again.
pub async fn retried<T, E, F>(work: impl Fn() -> F) -> Result<T, E>
where
    E: Contended,
    F: Future<Output = Result<T, E>>,
{
    let mut times = 1;
    loop {
        match work().await {
            Err(error) if error.is_contended() && times < TIMES => times += 1,
            outcome => return outcome,
        }
    }
}
