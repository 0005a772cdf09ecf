//! Durable work: each kind of job, and what is done for it.

pub(crate) mod connection;
pub(crate) mod requests;
pub(crate) mod task;
pub(crate) mod webhook;

use store::jobs::{Lease, StepError, Steps};

use crate::Manager;

/// The lane of work that calls nobody.
pub(crate) const INTERNAL: &str = "internal";

/// Mail somebody a link to choose a new password.
pub(crate) const SEND_PASSWORD_LINK: &str = "operator.send_password_link";

/// The steps of one manager.
pub(crate) struct ManagerSteps(pub(crate) Manager);

#[async_trait::async_trait]
impl Steps for ManagerSteps {
    async fn run(&self, lease: &Lease) -> Result<(), StepError> {
        match lease.kind.as_str() {
            connection::REFRESH => connection::refresh(&self.0, lease).await,
            connection::CHECK => connection::check(&self.0, lease).await,
            connection::ERASE => connection::erase(&self.0, lease).await,
            connection::ALERT => connection::alert(&self.0, lease).await,
            SEND_PASSWORD_LINK => crate::app::sign_in::send_password_link(&self.0, lease).await,
            mail::SEND => self.0.send_mail(lease).await,
            webhook::DELIVER => webhook::deliver(&self.0, lease).await,
            webhook::FORGET => webhook::forget(&self.0, lease).await,
            mail::SHRED => mail::shred(self.0.store(), lease).await,
            _ => requests::run(&self.0, lease).await,
        }
    }
}
