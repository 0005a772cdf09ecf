//! How an operator describes a data source, and what is refused before anything is connected.

use std::{path::PathBuf, time::Duration};

use oauth::Secret;
use rightful_http::settings::HumanDuration;
use serde::{Deserialize, Deserializer};

use super::{
    SqlSource,
    connection::Database,
    object::Object,
    template::{Slot, Template},
};
use crate::{AccountId, DataSource, DataType, IdentifierType, sources::import_line::is_object_name};

/// A data source of the vendor's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSourceSettings {
    /// Which of the vendor's data sources it is.
    pub name: DataSource,
    /// What it is.
    pub kind: DataSourceKind,
    /// Where it is: `sqlite:PATH`, `postgres://…`, `mysql://…` or `mariadb://…`.
    #[serde(default, deserialize_with = "optional_secret")]
    pub url: Option<Secret>,
    /// A file that holds the URL instead.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// Whose records it holds; left out: every account's.
    #[serde(default)]
    pub accounts: Option<Vec<i64>>,
    /// How long the database may take for one answer.
    #[serde(default = "five_minutes")]
    pub timeout: HumanDuration,
    /// More records than this about one subject are a mistake.
    #[serde(default = "ten_million")]
    pub max_rows: u64,
    /// What it holds, in the order in which it is read and deleted.
    pub objects: Vec<ObjectSettings>,
}

/// What a data source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataSourceKind {
    /// A database that is asked in SQL.
    Sql,
}

/// One kind of record in a data source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectSettings {
    /// What it is called in exports.
    pub name: String,
    /// Of whom there are records; left out: of users and visitors.
    #[serde(default)]
    pub data_types: Option<Vec<DataType>>,
    /// By which identifiers they can be found.
    pub identifier_types: Vec<IdentifierType>,
    /// The query that finds a subject's records.
    pub access: String,
    /// The statement that deletes the same records.
    pub delete: String,
}

fn five_minutes() -> HumanDuration {
    Duration::from_mins(5).into()
}

fn ten_million() -> u64 {
    10_000_000
}

fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

/// Checks everything that can be known without the database. The message says what to change, and where.
pub(super) fn open(settings: &DataSourceSettings) -> Result<SqlSource, String> {
    let name = settings.name;
    let DataSourceKind::Sql = settings.kind;
    let wrong = |reason: String| format!("data_sources: {name}: {reason}");
    let database = Database::of_url(url(settings).map_err(wrong)?.reveal()).map_err(wrong)?;
    if settings.accounts.as_ref().is_some_and(Vec::is_empty) {
        return Err(wrong(
            "accounts is empty: name some, or leave it out for all".to_owned(),
        ));
    }
    if settings.timeout.duration().is_zero() || settings.max_rows == 0 {
        return Err(wrong("timeout and max_rows must be more than 0".to_owned()));
    }
    if settings.objects.is_empty() {
        return Err(wrong("it has no objects".to_owned()));
    }
    // Where one database holds the records of several accounts, a statement must tell them apart.
    let one_account = settings.accounts.as_ref().is_some_and(|accounts| accounts.len() == 1);
    let mut objects: Vec<Object> = Vec::new();
    for object in &settings.objects {
        if !is_object_name(&object.name) || objects.iter().any(|other| other.name == object.name) {
            return Err(wrong(
                "the name of an object must be of 1 to 100 characters and its own".to_owned(),
            ));
        }
        let wrong = |reason: &str| wrong(format!("{}: {reason}", object.name));
        if object.identifier_types.is_empty() || object.data_types.as_ref().is_some_and(Vec::is_empty) {
            return Err(wrong("identifier_types and data_types must not be empty"));
        }
        let template = |role: &str, text: &str, verbs: &[&str]| {
            let template = Template::parse(database.dialect(), text);
            let template = template.map_err(|error| wrong(&format!("{role} {error}")))?;
            if !verbs.iter().any(|verb| template.begins_with(verb)) {
                return Err(wrong(&format!("{role} must begin with {}", verbs.join(" or "))));
            }
            if !template.uses(Slot::Identifier) {
                return Err(wrong(&format!("{role} must use :identifier")));
            }
            if !one_account && !template.uses(Slot::AccountId) {
                return Err(wrong(&format!(
                    "{role} must use :account_id, or accounts must name the one account whose records these are"
                )));
            }
            Ok(template)
        };
        let access = template("access", &object.access, &["SELECT", "WITH"])?;
        objects.push(Object {
            name: object.name.clone(),
            data_types: object.data_types.clone(),
            identifier_types: object.identifier_types.clone(),
            reading: access.clone().wrapped(database.dialect()),
            access,
            delete: template("delete", &object.delete, &["DELETE", "UPDATE", "WITH"])?,
        });
    }
    Ok(SqlSource {
        name,
        accounts: settings
            .accounts
            .as_ref()
            .map(|accounts| accounts.iter().copied().map(AccountId).collect()),
        database,
        timeout: settings.timeout.duration(),
        max_rows: settings.max_rows,
        objects,
    })
}

fn url(settings: &DataSourceSettings) -> Result<Secret, String> {
    match (&settings.url, &settings.url_file) {
        (Some(url), None) => Ok(url.clone()),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(|text| Secret::new(text.trim().to_owned()))
            .map_err(|error| format!("url_file: could not read {}: {error}", path.display())),
        _ => Err("give either url or url_file".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"name": "marketing", "kind": "sql", "url": "sqlite:/tmp/crm.db", "objects": [
        {"name": "contacts", "identifier_types": ["email"],
         "access": "SELECT * FROM contact WHERE email = :identifier AND account = :account_id",
         "delete": "DELETE FROM contact WHERE email = :identifier AND account = :account_id"}]}"#;

    fn refused(json: &str) -> String {
        let settings: DataSourceSettings = serde_json::from_str(json).unwrap();
        open(&settings).err().unwrap_or_default()
    }

    #[test]
    fn a_description_that_could_not_work_is_refused_where_it_is_wrong() {
        assert_eq!(refused(GOOD), "");
        for (from, to, message) in [
            (
                "sqlite:/tmp/crm.db",
                "oracle://crm",
                "data_sources: marketing: url must begin with",
            ),
            (
                "\"url\": \"sqlite:/tmp/crm.db\",",
                "",
                "data_sources: marketing: give either url or url_file",
            ),
            (
                "\"kind\"",
                "\"accounts\": [], \"kind\"",
                "data_sources: marketing: accounts is empty",
            ),
            (
                "[\"email\"]",
                "[]",
                "data_sources: marketing: contacts: identifier_types",
            ),
            (
                "\"contacts\"",
                "\" \"",
                "data_sources: marketing: the name of an object",
            ),
            (
                "SELECT * FROM contact WHERE email = :identifier",
                "SELECT * FROM contact WHERE 1 = 1",
                "data_sources: marketing: contacts: access must use :identifier",
            ),
            (
                "DELETE FROM contact WHERE email = :identifier AND account = :account_id",
                "DELETE FROM contact WHERE email = :identifier",
                "data_sources: marketing: contacts: delete must use :account_id",
            ),
            (
                "SELECT * FROM",
                "DROP TABLE",
                "data_sources: marketing: contacts: access must begin with SELECT or WITH",
            ),
            (
                "DELETE FROM contact WHERE email = :identifier",
                "DELETE FROM contact WHERE email = :email",
                "data_sources: marketing: contacts: delete knows no :email",
            ),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let told = refused(&GOOD.replacen(from, to, 1));
            assert!(told.starts_with(message), "{told}");
        }
        // A database of one account need not tell accounts apart.
        let one = GOOD
            .replace("\"kind\"", "\"accounts\": [1000001], \"kind\"")
            .replace(" AND account = :account_id", "");
        assert_eq!(refused(&one), "");
    }

    #[test]
    fn the_url_is_never_shown() {
        let settings: DataSourceSettings =
            serde_json::from_str(&GOOD.replace("sqlite:/tmp/crm.db", "mysql://u:hidden@h:x")).unwrap();
        assert!(!format!("{settings:?}").contains("hidden"));
        assert!(!open(&settings).err().unwrap().contains("hidden"));
    }
}
