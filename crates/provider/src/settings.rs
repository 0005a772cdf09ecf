//! What an operator decides.

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use mail::{Mailer, MailerSettings};
use oauth::{RevokedStatus, Secret};
use rightful_http::{
    TrustedProxies,
    client_address::TrustedProxiesError,
    pages::Accent,
    settings::{HumanDuration, Rate},
};
use serde::{Deserialize, Deserializer, de};
use url::Url;

use crate::{DataSourceSettings, sources::sql::SqlSources};

/// Every setting of the provider, with its default.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where users, applications and API clients reach this server: `https://` and a host, nothing behind it.
    #[serde(deserialize_with = "url")]
    pub public_url: Url,
    /// A second host name for the API on the same listener; default: the public URL.
    #[serde(deserialize_with = "optional_url")]
    pub api_url: Option<Url>,
    /// The mail server, for invitations and forgotten passwords.
    #[serde(deserialize_with = "optional_secret")]
    pub smtp_url: Option<Secret>,
    /// The sender of mails.
    pub mail_from: Option<String>,
    /// Keep mails in a mailbox of our own; default: only where there is no mail server.
    pub mailbox: Option<bool>,
    /// A file of certificates (PEM) that are trusted beside the system's, towards the mail server.
    pub extra_ca: Option<PathBuf>,
    /// The name shown to people: "Connect with …", log-in, consent.
    pub brand_name: String,
    /// The colour of buttons and links, `#rrggbb`; default: ours.
    #[serde(deserialize_with = "optional_accent")]
    pub brand_color: Option<Accent>,
    /// How long an access token lasts.
    pub access_token_ttl: HumanDuration,
    /// How long an authorization code lasts; at most ten minutes.
    pub authorization_code_ttl: HumanDuration,
    /// How long a refresh token lasts from the authorization on; default: for ever, as the vendor.
    pub refresh_token_ttl: Option<HumanDuration>,
    /// How long a refresh token lasts without use; default: for ever.
    pub refresh_token_idle_ttl: Option<HumanDuration>,
    /// How long a rotated refresh token of a public application still works, for a response that was lost.
    pub refresh_grace: HumanDuration,
    /// How an authorization that is gone is answered: `seed` (403) or `rfc` (400 and 401).
    pub revoked_status: RevokedStatus,
    /// Accept the parameters of `/oauth2/token` in the query string, for older clients of the vendor.
    pub token_query_parameters: bool,
    /// How often one application may call `/oauth2/*`.
    pub oauth_rate_limit: Rate,
    /// How often one account may call the API.
    pub rate_limit: Rate,
    /// How many API calls may come at once before the rate limit holds.
    pub rate_burst: NonZeroU32,
    /// Send `RateLimit` headers, and `Retry-After` with a 429. The real vendor sends none.
    pub rate_limit_headers: bool,
    /// Until when a request must be done.
    pub sla: HumanDuration,
    /// Administrators may answer for internal teams, about their own account's requests.
    pub teams_by_administrators: bool,
    /// How long an export can be downloaded, and is kept, from completion on.
    pub export_ttl: HumanDuration,
    /// How long a browser session lasts without a request.
    pub session_idle: HumanDuration,
    /// How long a browser session lasts at most.
    pub session_ttl: HumanDuration,
    /// Addresses and networks of proxies whose `X-Forwarded-For` counts, with commas between.
    pub trusted_proxies: String,
    /// An S3-compatible store for exports; default: the embedded one.
    #[serde(deserialize_with = "optional_url")]
    pub s3_endpoint: Option<Url>,
    /// The bucket for exports.
    pub s3_bucket: String,
    /// The bucket's region.
    pub s3_region: String,
    /// The access key, for the embedded store too.
    pub s3_access_key: Option<String>,
    /// Its secret.
    #[serde(deserialize_with = "optional_secret")]
    pub s3_secret_key: Option<Secret>,
    /// Databases of the vendor's own that hold data of subjects.
    pub data_sources: Vec<DataSourceSettings>,
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(|_| de::Error::custom("expected a URL, such as https://vendor.example"))
}

fn optional_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| url(de::IntoDeserializer::into_deserializer(text)))
        .transpose()
}

fn optional_accent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Accent>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}

fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

impl Default for Settings {
    fn default() -> Self {
        let minutes = |minutes: u64| HumanDuration::from(Duration::from_mins(minutes));
        let hours = |hours: u64| minutes(hours * 60);
        let days = |days: u64| hours(days * 24);
        Self {
            public_url: localhost(),
            api_url: None,
            smtp_url: None,
            mail_from: None,
            mailbox: None,
            extra_ca: None,
            brand_name: "Vendor".to_owned(),
            brand_color: None,
            access_token_ttl: hours(2),
            authorization_code_ttl: minutes(10),
            refresh_token_ttl: None,
            refresh_token_idle_ttl: None,
            refresh_grace: HumanDuration::from(Duration::from_secs(10)),
            revoked_status: RevokedStatus::Seed,
            token_query_parameters: false,
            oauth_rate_limit: Rate::per_second(NonZeroU32::MIN.saturating_add(99)),
            rate_limit: Rate::per_second(NonZeroU32::MIN.saturating_add(9)),
            rate_burst: NonZeroU32::MIN.saturating_add(19),
            rate_limit_headers: true,
            sla: days(30),
            teams_by_administrators: true,
            export_ttl: days(7),
            session_idle: hours(12),
            session_ttl: days(7),
            trusted_proxies: String::new(),
            s3_endpoint: None,
            s3_bucket: "rightful-exports".to_owned(),
            s3_region: "us-east-1".to_owned(),
            s3_access_key: None,
            s3_secret_key: None,
            data_sources: Vec::new(),
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant that is a URL")]
fn localhost() -> Url {
    Url::parse("https://localhost:8444").expect("this is a URL")
}

/// A setting that cannot be used; the message begins with its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not `https://host[:port]`.
    #[error("{0}: expected https:// and a host name, with nothing behind it")]
    Url(&'static str),
    /// RFC 6749 section 4.1.2.
    #[error("authorization_code_ttl: a code may last at most 10m")]
    CodeTooLong,
    /// Zero.
    #[error("{0}: must be longer than 0")]
    Zero(&'static str),
    /// Not a list of addresses and networks.
    #[error("{0}")]
    TrustedProxies(String),
    /// The mail server or the sender can't be used.
    #[error("{0}")]
    Mail(String),
    /// Empty, or too long to be shown.
    #[error("brand_name: expected 1 to 60 characters")]
    BrandName,
    /// A data source that could not work.
    #[error("{0}")]
    DataSource(String),
}

impl Settings {
    /// The server's own name in OAuth (RFC 8414 section 2): the public URL without a slash at its end.
    pub fn issuer(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// The one resource that tokens are for (RFC 8707).
    pub fn resource(&self) -> String {
        format!("{}/v2", self.issuer())
    }

    /// Whose `X-Forwarded-For` counts.
    pub fn trusted_proxies(&self) -> Result<TrustedProxies, SettingsError> {
        let networks = self.trusted_proxies.parse();
        networks.map_err(|error: TrustedProxiesError| SettingsError::TrustedProxies(error.to_string()))
    }

    /// The way that mails take: the mail server, else the mailbox unless that is switched off.
    pub fn mailer(&self) -> Result<Mailer, SettingsError> {
        let refused = |words: String| SettingsError::Mail(words);
        let extra_ca = match &self.extra_ca {
            Some(path) => {
                let read = std::fs::read(path);
                vec![read.map_err(|error| refused(format!("extra_ca: {} could not be read: {error}", path.display())))?]
            }
            None => Vec::new(),
        };
        let settings = MailerSettings {
            smtp_url: self.smtp_url.clone(),
            mail_from: self.mail_from.clone(),
            mailbox: self.mailbox.unwrap_or(self.smtp_url.is_none()),
            host: self.public_url.host_str().unwrap_or_default().to_owned(),
            extra_ca,
            ..MailerSettings::default()
        };
        Mailer::open(&settings).map_err(|error| refused(error.to_string()))
    }

    /// Refuses values that could not work.
    pub fn check(&self) -> Result<(), SettingsError> {
        is_origin(&self.public_url)
            .then_some(())
            .ok_or(SettingsError::Url("public_url"))?;
        if self.api_url.as_ref().is_some_and(|url| !is_origin(url)) {
            return Err(SettingsError::Url("api_url"));
        }
        if self.authorization_code_ttl.duration() > Duration::from_mins(10) {
            return Err(SettingsError::CodeTooLong);
        }
        for (name, length) in [
            ("access_token_ttl", self.access_token_ttl),
            ("authorization_code_ttl", self.authorization_code_ttl),
            ("session_idle", self.session_idle),
            ("session_ttl", self.session_ttl),
            ("export_ttl", self.export_ttl),
        ] {
            if length.duration().is_zero() {
                return Err(SettingsError::Zero(name));
            }
        }
        let name = self.brand_name.trim();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err(SettingsError::BrandName);
        }
        SqlSources::open(&self.data_sources).map_err(SettingsError::DataSource)?;
        Ok(())
    }
}

/// Cookies, redirects and RFC 8414 all assume that the service has a host for itself.
fn is_origin(url: &Url) -> bool {
    url.scheme() == "https"
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_public_url(url: &str) -> Settings {
        Settings {
            public_url: url.parse().unwrap(),
            ..Settings::default()
        }
    }

    #[test]
    fn the_defaults_can_be_used_and_empty_settings_are_the_defaults() {
        assert_eq!(Settings::default().check(), Ok(()));
        let empty: Settings = serde_json::from_str("{}").unwrap();
        assert_eq!(format!("{empty:?}"), format!("{:?}", Settings::default()));
        assert_eq!(empty.issuer(), "https://localhost:8444");
        assert_eq!(empty.resource(), "https://localhost:8444/v2");
    }

    #[test]
    fn the_public_url_is_an_https_origin() {
        // AS-70
        for (url, fine) in [
            ("https://vendor.example", true),
            ("https://vendor.example:8444/", true),
            ("http://vendor.example", false),
            ("https://vendor.example/oauth", false),
            ("https://vendor.example/?a=b", false),
            ("https://vendor.example/#a", false),
            ("https://user@vendor.example/", false),
        ] {
            assert_eq!(with_public_url(url).check().is_ok(), fine, "{url}");
        }
    }

    #[test]
    fn values_that_could_not_work_are_refused_by_name() {
        for (json, message) in [
            (r#"{"authorization_code_ttl": "11m"}"#, "authorization_code_ttl"),
            (r#"{"access_token_ttl": "0s"}"#, "access_token_ttl"),
            (r#"{"brand_name": " "}"#, "brand_name"),
        ] {
            let settings: Settings = serde_json::from_str(json).unwrap();
            assert!(settings.check().unwrap_err().to_string().starts_with(message), "{json}");
        }
    }
}
