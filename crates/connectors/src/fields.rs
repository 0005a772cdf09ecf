//! Reads the JSON settings of a connection field by field: an unknown or unreadable one is refused by its name.

use std::{collections::BTreeSet, str::FromStr, time::Duration};

use rightful_http::settings::parse_duration;
use serde_json::{Map, Value};

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct SettingsError {
    /// Which one, dotted where it lies deeper: `export_s3.region`.
    pub field: String,
    /// What is wrong with it, in words; never its value.
    pub reason: String,
}

/// A JSON object that is being read; `null` counts as absent.
pub(crate) struct Fields<'a> {
    /// `None` is an object without fields.
    object: Option<&'a Map<String, Value>>,
    prefix: String,
    known: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    /// Starts with the whole of the settings; `null` has none.
    pub(crate) fn whole(settings: &'a Value) -> Result<Self, SettingsError> {
        let object = match settings {
            Value::Object(object) => Some(object),
            Value::Null => None,
            _ => {
                return Err(SettingsError {
                    field: "settings".to_owned(),
                    reason: "must be an object".to_owned(),
                });
            }
        };
        Ok(Self {
            object,
            prefix: String::new(),
            known: BTreeSet::new(),
        })
    }

    /// An error about `field`.
    pub(crate) fn wrong(&self, field: &str, reason: impl Into<String>) -> SettingsError {
        SettingsError {
            field: format!("{}{field}", self.prefix),
            reason: reason.into(),
        }
    }

    /// The object at `field`, to be read in turn.
    pub(crate) fn object(&mut self, field: &'static str) -> Result<Option<Fields<'a>>, SettingsError> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Object(object)) => {
                let prefix = format!("{}{field}.", self.prefix);
                Ok(Some(Fields {
                    object: Some(object),
                    prefix,
                    known: BTreeSet::new(),
                }))
            }
            Some(_) => Err(self.wrong(field, "must be an object")),
        }
    }

    /// A text without surrounding space; empty counts as absent.
    pub(crate) fn text(&mut self, field: &'static str) -> Result<Option<&'a str>, SettingsError> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(field, "must be a text")),
        }
    }

    /// A text that is read by `FromStr`.
    pub(crate) fn parsed<T>(&mut self, field: &'static str) -> Result<Option<T>, SettingsError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let text = self.text(field)?;
        text.map(|text| {
            text.parse()
                .map_err(|error: T::Err| self.wrong(field, error.to_string()))
        })
        .transpose()
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, field: &'static str, default: bool) -> Result<bool, SettingsError> {
        match self.value(field) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.wrong(field, "must be true or false")),
        }
    }

    /// A whole number above 0.
    pub(crate) fn count(&mut self, field: &'static str, default: u64) -> Result<u64, SettingsError> {
        match self.value(field).map(Value::as_u64) {
            None => Ok(default),
            Some(Some(count)) if count > 0 => Ok(count),
            Some(_) => Err(self.wrong(field, "must be a whole number above 0")),
        }
    }

    /// A length of time above zero, such as `"90s"`.
    pub(crate) fn duration(&mut self, field: &'static str, default: Duration) -> Result<Duration, SettingsError> {
        let Some(text) = self.text(field)? else {
            return Ok(default);
        };
        let duration = parse_duration(text).map_err(|error| self.wrong(field, error.to_string()))?;
        if duration.is_zero() {
            Err(self.wrong(field, "must be longer than zero"))
        } else {
            Ok(duration)
        }
    }

    /// A number, or a text of digits: the vendor's ids are written both ways.
    pub(crate) fn id(&mut self, field: &'static str) -> Result<Option<String>, SettingsError> {
        let id = match self.value(field) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(_) => return Err(self.wrong(field, "must be a number")),
        };
        match id.as_str() {
            "" => Ok(None),
            digits if digits.len() <= 19 && digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(id)),
            _ => Err(self.wrong(field, "must be a number")),
        }
    }

    /// A list of texts, each read by `read`, without repetition and not empty; a single text counts as a list of one.
    pub(crate) fn list<T: PartialEq>(
        &mut self,
        field: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<Vec<T>>, SettingsError> {
        let texts = match self.value(field) {
            None => return Ok(None),
            Some(Value::Array(values)) => values.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
            Some(Value::String(text)) => Some(vec![text.as_str()]),
            Some(_) => None,
        };
        let texts = texts.ok_or_else(|| self.wrong(field, "must be a list of texts"))?;
        let mut list = Vec::with_capacity(texts.len());
        for text in texts {
            let value = read(text.trim()).map_err(|reason| self.wrong(field, reason))?;
            if !list.contains(&value) {
                list.push(value);
            }
        }
        if list.is_empty() {
            Err(self.wrong(field, "must name at least one"))
        } else {
            Ok(Some(list))
        }
    }

    /// Refuses whatever has not been asked for.
    pub(crate) fn finish(self) -> Result<(), SettingsError> {
        match self
            .object
            .into_iter()
            .flat_map(Map::keys)
            .find(|key| !self.known.contains(key.as_str()))
        {
            Some(unknown) => Err(self.wrong(
                &unknown.chars().take(64).collect::<String>(),
                "there is no such setting",
            )),
            None => Ok(()),
        }
    }

    fn value(&mut self, field: &'static str) -> Option<&'a Value> {
        self.known.insert(field);
        self.object?.get(field).filter(|value| !value.is_null())
    }
}
