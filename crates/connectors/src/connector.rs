//! What every vendor looks like from the manager's side.

use std::fmt;

use jiff::Timestamp;
use oauth::Secret;
use privacy::{Identities, Right};
use rightful_http::client::Transport;
use serde_json::Value;

use crate::{
    authorization::{Authorization, Whose},
    error::ConnectorError,
    fields::SettingsError,
    job::{JobRequest, Plan, VendorJob},
    settings::Settings,
};

/// The code for one kind of system: a line of the catalog.
pub trait Connector: fmt::Debug + Send + Sync {
    /// Its name in the API and in the database, such as `optimizely`.
    fn name(&self) -> &'static str;

    /// Its name for people, such as `Optimizely`.
    fn title(&self) -> &'static str;

    /// What it does and where, in a sentence or two, for whoever chooses among connectors.
    fn summary(&self) -> &'static str;

    /// What somebody needs before they can set it up, a thing each.
    fn needs(&self) -> &'static [&'static str];

    /// Which rights it can carry out through the vendor's API.
    fn capabilities(&self) -> &'static [Right];

    /// JSON pointers (RFC 6901) to the settings that are secrets: sealed at rest and never shown.
    fn secret_settings(&self) -> &'static [&'static str];

    /// Reads and checks the settings of a connection; an error names the field, unknown ones are refused.
    fn configure(&self, settings: &Value) -> Result<Box<dyn Vendor>, SettingsError>;
}

/// A vendor as one connection is set up to call it. Every answer that is handed back was checked to be about what was
/// sent (CL-23); every error names the system and knows its verdict.
#[async_trait::async_trait]
pub trait Vendor: fmt::Debug + Send + Sync {
    /// The settings that hold for every vendor.
    fn settings(&self) -> &Settings;

    /// The settings as JSON, defaults filled in and secrets left out.
    fn shown_settings(&self) -> Value;

    /// How the connection is authorized.
    fn authorization(&self) -> Authorization;

    /// Names the organisation whose rate all calls of this connection count against: the key of its lane.
    fn organisation(&self, account_id: Option<&str>) -> String;

    /// What to submit for `right` over the given identities. Pure.
    fn plan(&self, right: Right, identities: &Identities) -> Plan;

    /// Proves that the access token works and says whose it is.
    async fn check(&self, call: &Call<'_>) -> Result<Whose, ConnectorError>;

    /// Hands a job to the vendor. [`ConnectorError::OutcomeUnknown`]: search with [`Vendor::find`] before trying again.
    async fn submit(&self, call: &Call<'_>, job: &JobRequest) -> Result<VendorJob, ConnectorError>;

    /// Searches the vendor's list for jobs like `job` requested at `since` or later, oldest first. Makes one call a
    /// page, as many as it takes.
    async fn find(&self, call: &Call<'_>, job: &JobRequest, since: Timestamp)
    -> Result<Vec<VendorJob>, ConnectorError>;

    /// One page (from 1) of the vendor's list, to poll many jobs in one call. The jobs are anybody's: compare each
    /// with what was sent by [`VendorJob::disagreement`].
    async fn list(&self, call: &Call<'_>, page: u32) -> Result<Page, ConnectorError>;

    /// How far the job `id` is, which was submitted as `job`.
    async fn poll(&self, call: &Call<'_>, id: &str, job: &JobRequest) -> Result<VendorJob, ConnectorError>;
}

/// What a connector is given for one piece of work: a ready access token and a way out, never a refresh token, a
/// client secret or the database.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The way out. It paces: a piece of work may make several calls.
    pub transport: &'a dyn Transport,
    /// A token that is good now.
    pub access_token: &'a Secret,
    /// The account that the connection was checked to be for; answers about another one are refused.
    pub account_id: Option<&'a str>,
    /// The time of the call.
    pub now: Timestamp,
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("account_id", &self.account_id)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// One page of a vendor's list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The jobs on it, in the vendor's order.
    pub jobs: Vec<VendorJob>,
    /// How many entries could not be read: they were left out, not mistaken.
    pub unreadable: usize,
    /// The page after this one, if there may be one.
    pub next: Option<u32>,
    /// The last page, where the vendor tells.
    pub last: Option<u32>,
}
