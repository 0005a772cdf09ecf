//! Settings: the default, then the configuration file, then the environment, then the flag; the later one counts.

mod environment;
mod field_names;
mod file;
mod layers;
mod text_value;

use std::path::PathBuf;

use oauth::Secret;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

pub use environment::Environment;
pub(crate) use layers::Flag;
use layers::Layers;

use crate::Service;

/// Settings whose value is a secret: each can also be given as `NAME_file`, the path of a file that holds it.
const SECRETS: &[&str] = &[
    "database",
    "smtp_url",
    "s3_secret_key",
    "http_proxy",
    "oidc_client_secret",
    "privacy_captcha_secret",
];

/// Where a service lives and how it is reached: the settings that both services have beside their own.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The folder of everything that is not in the database, and of the database too unless `database` is set.
    pub data: PathBuf,
    /// `postgres://…`; default: an SQLite file in the data folder.
    #[serde(deserialize_with = "optional_secret")]
    pub database: Option<Secret>,
    /// The address and port to listen on; port 0 takes a free one.
    pub listen: String,
    /// `auto` (a certificate from a local CA in the data folder), `CERTIFICATE,KEY`, or `off` behind a TLS proxy.
    pub tls: String,
    /// More names and addresses for the local certificate, with commas between.
    pub tls_hosts: String,
    /// The file of the master key; default: `master.key` in the data folder.
    pub master_key_file: Option<PathBuf>,
    /// What is logged, as in `RUST_LOG`, which goes before it.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            data: "rightful-data".into(),
            database: None,
            listen: String::new(),
            tls: "auto".to_owned(),
            tls_hosts: String::new(),
            master_key_file: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

/// All settings of one service.
#[derive(Debug, Clone)]
pub struct Configuration<S> {
    /// Where it lives.
    pub place: Place,
    /// The service's own settings.
    pub settings: S,
    /// False where the public URL is only the default.
    pub public_url_given: bool,
}

/// The URL of a database may carry a password.
fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

/// What both services' settings are called, to tell a typing error from the other service's setting.
pub(crate) struct KnownKeys {
    place: &'static [&'static str],
    manager: &'static [&'static str],
    provider: &'static [&'static str],
}

impl KnownKeys {
    pub(crate) fn of<M: DeserializeOwned, P: DeserializeOwned>() -> Self {
        Self {
            place: field_names::of::<Place>(),
            manager: field_names::of::<M>(),
            provider: field_names::of::<P>(),
        }
    }

    fn own(&self, service: Service) -> &'static [&'static str] {
        match service {
            Service::Manager => self.manager,
            Service::Provider => self.provider,
        }
    }

    fn of_service(&self, service: Service, key: &str) -> bool {
        let plain = key
            .strip_suffix("_file")
            .filter(|plain| SECRETS.contains(plain))
            .unwrap_or(key);
        self.place.contains(&plain) || self.own(service).contains(&plain)
    }

    fn of_any(&self, key: &str) -> bool {
        self.of_service(Service::Manager, key) || self.of_service(Service::Provider, key)
    }
}

/// The settings of `service`.
pub(crate) fn load<S: DeserializeOwned>(
    service: Service,
    keys: &KnownKeys,
    file: Option<&PathBuf>,
    environment: &Environment,
    flags: Vec<Flag>,
) -> anyhow::Result<Configuration<S>> {
    let mut layers = Layers::default();
    let file = file
        .cloned()
        .or_else(|| environment.get("RIGHTFUL_CONFIG").map(PathBuf::from));
    if let Some(path) = file {
        layers.add_file(&file::read(&path, service, keys)?);
    }
    layers.add_environment(environment.settings(service, keys)?);
    layers.add_flags(flags);
    layers.read_secret_files(SECRETS)?;
    let mut place: Place = layers.section(keys.place)?;
    if place.listen.is_empty() {
        service.default_listen().clone_into(&mut place.listen);
    }
    Ok(Configuration {
        place,
        settings: layers.section(keys.own(service))?,
        public_url_given: layers.has("public_url"),
    })
}

#[cfg(test)]
mod tests;
