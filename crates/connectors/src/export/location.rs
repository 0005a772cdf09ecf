//! Where an export lies, and the request that fetches it.

use std::fmt;

use bytes::Bytes;
use http::{
    Request,
    header::{ACCEPT, ACCEPT_ENCODING},
};
use jiff::Timestamp;
use oauth::Secret;
use url::Url;

use super::error::ExportError;
use crate::settings::ExportSettings;

/// Where a vendor says that an export lies. Whoever knows a presigned one may fetch it, so it is kept like a secret.
#[derive(Clone)]
pub struct ExportLocation(Secret);

impl ExportLocation {
    /// Takes the vendor's word; nothing is checked yet.
    pub fn new(location: impl Into<String>) -> Self {
        Self(Secret::new(location.into()))
    }

    /// The location as text, to be sealed.
    pub const fn reveal(&self) -> &String {
        self.0.reveal()
    }
}

impl fmt::Debug for ExportLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportLocation(..)")
    }
}

impl PartialEq for ExportLocation {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}

impl Eq for ExportLocation {}

/// The request that fetches an export: `https` on an allowed host, or `s3://` in the configured store. It never
/// carries the vendor's access token. Redirects of it are checked by [`super::fetch()`].
pub fn export_request(
    location: &ExportLocation,
    settings: &ExportSettings,
    now: Timestamp,
) -> Result<Request<Bytes>, ExportError> {
    let url: Url = location.reveal().parse().map_err(|_| refused("it is not a URL"))?;
    if url.scheme() != "s3" {
        return plain_get(&url, settings);
    }
    match &settings.s3 {
        Some(store) => store.get(&url, now),
        None => Err(refused("it lies in s3://, and the setting export_s3 names no store")),
    }
}

/// A `GET` without any credential, after the rules for hosts.
pub(super) fn plain_get(url: &Url, settings: &ExportSettings) -> Result<Request<Bytes>, ExportError> {
    if url.scheme() != "https" {
        return Err(refused("only https is fetched"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it carries a user name"));
    }
    if !settings.hosts.iter().any(|pattern| pattern.allows(url)) {
        let host = url.host_str().unwrap_or_default();
        return Err(refused(format!("the setting export_hosts does not allow {host}")));
    }
    // A fragment is not part of a request (RFC 9110 section 4.2.5).
    let mut url = url.clone();
    url.set_fragment(None);
    Request::get(url.as_str())
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity")
        .body(Bytes::new())
        .map_err(|_| refused("it is too long or holds characters that no request can"))
}

pub(super) fn refused(reason: impl Into<String>) -> ExportError {
    ExportError::Location { reason: reason.into() }
}
