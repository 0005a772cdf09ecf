//! The settings of an Optimizely connection.

use privacy::IdentityType;
use serde_json::{Value, json};
use url::Url;

use crate::{
    export::HostPattern,
    fields::{Fields, SettingsError},
    settings::{Defaults, Settings},
};

const APP_URL: &str = "https://app.optimizely.com";
const API_URL: &str = "https://api.optimizely.com/v2";

/// One connection's settings, checked.
#[derive(Debug, Clone)]
pub(super) struct Configured {
    pub(super) common: Settings,
    /// Where the authorization server lies, without a trailing slash.
    pub(super) app: String,
    /// Where the REST API lies, its version included, without a trailing slash.
    pub(super) api: String,
    /// The API's host and port.
    pub(super) api_host: String,
    pub(super) data_types: Vec<DataType>,
    pub(super) identifier_types: Vec<IdentityType>,
}

/// The vendor's kinds of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataType {
    /// An end visitor of the customer's sites.
    Visitor,
    /// A collaborator of the customer's account.
    User,
}

impl DataType {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::User => "user",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::Visitor, Self::User]
            .into_iter()
            .find(|data_type| data_type.name() == name)
    }
}

impl Configured {
    pub(super) fn parse(settings: &Value) -> Result<Self, SettingsError> {
        let mut fields = Fields::whole(settings)?;
        let app = base_url(&mut fields, "app_url")?;
        let api = base_url(&mut fields, "api_url")?
            .map(|api| with_version(api, &fields))
            .transpose()?;
        let vendors_login = app.as_ref().is_none_or(|app| trimmed(app) == APP_URL);
        let vendors_api = api.as_ref().is_none_or(|api| trimmed(api) == API_URL);
        // One of them alone would hand the sandbox's tokens to the real vendor, or the vendor's to the sandbox.
        if vendors_login != vendors_api {
            let (missing, given) = if vendors_login {
                ("app_url", "api_url")
            } else {
                ("api_url", "app_url")
            };
            return Err(fields.wrong(missing, format!("must be set where {given} is not the vendor's own")));
        }
        let mut export_hosts = vec![HostPattern::under("amazonaws.com")];
        export_hosts.extend(api.as_ref().filter(|_| !vendors_api).and_then(HostPattern::host_of));
        let common = Settings::read(
            &mut fields,
            Defaults {
                discover: !vendors_login,
                export_hosts,
            },
        )?;
        let data_types = fields
            .list("data_types", |name| {
                DataType::of_name(name).ok_or_else(|| "must be visitor or user".to_owned())
            })?
            .unwrap_or_else(|| vec![DataType::Visitor, DataType::User]);
        let identifier_types = fields
            .list("identifier_types", |name| {
                name.parse::<IdentityType>().map_err(|error| error.to_string())
            })?
            .unwrap_or_else(|| IdentityType::ALL.to_vec());
        fields.finish()?;
        let api = api.as_ref().map_or_else(|| API_URL.to_owned(), trimmed);
        Ok(Self {
            common,
            app: app.as_ref().map_or_else(|| APP_URL.to_owned(), trimmed),
            api_host: api
                .trim_start_matches("https://")
                .split('/')
                .next()
                .unwrap_or_default()
                .to_owned(),
            api,
            data_types,
            identifier_types,
        })
    }

    pub(super) fn shown(&self) -> Value {
        let mut shown = self.common.shown();
        shown.insert("app_url".to_owned(), json!(self.app));
        shown.insert("api_url".to_owned(), json!(self.api));
        let data_types: Vec<_> = self.data_types.iter().map(|data_type| data_type.name()).collect();
        shown.insert("data_types".to_owned(), json!(data_types));
        shown.insert("identifier_types".to_owned(), json!(self.identifier_types));
        Value::Object(shown)
    }
}

fn base_url(fields: &mut Fields<'_>, field: &'static str) -> Result<Option<Url>, SettingsError> {
    let Some(url) = fields.parsed::<Url>(field)? else {
        return Ok(None);
    };
    if url.scheme() != "https" {
        return Err(fields.wrong(field, "must be an https URL"));
    }
    let bare =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    if bare {
        Ok(Some(url))
    } else {
        Err(fields.wrong(field, "must have no query, fragment or user name"))
    }
}

/// A sandbox is given as `https://localhost:8444` or as `https://localhost:8444/v2`: both mean the latter.
fn with_version(mut api: Url, fields: &Fields<'_>) -> Result<Url, SettingsError> {
    let path = api.path().trim_end_matches('/').to_owned();
    match path.rsplit('/').next() {
        Some("v2") => Ok(api),
        Some(last) if last.strip_prefix('v').is_some_and(|rest| rest.parse::<u16>().is_ok()) => {
            Err(fields.wrong("api_url", "must be of version 2, this connector speaks no other"))
        }
        _ => {
            api.set_path(&format!("{path}/v2"));
            Ok(api)
        }
    }
}

fn trimmed(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
