//! SQL: free functions over a [`store::Tx`], one file a table. No rule stands here.

pub(crate) mod account;
pub(crate) mod application;
pub(crate) mod authorization_request;
pub(crate) mod code;
pub(crate) mod counter;
pub(crate) mod grant;
pub(crate) mod half_log_in;
pub(crate) mod invitation;
pub(crate) mod password_reset;
pub(crate) mod rate_limit;
pub(crate) mod refresh_token;
pub(crate) mod sar;
pub(crate) mod session;
pub(crate) mod sub_request;
pub(crate) mod subject_account;
pub(crate) mod subject_record;
pub(crate) mod token;
pub(crate) mod two_step;
pub(crate) mod user;
pub(crate) mod wrong_attempt;

/// Whether the database answers.
pub(crate) async fn ping(tx: &mut store::Tx) -> Result<(), store::StoreError> {
    tx.fetch_one("SELECT 1 AS one", Vec::new()).await.map(|_| ())
}
