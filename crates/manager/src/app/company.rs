//! The company's own settings, edited while the manager runs: legal frameworks, automation, retention, brand,
//! approvals, privacy centre. The configuration gives the defaults.

mod change;
mod privacy_centre;
mod sections;

use std::sync::{Arc, PoisonError, RwLock};

use privacy::framework::Framework;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use store::{StoreError, Tx};

pub use change::{ChangeSettingsError, SectionView};
pub use privacy_centre::{MOST_INTRODUCTION, PrivacyCentre};
pub use sections::{Approvals, Automation, Brand, LegalFrameworks, Retention};

use crate::{Manager, Settings, rows};

words! {
    /// A part of the company's settings.
    Section, UnknownSection, "a section is frameworks, automation, retention, brand, approvals or privacy_centre":
    /// The laws, with their deadlines.
    Frameworks = "frameworks",
    /// What is done without a person.
    Automation = "automation",
    /// How long what is kept.
    Retention = "retention",
    /// How we look.
    Brand = "brand",
    /// Who must approve.
    Approvals = "approvals",
    /// What the privacy centre says and offers.
    PrivacyCentre = "privacy_centre",
}

/// All of the company's settings.
#[derive(Debug, Clone)]
pub struct Company {
    /// The laws, with their deadlines.
    pub frameworks: LegalFrameworks,
    /// What is done without a person.
    pub automation: Automation,
    /// How long what is kept.
    pub retention: Retention,
    /// How we look.
    pub brand: Brand,
    /// Who must approve.
    pub approvals: Approvals,
    /// What the privacy centre says and offers.
    pub privacy_centre: PrivacyCentre,
}

impl Company {
    /// As the configuration says.
    pub(crate) fn defaults(settings: &Settings) -> Self {
        Self {
            frameworks: LegalFrameworks::default(),
            automation: Automation::defaults(settings),
            retention: Retention::defaults(settings),
            brand: Brand::defaults(settings),
            approvals: Approvals::default(),
            privacy_centre: PrivacyCentre::defaults(settings),
        }
    }

    /// One section as JSON.
    pub fn section(&self, section: Section) -> Value {
        match section {
            Section::Frameworks => json(&self.frameworks),
            Section::Automation => json(&self.automation),
            Section::Retention => json(&self.retention),
            Section::Brand => json(&self.brand),
            Section::Approvals => json(&self.approvals),
            Section::PrivacyCentre => json(&self.privacy_centre),
        }
    }

    /// The law of a place that can be chosen in the privacy centre; none: the usual one.
    pub fn framework_of(&self, place: &str) -> Option<&Framework> {
        let offered = &self.privacy_centre.frameworks;
        let law = self.frameworks.frameworks.of_place(place)?;
        (offered.is_empty() || offered.contains(&law.id)).then_some(law)
    }

    /// Takes what is given into a section; what is not given stays as it is here. In plain words what is wrong, where
    /// something is.
    fn take(&mut self, section: Section, given: &Value) -> Result<(), String> {
        match section {
            Section::Frameworks => self.frameworks = overlaid(&self.frameworks, given)?,
            Section::Automation => self.automation = overlaid(&self.automation, given)?,
            Section::Retention => self.retention = overlaid(&self.retention, given)?,
            Section::Brand => self.brand = overlaid(&self.brand, given)?,
            Section::Approvals => self.approvals = overlaid(&self.approvals, given)?,
            Section::PrivacyCentre => self.privacy_centre = overlaid(&self.privacy_centre, given)?,
        }
        match section {
            Section::Frameworks => self.frameworks.check(),
            Section::Automation => self.automation.check(),
            Section::Retention => self.retention.check(),
            Section::Brand => self.brand.check(),
            Section::Approvals => self.approvals.check(),
            Section::PrivacyCentre => self.privacy_centre.check(),
        }
    }
}

fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// `given` over what there is, member by member.
fn overlaid<T: Serialize + DeserializeOwned>(present: &T, given: &Value) -> Result<T, String> {
    let (Value::Object(present), Value::Object(given)) = (json(present), given.clone()) else {
        return Err("must be an object".to_owned());
    };
    let with = |more: Map<String, Value>| {
        let mut all = present.clone();
        all.extend(more);
        serde_json::from_value(Value::Object(all))
    };
    with(given.clone()).map_err(|error| {
        // Which member it was is found out by trying each alone.
        let alone = given.into_iter().find_map(|(name, value)| {
            let member = Map::from_iter([(name.clone(), value)]);
            with(member)
                .err()
                .map(|error: serde_json::Error| format!("{name}: {error}"))
        });
        alone.unwrap_or_else(|| error.to_string())
    })
}

/// The settings as this process last read them, for what may be a moment old: names on pages.
pub(crate) struct KnownCompany(RwLock<Arc<Company>>);

impl KnownCompany {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(RwLock::new(Arc::new(Company::defaults(settings))))
    }

    fn get(&self) -> Arc<Company> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, company: Arc<Company>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = company;
    }
}

impl Manager {
    /// The company's settings as they are now.
    pub async fn company(&self) -> Result<Arc<Company>, StoreError> {
        self.company_in(&mut self.store().read().await?).await
    }

    /// The same, as a transaction sees them.
    pub(crate) async fn company_in(&self, tx: &mut Tx) -> Result<Arc<Company>, StoreError> {
        let mut company = Company::defaults(self.settings());
        for row in rows::company_setting::all(tx).await? {
            // A section of a later version than ours is none of our business.
            let Ok(section) = row.section.parse() else { continue };
            company
                .take(section, &row.content)
                .map_err(|reason| StoreError::Corrupt {
                    what: "section of the settings",
                    reason,
                })?;
        }
        let company = Arc::new(company);
        self.known_company().set(company.clone());
        Ok(company)
    }

    /// The settings as this process last read them; only for what may be a moment old.
    pub fn company_as_known(&self) -> Arc<Company> {
        self.known_company().get()
    }
}
