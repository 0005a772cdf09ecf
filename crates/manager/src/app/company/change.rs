//! Looking at the company's settings, and changing them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use privacy::{
    Actor,
    audit::{Detail, Event},
};
use serde::Serialize;
use serde_json::Value;
use store::{StoreError, Tx, retried};

use super::{Company, Section};
use crate::{
    By, ConnectionId, Manager,
    app::approvers::{self, CANNOT_APPROVE, may_be_named},
    rows,
};

/// A section as people see it.
#[derive(Debug, Clone, Serialize)]
pub struct SectionView {
    /// Its word.
    pub section: &'static str,
    /// What it says, all defaults filled in.
    pub settings: Value,
    /// Whether anybody has edited it; if not, it is as the configuration says.
    pub edited: bool,
    /// When somebody did.
    pub changed_at: Option<Timestamp>,
    /// Who: an actor, as the audit log names it.
    pub changed_by: Option<String>,
}

/// Why the settings are as before.
#[derive(Debug, thiserror::Error)]
pub enum ChangeSettingsError {
    /// A member can't be used.
    #[error("{field} {reason}")]
    Invalid {
        /// Which; `settings` where it is none of them.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database failed.
    #[error("the settings could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Every section.
    pub async fn company_sections(&self) -> Result<Vec<SectionView>, StoreError> {
        let mut read = self.store().read().await?;
        let company = self.company_in(&mut read).await?;
        let rows = rows::company_setting::all(&mut read).await?;
        let view = |section: &Section| {
            let row = rows.iter().find(|row| row.section == section.name());
            SectionView {
                section: section.name(),
                settings: company.section(*section),
                edited: row.is_some(),
                changed_at: row.map(|row| row.changed_at),
                changed_by: row.map(|row| row.changed_by.clone()),
            }
        };
        Ok(Section::ALL.iter().map(view).collect())
    }

    /// One section.
    pub async fn company_section(&self, section: Section) -> Result<SectionView, StoreError> {
        let sections = self.company_sections().await?.into_iter();
        let mut found = sections.filter(|view| view.section == section.name());
        found.next().ok_or(StoreError::Corrupt {
            what: "section of the settings",
            reason: "it is missing".to_owned(),
        })
    }

    /// Says a section anew: what is not given is as the configuration says. `None` takes every edit of it back. It
    /// counts from the next decision on; what was decided before stays.
    pub async fn change_company(
        &self,
        section: Section,
        given: Option<&Value>,
        by: &By,
    ) -> Result<SectionView, ChangeSettingsError> {
        retried(|| self.change_company_once(section, given, by)).await
    }

    async fn change_company_once(
        &self,
        section: Section,
        given: Option<&Value>,
        by: &By,
    ) -> Result<SectionView, ChangeSettingsError> {
        let mut tx = self.store().write().await?;
        tx.lock("company_setting", section.name()).await?;
        let present = self.company_in(&mut tx).await?;
        let mut company = Company::defaults(self.settings());
        if let Some(given) = given {
            company.take(section, given).map_err(invalid)?;
            check_references(&mut tx, section, &present, &company).await?;
            rows::company_setting::store(&mut tx, section.name(), given, &by.actor.to_string()).await?;
        } else {
            rows::company_setting::forget(&mut tx, section.name()).await?;
        }
        let event = match section {
            Section::Frameworks => Event::FrameworksChanged,
            _ => Event::SettingsChanged,
        };
        let object = format!("settings:{}", section.name());
        tx.audit(by.event(event, object, [(Detail::Target, section.name().into())]));
        if section == Section::Approvals {
            record_approvers(&mut tx, &present, &company, by);
        }
        tx.commit().await?;
        Ok(self.company_section(section).await?)
    }
}

/// Whom connections name from now on, and whom not any more.
fn record_approvers(tx: &mut Tx, present: &Company, company: &Company, by: &By) {
    let (before, after) = (&present.approvals.connections, &company.approvals.connections);
    let connections: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for id in connections {
        let of = |named: &BTreeMap<ConnectionId, Vec<Actor>>| named.get(id).cloned().unwrap_or_default();
        approvers::record(tx, *id, &of(before), &of(after), by);
    }
}

/// What a section names must be there.
async fn check_references(
    tx: &mut Tx,
    section: Section,
    present: &Company,
    company: &Company,
) -> Result<(), ChangeSettingsError> {
    match section {
        Section::Approvals => check_approvers(tx, present, company).await,
        Section::PrivacyCentre => {
            let mut named = company.privacy_centre.frameworks.iter();
            match named.find(|id| present.frameworks.frameworks.iter().all(|law| law.id != **id)) {
                Some(id) => Err(invalid(format!("frameworks: {id} is not in the table of laws"))),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Whoever is named now must be able to approve. What was named before may stay, whatever has become of it.
async fn check_approvers(tx: &mut Tx, present: &Company, company: &Company) -> Result<(), ChangeSettingsError> {
    for (connection, approvers) in &company.approvals.connections {
        let before = present.approvals.connections.get(connection);
        if before.is_none() && rows::connection::by_id(tx, *connection).await?.is_none() {
            return Err(invalid("connections: names one that does not exist".to_owned()));
        }
        for approver in approvers {
            let Actor::Person(id) = approver else { continue };
            if before.is_some_and(|before| before.contains(approver)) {
                continue;
            }
            let can = match id.as_str().parse() {
                Ok(id) => may_be_named(tx, id).await?,
                Err(_) => false,
            };
            if !can {
                return Err(invalid(format!("connections: {CANNOT_APPROVE}")));
            }
        }
    }
    Ok(())
}

/// `field: reason`, or a reason alone.
fn invalid(text: String) -> ChangeSettingsError {
    match text.split_once(": ") {
        Some((field, reason)) if field.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '.') => {
            ChangeSettingsError::Invalid {
                field: field.to_owned(),
                reason: reason.to_owned(),
            }
        }
        _ => ChangeSettingsError::Invalid {
            field: "settings".to_owned(),
            reason: text,
        },
    }
}
