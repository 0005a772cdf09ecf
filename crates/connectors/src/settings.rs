//! What every connection lets people decide, whatever the vendor: the manager obeys these.

use std::{num::NonZeroU32, time::Duration};

use rightful_http::settings::{Rate, print_duration};
use serde_json::{Map, Value, json};

use crate::{
    direct_contact::DirectContact,
    export::{HostPattern, Limits, S3},
    fields::{Fields, SettingsError},
};

/// The settings of one connection that hold for every vendor, with the defaults filled in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The vendor's account that the grant must be for, where the settings name one.
    pub account_id: Option<String>,
    /// How access jobs are done.
    pub access_by: By,
    /// How deletion jobs are done.
    pub deletion_by: By,
    /// Whom to ask, where a job is done by [`By::DirectContact`].
    pub direct_contact: Option<DirectContact>,
    /// Whether an access job runs before a deletion, so that people see what will go.
    pub access_before_delete: bool,
    /// Whether an access job runs after a deletion, to prove that nothing is left.
    pub verify_erasure: bool,
    /// The pause before the first poll; it grows from there.
    pub poll_initial: Duration,
    /// The longest pause between two polls.
    pub poll_max: Duration,
    /// How often this organisation may be called.
    pub rate_limit: Rate,
    /// How many calls may come at once.
    pub rate_burst: u32,
    /// Whether the authorization server's metadata (RFC 8414) is read when connecting, and its `iss` enforced.
    pub discover: bool,
    /// Where exports may come from, and how much of one is read.
    pub export: ExportSettings,
}

/// Who does a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The vendor's API.
    Api,
    /// A person, through a mailed form.
    DirectContact,
}

/// What is allowed of an export.
#[derive(Debug, Clone)]
pub struct ExportSettings {
    /// Where it may lie.
    pub hosts: Vec<HostPattern>,
    /// The store that `s3://` locations lie in, where there is one.
    pub s3: Option<S3>,
    /// How large it may be.
    pub limits: Limits,
    /// How long fetching it may take in all.
    pub timeout: Duration,
}

/// What differs from vendor to vendor in [`Settings::read`].
pub(crate) struct Defaults {
    pub(crate) discover: bool,
    pub(crate) export_hosts: Vec<HostPattern>,
}

impl Settings {
    /// Takes the common settings out of `fields`.
    pub(crate) fn read(fields: &mut Fields<'_>, defaults: Defaults) -> Result<Self, SettingsError> {
        let access_by = by(fields, "access_by")?;
        let deletion_by = by(fields, "deletion_by")?;
        let direct_contact = fields.object("direct_contact")?.map(DirectContact::read).transpose()?;
        if direct_contact.is_none() && (access_by == By::DirectContact || deletion_by == By::DirectContact) {
            return Err(fields.wrong(
                "direct_contact",
                "is needed where access_by or deletion_by is direct_contact",
            ));
        }
        let poll_initial = fields.duration("poll_initial", Duration::from_mins(1))?;
        let poll_max = fields.duration("poll_max", Duration::from_hours(1).max(poll_initial))?;
        if poll_max < poll_initial {
            return Err(fields.wrong("poll_max", "must not be shorter than poll_initial"));
        }
        let ten = NonZeroU32::MIN.saturating_add(9);
        let rate_burst = fields.count("rate_burst", 10)?;
        let rate_burst = u32::try_from(rate_burst).map_err(|_| fields.wrong("rate_burst", "is too large"))?;
        Ok(Self {
            account_id: fields.id("account_id")?,
            access_by,
            deletion_by,
            direct_contact,
            access_before_delete: fields.flag("access_before_delete", false)?,
            verify_erasure: fields.flag("verify_erasure", false)?,
            poll_initial,
            poll_max,
            rate_limit: fields.parsed("rate_limit")?.unwrap_or(Rate::per_second(ten)),
            rate_burst,
            discover: fields.flag("discover", defaults.discover)?,
            export: ExportSettings::read(fields, defaults.export_hosts)?,
        })
    }

    /// The settings as JSON with every default filled in, as a page shows them; secrets are left out.
    pub(crate) fn shown(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("account_id", json!(self.account_id));
        put("access_by", json!(self.access_by.name()));
        put("deletion_by", json!(self.deletion_by.name()));
        if let Some(direct_contact) = &self.direct_contact {
            put("direct_contact", direct_contact.shown());
        }
        put("access_before_delete", json!(self.access_before_delete));
        put("verify_erasure", json!(self.verify_erasure));
        put("poll_initial", json!(print_duration(self.poll_initial)));
        put("poll_max", json!(print_duration(self.poll_max)));
        put("rate_limit", json!(self.rate_limit.to_string()));
        put("rate_burst", json!(self.rate_burst));
        put("discover", json!(self.discover));
        put(
            "export_hosts",
            json!(self.export.hosts.iter().map(ToString::to_string).collect::<Vec<_>>()),
        );
        put("export_s3", self.export.s3.as_ref().map_or(Value::Null, S3::shown));
        put("export_max_bytes", json!(self.export.limits.max_bytes));
        put("export_max_entries", json!(self.export.limits.max_entries));
        put("export_max_ratio", json!(self.export.limits.max_ratio));
        put("export_timeout", json!(print_duration(self.export.timeout)));
        shown
    }
}

impl By {
    /// The one of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Api, Self::DirectContact]
            .into_iter()
            .find(|by| by.name() == name)
    }

    /// Its name in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::DirectContact => "direct_contact",
        }
    }
}

impl ExportSettings {
    fn read(fields: &mut Fields<'_>, hosts: Vec<HostPattern>) -> Result<Self, SettingsError> {
        let usual = Limits::default();
        Ok(Self {
            hosts: fields
                .list("export_hosts", |text| {
                    text.parse()
                        .map_err(|error: crate::export::HostError| error.to_string())
                })?
                .unwrap_or(hosts),
            s3: fields.object("export_s3")?.map(S3::read).transpose()?,
            limits: Limits {
                max_bytes: fields.count("export_max_bytes", usual.max_bytes)?,
                max_entries: fields.count("export_max_entries", usual.max_entries)?,
                max_ratio: fields.count("export_max_ratio", usual.max_ratio)?,
                ..usual
            },
            timeout: fields.duration("export_timeout", Duration::from_mins(30))?,
        })
    }
}

fn by(fields: &mut Fields<'_>, field: &'static str) -> Result<By, SettingsError> {
    match fields.text(field)? {
        None | Some("api") => Ok(By::Api),
        Some("direct_contact") => Ok(By::DirectContact),
        Some(_) => Err(fields.wrong(field, "must be api or direct_contact")),
    }
}
