//! Every kind of system that can be connected.

use connectors::direct_contact;
use privacy::Right;
use serde::Serialize;

use crate::Manager;

/// A kind of system, for whoever chooses among them.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorView {
    /// Its name in the API.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Which rights it can carry out.
    pub rights: Vec<Right>,
    /// What somebody needs before they can set it up.
    pub needs: &'static [&'static str],
    /// The address of the page where it is set up.
    pub set_up_url: String,
    /// That page's path.
    #[serde(skip)]
    pub set_up: String,
    /// What stands in the way of setting it up, if anything does.
    pub obstacle: Option<&'static str>,
}

impl Manager {
    /// Every kind of system that can be connected, in the order in which people choose: those of the catalog, then a
    /// person who is asked by mail.
    pub fn connectors(&self) -> Vec<ConnectorView> {
        let view = |name, title, summary, rights: &[Right], needs, set_up: String| ConnectorView {
            name,
            title,
            summary,
            rights: rights.to_vec(),
            needs,
            set_up_url: self.settings().page(&set_up),
            set_up,
            obstacle: None,
        };
        let vendors = connectors::catalog::CATALOG.iter().map(|known| {
            let set_up = format!("/connections/new/{}", known.name());
            let (name, title) = (known.name(), known.title());
            view(
                name,
                title,
                known.summary(),
                known.capabilities(),
                known.needs(),
                set_up,
            )
        });
        let by_mail = ConnectorView {
            obstacle: (!self.can_mail()).then_some("No mailer is configured: set smtp_url and mail_from first."),
            ..view(
                direct_contact::NAME,
                direct_contact::TITLE,
                direct_contact::SUMMARY,
                Right::ALL,
                direct_contact::NEEDS,
                "/connections/new/direct-contact".to_owned(),
            )
        };
        vendors.chain([by_mail]).collect()
    }
}
