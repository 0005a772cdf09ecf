//! What the environment says.

use std::collections::BTreeMap;

use super::{KnownKeys, layers::Variable};
use crate::{Failure, Service};

const PREFIX: &str = "RIGHTFUL_";

/// Variables that are no settings.
const OTHERS: &[&str] = &[
    "RIGHTFUL_CONFIG",
    "RIGHTFUL_MASTER_KEY",
    "RIGHTFUL_PASSWORD",
    "RIGHTFUL_CLIENT_SECRET",
    "RIGHTFUL_TEST_DATABASE",
    "RIGHTFUL_TEST_MARIADB",
];

/// The variables of this process whose names begin with `RIGHTFUL_`. An empty one counts as not set.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// As the process was started.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of one variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The settings of `service` in it; one that nobody knows is refused by name.
    pub(super) fn settings(&self, service: Service, keys: &KnownKeys) -> anyhow::Result<Vec<Variable>> {
        let mut settings = Vec::new();
        for (name, value) in &self.0 {
            if OTHERS.contains(&name.as_str()) {
                continue;
            }
            let key = name.trim_start_matches(PREFIX).to_lowercase();
            if keys.of_service(service, &key) {
                settings.push(Variable {
                    name: name.clone(),
                    key,
                    value: value.clone(),
                });
            } else if !keys.of_any(&key) {
                return Err(Failure::new(format!("the environment variable {name} is no setting"))
                    .hint("config.example.toml lists all settings; in the environment each is RIGHTFUL_ and its name in capitals")
                    .into());
            }
        }
        Ok(settings)
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        let ours = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty());
        Self(ours.collect())
    }
}

impl std::fmt::Debug for Environment {
    /// The names alone: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
