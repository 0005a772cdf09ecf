//! Sending a mail, and writing it down where that is hopeless.

use mail::GivenUp;
use privacy::audit::{Detail, Event, Fact};
use store::{
    Tx,
    jobs::{Lease, StepError},
};

use crate::{By, Manager};

impl Manager {
    /// Hands a mail of the outbox to the mail server. One that is given up becomes part of the history of what it is
    /// about.
    pub(crate) async fn send_mail(&self, lease: &Lease) -> Result<(), StepError> {
        mail::send_or_tell(self.store(), self.vault(), self.mailer(), lease, note_given_up).await
    }
}

fn note_given_up(tx: &mut Tx, mail: GivenUp) {
    let GivenUp {
        id,
        object,
        cause,
        status,
    } = mail;
    let mut facts = vec![
        (Detail::Target, Fact::code(&id.to_string())),
        (Detail::Cause, Fact::Word(cause.name())),
    ];
    let status = status.map(|status| status.replace(' ', "/"));
    facts.extend(status.map(|status| (Detail::VendorCode, Fact::code(&status))));
    let object = object.unwrap_or_else(|| format!("mail:{id}"));
    tx.audit(By::automation().event(Event::MailFailed, object, facts));
}
