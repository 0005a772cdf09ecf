//! How a connection is set up: with a vendor to call, or with nobody but a person to write to.

use connectors::{By as DoneBy, SettingsError, Vendor, direct_contact, direct_contact::DirectContact};
use privacy::Right;
use serde_json::Value;
use store::StoreError;

use super::credentials::Keyring;
use crate::rows::connection::ConnectionRow;

/// How a connection is set up.
pub(crate) enum SetUp {
    /// There is a vendor's API, beside which a person may do a part.
    Vendor(Box<dyn Vendor>),
    /// There is a person alone.
    Processor(DirectContact),
}

/// Who carries out a right on a connection.
pub(crate) enum CarriedOut<'a> {
    /// The vendor's API.
    Api(&'a dyn Vendor),
    /// A person, through a mailed form.
    ByContact,
    /// Nobody does.
    ByNobody,
}

impl SetUp {
    /// The settings of a connection of `connector`, read and checked; none where there is no such connector.
    pub(crate) fn read(connector: &str, settings: &Value) -> Option<Result<Self, SettingsError>> {
        if connector == direct_contact::NAME {
            return Some(DirectContact::parse(settings).map(Self::Processor));
        }
        let connector = connectors::connector(connector)?;
        Some(connector.configure(settings).map(Self::Vendor))
    }

    /// The vendor, where there is one.
    pub(crate) fn vendor(&self) -> Option<&dyn Vendor> {
        match self {
            Self::Vendor(vendor) => Some(&**vendor),
            Self::Processor(_) => None,
        }
    }

    /// Whom to write to, where somebody is named.
    pub(crate) fn contact(&self) -> Option<&DirectContact> {
        match self {
            Self::Vendor(vendor) => vendor.settings().direct_contact.as_ref(),
            Self::Processor(contact) => Some(contact),
        }
    }

    /// Whether mails are needed for what this connection does.
    pub(crate) fn needs_mails(&self) -> bool {
        let by_contact = |right| matches!(self.carried_out(right), CarriedOut::ByContact);
        by_contact(Right::Access) || by_contact(Right::Deletion)
    }

    /// Who carries out `right`.
    pub(crate) fn carried_out(&self, right: Right) -> CarriedOut<'_> {
        let done_by = match self {
            Self::Processor(_) => DoneBy::DirectContact,
            Self::Vendor(vendor) => match right {
                Right::Access => vendor.settings().access_by,
                Right::Deletion => vendor.settings().deletion_by,
            },
        };
        match (done_by, self) {
            (DoneBy::Api, Self::Vendor(vendor)) => CarriedOut::Api(&**vendor),
            _ if self.contact().is_some_and(|contact| contact.does(right)) => CarriedOut::ByContact,
            _ => CarriedOut::ByNobody,
        }
    }

    /// The settings as JSON, defaults filled in and secrets left out.
    pub(crate) fn shown_settings(&self) -> Value {
        match self {
            Self::Vendor(vendor) => vendor.shown_settings(),
            Self::Processor(contact) => contact.shown(),
        }
    }
}

impl Keyring {
    /// How the connection is set up, its secret settings in place.
    pub(crate) fn set_up(&self, row: &ConnectionRow) -> Result<SetUp, StoreError> {
        if row.connector != direct_contact::NAME {
            return self.vendor(row).map(SetUp::Vendor);
        }
        DirectContact::parse(&row.settings)
            .map(SetUp::Processor)
            .map_err(|error| StoreError::Corrupt {
                what: "connection",
                reason: format!("settings: {error}"),
            })
    }
}
