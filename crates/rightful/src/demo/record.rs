//! What the demo has done so far, so that a later start carries on. It holds log-ins and keys: its owner alone may read it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use oauth::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vault::{SystemEntropy, random_bytes};

use super::folder::DemoFolder;
use crate::{Failure, hex::hex};

/// The record. What is `None` is still to be done.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    /// Names this demo in idempotency keys.
    pub(super) name: String,
    pub(super) manager_listen: Option<String>,
    pub(super) provider_listen: Option<String>,
    pub(super) manager_url: Option<String>,
    pub(super) provider_url: Option<String>,
    pub(super) vendor_login: Login,
    pub(super) operator_login: Login,
    pub(super) account_id: Option<String>,
    pub(super) application: Option<Application>,
    pub(super) imported: Option<u64>,
    #[serde(default, with = "optional_secret")]
    pub(super) api_key: Option<Secret>,
    pub(super) connection_id: Option<String>,
    #[serde(default)]
    pub(super) requests: Requests,
    #[serde(skip)]
    path: PathBuf,
}

/// Somebody who can log in.
#[derive(Serialize, Deserialize)]
pub(super) struct Login {
    pub(super) email: String,
    #[serde(with = "secret")]
    pub(super) password: Secret,
}

/// The manager as the vendor knows it.
#[derive(Serialize, Deserialize)]
pub(super) struct Application {
    pub(super) client_id: String,
    #[serde(with = "secret")]
    pub(super) client_secret: Secret,
}

/// The requests, each as the manager's API showed it when it was done.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Requests {
    pub(super) access: Option<Done>,
    pub(super) deletion: Option<Done>,
    pub(super) access_again: Option<Done>,
    pub(super) neighbour: Option<Done>,
}

/// A request that was carried out.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) id: String,
    pub(super) reference: String,
    pub(super) state: String,
    pub(super) outcome: Option<String>,
    /// The vendor's ids of the jobs.
    pub(super) vendor_jobs: Vec<String>,
    /// What an access request found; names of objects and fields only.
    pub(super) found: Option<Value>,
    /// Bytes of the package that was handed over.
    pub(super) package: Option<u64>,
}

impl Record {
    /// The record in the folder, or a new one.
    pub(super) fn load_or_begin(folder: &DemoFolder) -> anyhow::Result<Self> {
        let path = folder.path().join("demo.json");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let mut record: Self = serde_json::from_str(&text).map_err(|_| {
                    Failure::new(format!("{} is not the record of a demo", path.display()))
                        .hint("use another folder with --data, or remove this one")
                })?;
                record.path = path;
                Ok(record)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let record = Self::begin(path);
                record.save()?;
                Ok(record)
            }
            Err(error) => Err(error).with_context(|| format!("could not read {}", path.display())),
        }
    }

    fn begin(path: PathBuf) -> Self {
        let login = |email: &str| Login {
            email: email.to_owned(),
            password: Secret::new(random_words()),
        };
        Self {
            name: hex(&random_bytes::<8>(&SystemEntropy)),
            manager_listen: None,
            provider_listen: None,
            manager_url: None,
            provider_url: None,
            vendor_login: login("admin@vendor.example"),
            operator_login: login("privacy@company.example"),
            account_id: None,
            application: None,
            imported: None,
            api_key: None,
            connection_id: None,
            requests: Requests::default(),
            path,
        }
    }

    /// Puts the record on disk; after a crash either the old or the new one is there.
    pub(super) fn save(&self) -> anyhow::Result<()> {
        let draft = self.path.with_extension("json.new");
        let saved = write(&draft, &serde_json::to_vec_pretty(self)?).and_then(|()| fs::rename(&draft, &self.path));
        saved.with_context(|| format!("could not write {}", self.path.display()))
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A password with 120 bits, in groups that can be typed.
fn random_words() -> String {
    let text = hex(&random_bytes::<15>(&SystemEntropy));
    let groups: Vec<&str> = text
        .as_bytes()
        .chunks(6)
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join("-")
}

/// This file is the one place where these are written in clear.
mod secret {
    use oauth::Secret;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        secret.reveal().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

mod optional_secret {
    use oauth::Secret;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands over references")]
    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::reveal).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
    }
}
