//! What was filled in, and what is wrong with it.

use mail::Language;
use privacy::IdentityType;
use rightful_http::extract::FormPairs;

use super::super::Texts;
use crate::{
    Settings,
    app::{FormFault, SentForm, company::Company},
    web::page_error::PageError,
};

/// What was filled in so far, and what is wrong with it.
#[derive(Default)]
pub(super) struct Filled {
    form_id: String,
    solution: String,
    captcha: String,
    pub(super) language: String,
    pub(super) right: String,
    pub(super) email: String,
    pub(super) place: String,
    others: Vec<(IdentityType, String)>,
    pub(super) message: String,
    /// The field was filled in that people don't see.
    pub(super) is_a_machine: bool,
    pub(super) is_stale: bool,
    /// Nobody can say at the moment whether a person sent it.
    pub(super) is_unprovable: bool,
    pub(super) errors: Vec<(&'static str, &'static str)>,
}

impl Filled {
    pub(super) fn read(settings: &Settings, company: &Company, pairs: &FormPairs) -> Result<Self, PageError> {
        let one = |name: &str| {
            let value = pairs.one(name).map_err(|refusal| PageError::Refused {
                status: refusal.status,
                reason: refusal.sentence(),
            });
            value.map(|value| value.unwrap_or_default().to_owned())
        };
        let mut others = Vec::new();
        for kind in &company.privacy_centre.identifiers {
            others.push((*kind, one(kind.name())?));
        }
        Ok(Self {
            form_id: one("form_id")?,
            solution: one("solution")?,
            captcha: match settings.captcha() {
                Ok(Some(captcha)) => one(&captcha.field)?,
                _ => String::new(),
            },
            language: one("lang")?,
            right: one("right")?,
            email: one("email")?,
            place: one("place")?,
            others,
            message: one("message")?,
            is_a_machine: !one("website")?.is_empty(),
            is_stale: false,
            is_unprovable: false,
            errors: Vec::new(),
        })
    }

    pub(super) fn sent(&self, language: Language) -> SentForm {
        SentForm {
            form_id: self.form_id.clone(),
            right: self.right.parse().ok(),
            email: self.email.clone(),
            others: self.others.clone(),
            place: self.place.clone(),
            message: self.message.clone(),
            language,
            solution: self.solution.clone(),
            captcha: self.captcha.clone(),
        }
    }

    pub(super) fn add_faults(&mut self, faults: &[(&'static str, FormFault)], language: Language) {
        let texts = Texts::of(language);
        self.is_unprovable = faults.iter().any(|(_, fault)| *fault == FormFault::Unprovable);
        let sentences = faults.iter().map(|(field, fault)| {
            let sentence = match (*field, *fault) {
                ("right", _) => texts.right_missing,
                ("captcha", FormFault::Unprovable) => texts.captcha_unavailable,
                ("captcha", FormFault::Missing) => texts.captcha_missing,
                ("captcha", _) | (_, FormFault::NoPerson | FormFault::Unprovable) => texts.captcha_wrong,
                (_, FormFault::Missing) => texts.email_missing,
                (_, FormFault::NotAnAddress) => texts.email_wrong,
                (_, FormFault::TooLong) => texts.too_long,
                (_, FormFault::Unreadable) => texts.unreadable,
            };
            (*field, sentence)
        });
        self.errors.extend(sentences);
    }

    pub(super) fn error(&self, field: &str) -> Option<&'static str> {
        let error = self.errors.iter().find(|(name, _)| *name == field);
        error.map(|(_, sentence)| *sentence)
    }

    pub(super) fn other(&self, kind: IdentityType) -> &str {
        let given = self.others.iter().find(|(known, _)| *known == kind);
        given.map_or("", |(_, value)| value)
    }
}
