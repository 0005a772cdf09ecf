//! Optimizely: OAuth 2.0, and jobs through its REST API v2 (`subject-access-requests`).
//!
//! Settings of its own, beside [`crate::Settings`]:
//!
//! | name | meaning | default |
//! |---|---|---|
//! | `app_url` | where people log in and tokens come from | `https://app.optimizely.com` |
//! | `api_url` | the REST API; `/v2` is added where the path does not end in it | `https://api.optimizely.com/v2` |
//! | `data_types` | `visitor`, `user` | both |
//! | `identifier_types` | which of a subject's identifiers are asked for | all five |
//!
//! `app_url` and `api_url` go together: a sandbox that sets one alone is refused, because its tokens would be shown to
//! the other's host. Collaborators (`user`) are known by their e-mail address alone.

mod answer;
mod plan;
mod search;
mod settings;
mod vendor;
mod wire;

use privacy::Right;
use serde_json::Value;

use crate::{
    connector::{Connector, Vendor},
    fields::SettingsError,
};

/// The vendor's name for people.
const TITLE: &str = "Optimizely";

/// The connector.
#[derive(Debug, Clone, Copy)]
pub struct Optimizely;

impl Connector for Optimizely {
    fn name(&self) -> &'static str {
        "optimizely"
    }

    fn title(&self) -> &'static str {
        TITLE
    }

    fn summary(&self) -> &'static str {
        "Looks for people among the visitors and collaborators of an Optimizely account, and deletes them there, through \
         Optimizely's own privacy jobs."
    }

    fn needs(&self) -> &'static [&'static str] {
        &[
            "An administrator of the Optimizely account, who registers this manager there",
            "The client ID and client secret that Optimizely gives",
        ]
    }

    fn capabilities(&self) -> &'static [Right] {
        &[Right::Access, Right::Deletion]
    }

    fn secret_settings(&self) -> &'static [&'static str] {
        &["/export_s3/secret_key"]
    }

    fn configure(&self, settings: &Value) -> Result<Box<dyn Vendor>, SettingsError> {
        Ok(Box::new(settings::Configured::parse(settings)?))
    }
}

#[cfg(test)]
mod tests;
