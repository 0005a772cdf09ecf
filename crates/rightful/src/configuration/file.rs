//! The configuration file: TOML; what stands at the top is for both services, a table `[manager]` or `[provider]` for one.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::KnownKeys;
use crate::{Failure, Service};

/// What a file says to one service.
pub(super) struct FileSettings {
    pub(super) path: PathBuf,
    /// Key, where it stands in the file, value; a later one replaces an earlier one.
    pub(super) values: Vec<(String, String, toml::Value)>,
}

pub(super) fn read(path: &Path, service: Service, keys: &KnownKeys) -> anyhow::Result<FileSettings> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read the configuration file {}", path.display()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| malformed(path, &text, &error))?;

    let mut common = Vec::new();
    let mut own = Vec::new();
    for (key, value) in table {
        if let Some(named) = Service::named(&key) {
            let toml::Value::Table(table) = value else {
                return Err(unknown(path, &key, "is a table: write settings below it"));
            };
            for (key, value) in table {
                if !keys.of_service(named, &key) {
                    return Err(unknown(path, &format!("{}.{key}", named.name()), "is no setting"));
                }
                if named == service {
                    own.push((key.clone(), format!("{}.{key}", named.name()), value));
                }
            }
        } else if !keys.of_any(&key) {
            return Err(unknown(path, &key, "is no setting"));
        } else if keys.of_service(service, &key) {
            common.push((key.clone(), key, value));
        }
    }
    common.append(&mut own);
    Ok(FileSettings {
        path: path.to_owned(),
        values: common,
    })
}

fn unknown(path: &Path, key: &str, what: &str) -> anyhow::Error {
    Failure::new(format!("{}: {key} {what}", path.display()))
        .hint("config.example.toml lists all settings")
        .into()
}

/// The place and the reason, without the line itself: a secret may stand in it.
fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let reason = error.message().lines().next().unwrap_or("it is not TOML").to_owned();
    Failure::new(format!("{} line {line}: {reason}", path.display()))
        .hint("the file is TOML; config.example.toml shows every setting")
        .into()
}
