//! The public form: a person asks, whoever they are. What it does and answers never depends on whether we know them.

mod captcha;
mod checked;
mod form_id;
mod limits;

use std::{net::IpAddr, time::Duration};

use mail::Language;
use privacy::{IdentityType, Right};
use store::StoreError;

use self::{captcha::Verdict, checked::Checked, limits::Proof};
use super::{
    company::Company,
    requests::{CreateRequestError, NewRequest, Once},
};
use crate::{By, Manager, WithoutCaptcha, hex::hex};

/// How many characters a message may have.
pub const MOST_MESSAGE: usize = 4000;

pub use form_id::FORM_ZERO_BITS;

/// The form as it was filled in.
#[derive(Debug, Clone)]
pub struct SentForm {
    /// The id that the form was shown with.
    pub form_id: String,
    /// What is asked for.
    pub right: Option<Right>,
    /// The address that is to confirm it.
    pub email: String,
    /// What else the person is known by; empty values count as not given.
    pub others: Vec<(IdentityType, String)>,
    /// The country (ISO 3166-1) or state (ISO 3166-2) the person lives in; any other text: not said.
    pub place: String,
    /// What they wrote.
    pub message: String,
    /// In which language they are written to.
    pub language: Language,
    /// What the browser's script found as the solution of the form's task.
    pub solution: String,
    /// What somebody else's widget found, where there is one.
    pub captcha: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormFault {
    /// It must be filled in.
    Missing,
    /// It is no e-mail address.
    NotAnAddress,
    /// It is too long.
    TooLong,
    /// It holds characters that nobody can type.
    Unreadable,
    /// It does not show that a person sent the form.
    NoPerson,
    /// Whether it does can't be found out at the moment.
    Unprovable,
}

/// Why a form was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitFormError {
    /// There is no form: it is switched off, or no mail can be sent.
    #[error("the form is closed")]
    Closed,
    /// Fields that must be mended.
    #[error("the form is not filled in correctly")]
    Fields(Vec<(&'static str, FormFault)>),
    /// The form was shown too long ago, or not by us.
    #[error("the form is too old")]
    Stale,
    /// Too much came from this address.
    #[error("too many forms came from this address")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The request could not be taken in.
    #[error("the request could not be taken in")]
    Create(#[source] CreateRequestError),
    /// The database failed.
    #[error("the form could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Whether there is a form: a request from it needs a mail to be confirmed.
    pub fn takes_forms(&self, company: &Company) -> bool {
        company.privacy_centre.open && self.mailer().is_configured() && self.settings().captcha().is_ok()
    }

    /// Takes a form: a request that waits for its confirmation by mail. Sent twice it makes one request; sent too often
    /// about one address it makes none and says nothing of it, for that would tell that somebody has asked.
    pub async fn submit_form(&self, form: SentForm, address: IpAddr) -> Result<(), SubmitFormError> {
        let company = self.company().await?;
        if !self.takes_forms(&company) {
            return Err(SubmitFormError::Closed);
        }
        let checked = Checked::read(&form, &company).map_err(SubmitFormError::Fields)?;
        if !self.is_form_id(&form.form_id) {
            return Err(SubmitFormError::Stale);
        }
        let sent = checked.hash(&form.form_id);
        let proof = self.prove(&form, &sent, address).await?;
        if !self.count_form(&checked, &sent, address, proof).await? {
            return Ok(());
        }
        let new = NewRequest {
            framework: checked.framework,
            verify: true,
            language: Some(form.language),
            message: checked.message,
            ..NewRequest::new(checked.right, checked.identities, "form")
        };
        let key = hex(&sent);
        let once = Once {
            caller: "form",
            key: &key,
            asked: &sent,
            wait: true,
        };
        let by = By::subject(Some(address.to_string()));
        match self.create_request(new, &by, Some(once)).await {
            Ok(_) => Ok(()),
            Err(CreateRequestError::Store(error)) => Err(error.into()),
            Err(error) => Err(SubmitFormError::Create(error)),
        }
    }

    /// What shows that a person sends the form: the task that their browser solved, and somebody else's check.
    async fn prove(&self, form: &SentForm, sent: &[u8; 32], address: IpAddr) -> Result<Proof, SubmitFormError> {
        let proof = if self.asks_for_work() && !form_id::solves(&form.form_id, &form.solution) {
            Proof::Weak
        } else {
            Proof::Strong
        };
        let Ok(Some(captcha)) = self.settings().captcha() else {
            return Ok(proof);
        };
        // An answer is good once; a form that is sent again was proved the first time.
        if self.was_counted(sent, address).await? {
            return Ok(proof);
        }
        let fault = |fault| SubmitFormError::Fields(vec![("captcha", fault)]);
        if form.captcha.is_empty() {
            return Err(fault(FormFault::Missing));
        }
        self.count_attempt(&form.captcha, address).await?;
        match self.verify_captcha(&captcha, &form.captcha).await {
            Verdict::Person => Ok(proof),
            Verdict::Nobody => Err(fault(FormFault::NoPerson)),
            Verdict::Silence => match self.settings().privacy_captcha_unreachable {
                WithoutCaptcha::LetThrough => Ok(Proof::Weak),
                WithoutCaptcha::Refuse => Err(fault(FormFault::Unprovable)),
            },
        }
    }
}
