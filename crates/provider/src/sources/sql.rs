//! Data sources that are databases of the vendor's own: a query that finds a subject's records, a statement that deletes
//! them, both written by the operator and never by anybody who asks.
//!
//! What a request brings (the identifier, the account) is bound to the statement, never spliced into its text. Reading
//! happens in a read-only transaction and as a stream; deleting in one transaction, which is kept only if the queries find
//! nothing afterwards.

mod check;
mod connection;
mod delete;
mod error;
mod mysql_json;
mod object;
mod read;
mod record_json;
mod settings;
mod sqlite_json;
mod template;

use std::time::Duration;

pub use self::{
    check::{CheckedSource, SourceState},
    settings::{DataSourceKind, DataSourceSettings, ObjectSettings},
};
use self::{connection::Database, object::Object};
pub(crate) use self::{error::SourceError, object::Asked};
use crate::{AccountId, DataSource, Subject};

/// All data sources that are databases.
#[derive(Default)]
pub(crate) struct SqlSources(Vec<SqlSource>);

/// One database.
pub(crate) struct SqlSource {
    pub(crate) name: DataSource,
    /// None: every account's.
    accounts: Option<Vec<AccountId>>,
    database: Database,
    /// How long the database may take for one answer.
    timeout: Duration,
    /// More than this is not believed.
    max_rows: u64,
    objects: Vec<Object>,
}

impl SqlSources {
    /// The data sources of `settings`; nothing is connected yet.
    pub(crate) fn open(settings: &[DataSourceSettings]) -> Result<Self, String> {
        settings.iter().map(settings::open).collect::<Result<_, _>>().map(Self)
    }

    /// Those that may hold something of the subject in the account.
    pub(crate) fn of(&self, account: AccountId, subject: &Subject) -> impl Iterator<Item = &SqlSource> {
        self.0
            .iter()
            .filter(move |source| source.answers_for(account) && source.objects_of(subject).next().is_some())
    }
}

impl SqlSource {
    fn answers_for(&self, account: AccountId) -> bool {
        self.accounts
            .as_ref()
            .is_none_or(|accounts| accounts.contains(&account))
    }

    /// What it may hold about the subject.
    pub(crate) fn objects_of(&self, subject: &Subject) -> impl Iterator<Item = &Object> {
        let (data_type, identifier_type) = (subject.data_type, subject.identifier_type);
        self.objects
            .iter()
            .filter(move |object| object.fits(data_type, identifier_type))
    }

    fn broke(&self, what: &str, error: &sqlx::Error) -> SourceError {
        SourceError::of_statement(self.name, what, error)
    }

    fn too_slow(&self, what: &str) -> SourceError {
        SourceError::passing(
            self.name,
            format!("{what} took longer than {} s", self.timeout.as_secs()),
        )
    }

    fn too_many(&self, what: &str) -> SourceError {
        SourceError::lasting(self.name, format!("{what} more than {} records", self.max_rows))
    }
}
