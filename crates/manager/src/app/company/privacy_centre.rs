//! What the privacy centre says and offers.

use std::collections::{BTreeMap, BTreeSet};

use mail::{Language, MailAddress};
use privacy::{IdentityType, Right, framework::FrameworkId};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Settings;

/// How many characters an introduction may have.
pub const MOST_INTRODUCTION: usize = 2000;
/// How many characters a link may have.
const LONGEST_LINK: usize = 500;

/// What the privacy centre says and offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyCentre {
    /// Whether requests are taken by the form.
    pub open: bool,
    /// The languages of the pages.
    pub languages: Vec<Language>,
    /// What stands above the form, in each language; where nothing is written, our own words.
    pub introduction: BTreeMap<Language, String>,
    /// What can be asked for.
    pub rights: Vec<Right>,
    /// The laws whose places can be chosen; none: every place.
    pub frameworks: Vec<FrameworkId>,
    /// What the form asks for beside the e-mail address.
    pub identifiers: Vec<IdentityType>,
    /// The company's privacy notice.
    pub privacy_notice: Option<Url>,
    /// Where people write to who need help.
    pub contact: Option<String>,
}

impl PrivacyCentre {
    pub(super) fn defaults(settings: &Settings) -> Self {
        Self {
            open: settings.privacy_center,
            languages: settings.public_languages(),
            introduction: BTreeMap::new(),
            rights: Right::ALL.to_vec(),
            frameworks: Vec::new(),
            identifiers: settings.public_identifiers(),
            privacy_notice: None,
            contact: None,
        }
    }

    /// Whether this can be asked for.
    pub fn offers(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        some_and_once("languages", &self.languages)?;
        some_and_once("rights", &self.rights)?;
        once("frameworks", &self.frameworks)?;
        once("identifiers", &self.identifiers)?;
        if self.identifiers.contains(&IdentityType::Email) {
            return Err("identifiers: the e-mail address is asked for anyway".to_owned());
        }
        for (language, text) in &self.introduction {
            introduction(text).map_err(|reason| format!("introduction.{language}: {reason}"))?;
        }
        if let Some(link) = &self.privacy_notice {
            notice(link).map_err(|reason| format!("privacy_notice: {reason}"))?;
        }
        match self.contact.as_deref().map(|text| MailAddress::parse("contact", text)) {
            Some(Err(_)) => Err("contact: must be an e-mail address".to_owned()),
            _ => Ok(()),
        }
    }
}

fn introduction(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("must say something; leave it out for our own words".to_owned());
    }
    if text.chars().count() > MOST_INTRODUCTION {
        return Err(format!("must have {MOST_INTRODUCTION} characters at most"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("must have no other control characters than line breaks".to_owned());
    }
    Ok(())
}

fn notice(link: &Url) -> Result<(), &'static str> {
    let is_open = link.username().is_empty() && link.password().is_none();
    if link.scheme() != "https" || link.host_str().is_none() || !is_open {
        return Err("must be an address that begins with https://");
    }
    if link.as_str().len() > LONGEST_LINK {
        return Err("must have 500 characters at most");
    }
    Ok(())
}

fn some_and_once<T: Ord>(field: &str, values: &[T]) -> Result<(), String> {
    if values.is_empty() {
        return Err(format!("{field}: must have at least one"));
    }
    once(field, values)
}

fn once<T: Ord>(field: &str, values: &[T]) -> Result<(), String> {
    let different: BTreeSet<_> = values.iter().collect();
    if different.len() < values.len() {
        return Err(format!("{field}: must name each only once"));
    }
    Ok(())
}
