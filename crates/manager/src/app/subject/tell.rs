//! Telling the subject: which move of a request is told, and by which letter.

use jiff::{SignedDuration, Timestamp};
use mail::{ClosedAs, Letter};
use oauth::Secret;
use privacy::{
    audit::Event,
    request::{Action, Outcome, Stage},
};
use store::StoreError;

use crate::{
    By,
    app::{
        mails::{Posting, words},
        requests::case::Case,
    },
    rows::request_link::{self, Purpose},
};

/// How long after the first mail a subject is reminded to confirm a request.
pub(crate) const REMIND_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long before a download ends a subject is reminded of it.
pub(crate) const REMIND_BEFORE: SignedDuration = SignedDuration::from_hours(48);

impl Case {
    /// Tells the subject of the move that was just made.
    pub(crate) async fn tell(&mut self, before: &Stage, action: &Action) -> Result<(), StoreError> {
        match (&self.request.stage, action) {
            (Stage::Delivering { until: Some(until), .. }, Action::Delivered) => self.mail_download(*until).await,
            (Stage::Closed { outcome, .. }, _) => self.tell_outcome(before, *outcome).await,
            (_, Action::Extend) => self.tell_extension().await,
            _ => Ok(()),
        }
    }

    /// Mails the link by which the subject confirms the request.
    pub(crate) async fn mail_verification(&mut self, until: Timestamp, by: &By) -> Result<(), StoreError> {
        let link = self.link(Purpose::Status).await?;
        let number = request_link::count(&mut self.tx, self.request.id, Purpose::Status).await?;
        let letter = Letter::Verification {
            reference: self.request.reference.to_string(),
            right: words::right(self.request.right),
            link,
            until,
        };
        if self.post_to_subject(&letter, &format!("{number}")).await? {
            self.audit(Event::RequestVerificationSent, [], by);
        }
        Ok(())
    }

    /// Mails it once more, with another link: the first one is nowhere but in the first mail.
    pub(crate) async fn remind_of_verification(&mut self, until: Timestamp, by: &By) -> Result<(), StoreError> {
        let link = self.link(Purpose::Status).await?;
        let letter = Letter::VerificationReminder {
            reference: self.request.reference.to_string(),
            right: words::right(self.request.right),
            link,
            until,
        };
        if self.post_to_subject(&letter, "").await? {
            self.audit(Event::RequestVerificationReminded, [], by);
        }
        Ok(())
    }

    /// Mails the link by which the subject fetches the copy; earlier links end.
    async fn mail_download(&mut self, until: Timestamp) -> Result<(), StoreError> {
        request_link::replace(&mut self.tx, self.request.id, Purpose::Download).await?;
        let link = self.link(Purpose::Download).await?;
        let number = request_link::count(&mut self.tx, self.request.id, Purpose::Download).await?;
        let letter = Letter::Delivery {
            reference: self.request.reference.to_string(),
            link,
            until,
        };
        self.post_to_subject(&letter, &format!("{number}")).await?;
        Ok(())
    }

    /// Reminds of it, with another link beside the first.
    pub(crate) async fn remind_of_download(&mut self, until: Timestamp) -> Result<(), StoreError> {
        let link = self.link(Purpose::Download).await?;
        let number = request_link::count(&mut self.tx, self.request.id, Purpose::Download).await?;
        let letter = Letter::DeliveryReminder {
            reference: self.request.reference.to_string(),
            link,
            until,
        };
        self.post_to_subject(&letter, &format!("{number}")).await?;
        Ok(())
    }

    async fn tell_outcome(&mut self, before: &Stage, outcome: Outcome) -> Result<(), StoreError> {
        let reference = self.request.reference.to_string();
        let right = words::right(self.request.right);
        let outcome = match outcome {
            Outcome::Unverified => {
                let form = format!("/privacy?lang={}", self.request.language);
                let link = Secret::new(self.manager.settings().page(&form));
                let letter = Letter::RequestUnverified { reference, right, link };
                self.post_to_subject(&letter, "").await?;
                return Ok(());
            }
            // Whoever did not ask is not written to.
            Outcome::Spam => return Ok(()),
            _ if matches!(before, Stage::PendingVerification { .. }) => return Ok(()),
            Outcome::Downloaded => ClosedAs::Downloaded,
            Outcome::NotDownloaded => ClosedAs::NotDownloaded,
            Outcome::Completed => ClosedAs::Completed,
            Outcome::Denied => ClosedAs::Denied,
            Outcome::Nonresponsive => ClosedAs::Nonresponsive,
            Outcome::Cancelled => ClosedAs::Cancelled,
            Outcome::Duplicate => ClosedAs::Duplicate,
        };
        let explanation = self.explanation.take();
        let letter = Letter::RequestClosed {
            reference,
            right,
            outcome,
            explanation,
        };
        self.post_to_subject(&letter, "").await?;
        Ok(())
    }

    async fn tell_extension(&mut self) -> Result<(), StoreError> {
        let reason = self.explanation.take();
        let letter = Letter::Extension {
            reference: self.request.reference.to_string(),
            right: words::right(self.request.right),
            deadline: self.request.deadline.due,
            reason: reason.unwrap_or_else(|| words::usual_reason(self.request.language)),
        };
        self.post_to_subject(&letter, "").await?;
        Ok(())
    }

    async fn link(&mut self, purpose: Purpose) -> Result<Secret, StoreError> {
        let request = self.request.id;
        self.manager.clone().new_link(&mut self.tx, request, purpose).await
    }

    /// Posts a letter to the subject, who is written to; once for each event and `number`.
    async fn post_to_subject(&mut self, letter: &Letter, number: &str) -> Result<bool, StoreError> {
        let Some(to) = self.subject_address()? else {
            return Ok(false);
        };
        let id = self.request.id;
        let posting = Posting {
            letter,
            to,
            language: self.request.language,
            about: id.object(),
            once: format!("{}:{id}:{number}", letter.event()),
        };
        let manager = self.manager.clone();
        Ok(manager.post(&mut self.tx, posting).await?.is_some())
    }
}
