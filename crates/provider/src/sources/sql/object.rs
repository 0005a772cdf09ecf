//! One kind of record in a database, and what is bound to its statements.

use super::template::{Slot, Template};
use crate::{AccountId, DataType, IdentifierType, Subject};

/// One kind of record.
pub(crate) struct Object {
    /// What it is called in exports.
    pub(crate) name: String,
    pub(super) data_types: Option<Vec<DataType>>,
    pub(super) identifier_types: Vec<IdentifierType>,
    pub(super) access: Template,
    /// The query as it is sent: on PostgreSQL it brings JSON.
    pub(super) reading: Template,
    pub(super) delete: Template,
}

impl Object {
    pub(super) fn fits(&self, data_type: DataType, identifier_type: IdentifierType) -> bool {
        self.data_types.as_ref().is_none_or(|types| types.contains(&data_type))
            && self.identifier_types.contains(&identifier_type)
    }
}

/// About whom a statement is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) account: AccountId,
    pub(crate) subject: &'a Subject,
}

/// A value that is bound to a statement.
pub(super) enum Bound {
    Text(String),
    Number(i64),
}

impl Asked<'_> {
    pub(super) fn value(self, slot: Slot) -> Bound {
        match slot {
            Slot::Identifier => Bound::Text(self.subject.normalised().into_revealed()),
            Slot::IdentifierType => Bound::Text(self.subject.identifier_type.to_string()),
            Slot::DataType => Bound::Text(self.subject.data_type.to_string()),
            Slot::AccountId => Bound::Number(self.account.0),
        }
    }
}
