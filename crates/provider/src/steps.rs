//! Durable work: what carries requests out and removes what has had its time.
//!
//! Every step may run twice and may die at any point: it has one outside effect that may be repeated (an object put
//! under its final key, an object deleted), and records it in the transaction that ends its lease.

mod access;
mod archive;
mod carry_out;
pub(crate) mod deadline;
mod delete;
mod member_names;
mod remove;
mod reset_password;
pub(crate) mod tidy;

use std::sync::Arc;

use serde::Deserialize;
use store::jobs::{Lease, Runner, StepError, Steps};

use crate::{Provider, SarId};

/// Carry a request out, as far as it can be now.
pub(crate) const CARRY_OUT: &str = "subject_access.carry_out";
/// Remove an export whose time is over.
pub(crate) const REMOVE_EXPORT: &str = "subject_access.remove_export";
/// Remove the parts that teams brought, once they are in the export.
pub(crate) const REMOVE_PARTS: &str = "subject_access.remove_parts";
/// Tell administrators of a deadline that is near or has passed.
pub(crate) const DEADLINE: &str = "subject_access.deadline";
/// Forget sessions, requests and codes that have ended.
pub(crate) const TIDY: &str = "tidy";

/// Mail a link to choose a new password, to an address that somebody gave.
pub(crate) const RESET_PASSWORD: &str = "user.reset_password";

/// How many requests one process works on at once.
const AT_ONCE: usize = 8;

#[derive(Deserialize)]
struct Payload {
    request: SarId,
}

struct ProviderSteps(Provider);

#[async_trait::async_trait]
impl Steps for ProviderSteps {
    async fn run(&self, lease: &Lease) -> Result<(), StepError> {
        if lease.kind == TIDY {
            return tidy::run(&self.0, lease).await;
        }
        let provider = &self.0;
        match lease.kind.as_str() {
            mail::SEND => return mail::send(provider.store(), provider.vault(), provider.mailer(), lease).await,
            RESET_PASSWORD => return reset_password::run(provider, lease).await,
            mail::SHRED => return mail::shred(provider.store(), lease).await,
            _ => {}
        }
        let Payload { request } = lease.payload()?;
        match lease.kind.as_str() {
            CARRY_OUT => carry_out::run(&self.0, lease, request).await,
            REMOVE_EXPORT => remove::export(&self.0, lease, request).await,
            DEADLINE => deadline::run(&self.0, lease, request).await,
            REMOVE_PARTS => remove::parts(&self.0, lease, request).await,
            kind => Err(StepError::Failed(format!("there is no step {kind}"))),
        }
    }
}

impl Provider {
    /// What carries requests out. Run it beside the router, or in processes of its own.
    pub fn runner(&self) -> Runner {
        Runner::new(self.store().clone(), Arc::new(ProviderSteps(self.clone())), AT_ONCE)
    }
}

/// The S3 store or the disk failed; the job is tried again.
fn broken(error: &(dyn std::error::Error + 'static)) -> StepError {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    StepError::Failed(words)
}
