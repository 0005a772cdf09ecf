//! Optimizely: OAuth 2.0, and jobs through its REST API v2 (`subject-access-requests`).

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
