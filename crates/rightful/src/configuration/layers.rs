//! One value a setting, and where it came from.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Context as _;
use serde::{
    Deserializer,
    de::{DeserializeOwned, DeserializeSeed, IntoDeserializer as _, MapAccess, Visitor},
    forward_to_deserialize_any,
};

use super::{file::FileSettings, text_value::TextValue};
use crate::Failure;

/// A setting given as a flag.
#[derive(Debug, Clone)]
pub(crate) struct Flag {
    /// The flag, such as `--listen`.
    pub(crate) name: &'static str,
    /// The setting's name.
    pub(crate) key: &'static str,
    /// Its value.
    pub(crate) value: String,
}

/// A setting in the environment.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) value: String,
}

/// The settings so far.
#[derive(Default)]
pub(super) struct Layers(BTreeMap<String, Setting>);

struct Setting {
    /// Where it stands, for messages.
    origin: String,
    value: Raw,
}

#[derive(Clone)]
enum Raw {
    Text(String),
    Toml(toml::Value),
}

impl Layers {
    pub(super) fn add_file(&mut self, file: &FileSettings) {
        for (key, place, value) in &file.values {
            let origin = format!("{}: {place}", file.path.display());
            self.put(key, origin, Raw::Toml(value.clone()));
        }
    }

    pub(super) fn add_environment(&mut self, variables: Vec<Variable>) {
        for Variable { name, key, value } in variables {
            self.put(&key, name, Raw::Text(value));
        }
    }

    pub(super) fn add_flags(&mut self, flags: Vec<Flag>) {
        for Flag { name, key, value } in flags {
            self.put(key, name.to_owned(), Raw::Text(value));
        }
    }

    /// Replaces `NAME_file` by what the file holds.
    pub(super) fn read_secret_files(&mut self, secrets: &[&str]) -> anyhow::Result<()> {
        for key in secrets {
            let Some(Setting { origin, value }) = self.0.remove(&format!("{key}_file")) else {
                continue;
            };
            let path = PathBuf::from(match value {
                Raw::Text(path) | Raw::Toml(toml::Value::String(path)) => path,
                Raw::Toml(_) => return Err(Failure::new(format!("{origin}: expected the path of a file")).into()),
            });
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{origin}: could not read {}", path.display()))?;
            self.put(key, origin, Raw::Text(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        Ok(())
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The settings called `keys` as one struct; the rest of it takes its defaults.
    pub(super) fn section<S: DeserializeOwned>(&self, keys: &[&str]) -> anyhow::Result<S> {
        let settings: Vec<_> = self.0.iter().filter(|(key, _)| keys.contains(&key.as_str())).collect();
        S::deserialize(Section {
            rest: settings.into_iter(),
            current: None,
        })
        .map_err(|error| Failure::new(error.to_string()).into())
    }

    fn put(&mut self, key: &str, origin: String, value: Raw) {
        // A value and the path of a file with it are two ways to say one thing: the later one counts.
        match key.strip_suffix("_file") {
            Some(plain) if super::SECRETS.contains(&plain) => self.0.remove(plain),
            _ => self
                .0
                .remove(&format!("{key}_file"))
                .filter(|_| super::SECRETS.contains(&key)),
        };
        self.0.insert(key.to_owned(), Setting { origin, value });
    }
}

type Error = serde::de::value::Error;

/// Presents the settings as a struct's fields, and says in every error which one it was.
struct Section<'a, I: Iterator<Item = (&'a String, &'a Setting)>> {
    rest: I,
    current: Option<(&'a String, &'a Setting)>,
}

impl<'a, 'de, I: Iterator<Item = (&'a String, &'a Setting)>> Deserializer<'de> for Section<'a, I> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'a, 'de, I: Iterator<Item = (&'a String, &'a Setting)>> MapAccess<'de> for Section<'a, I> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.current = self.rest.next();
        self.current
            .map(|(key, _)| seed.deserialize(key.as_str().into_deserializer()))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, setting)) = self.current.take() else {
            return Err(serde::de::Error::custom("a value without a key"));
        };
        let value = match setting.value.clone() {
            Raw::Text(text) => seed.deserialize(TextValue(text)),
            Raw::Toml(value) => seed.deserialize(value).map_err(|error| {
                // A type error repeats the value.
                let reason = if super::SECRETS.contains(&key.as_str()) {
                    "expected text".to_owned()
                } else {
                    error.message().lines().next().unwrap_or_default().to_owned()
                };
                serde::de::Error::custom(reason)
            }),
        };
        value.map_err(|error| serde::de::Error::custom(format!("{}: {error}", setting.origin)))
    }
}
