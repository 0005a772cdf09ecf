//! The way to an S3-compatible store of the operator's.

use std::{io, net::IpAddr, sync::Arc};

use rightful_http::client::{
    AddressClass, ClientSettings, GuardedClient, Lookup, SharedTransport, SystemLookup, classify,
};
use url::{Host, Url};

use super::OpenExportsError;

/// A transport that may call `endpoint`: over https wherever it lies, over plain http at private addresses only.
pub(super) fn transport(endpoint: &Url) -> Result<SharedTransport, OpenExportsError> {
    let plain = match endpoint.scheme() {
        "https" => false,
        "http" => true,
        _ => return Err(OpenExportsError::Endpoint("expected https://")),
    };
    let host = endpoint.host().ok_or(OpenExportsError::Endpoint("it names no host"))?;
    if !matches!(endpoint.path(), "" | "/") || endpoint.query().is_some() || !endpoint.username().is_empty() {
        return Err(OpenExportsError::Endpoint("expected a host with nothing behind it"));
    }
    let public = |address: IpAddr| classify(address) == AddressClass::Public;
    let in_public = match host {
        Host::Ipv4(address) => public(address.into()),
        Host::Ipv6(address) => public(address.into()),
        Host::Domain(_) => false,
    };
    if plain && in_public {
        return Err(OpenExportsError::Endpoint("plain http is for private addresses only"));
    }
    let settings = ClientSettings {
        allow_private_hosts: vec![host.to_string()],
        allow_plain_http: plain,
        ..ClientSettings::default()
    };
    let lookup: Arc<dyn Lookup> = if plain {
        Arc::new(PrivateOnly)
    } else {
        Arc::new(SystemLookup)
    };
    let client = GuardedClient::with_lookup(&settings, lookup).map_err(OpenExportsError::Client)?;
    Ok(Arc::new(client))
}

/// Finds no public address, so that plain http never leaves the operator's network.
struct PrivateOnly;

#[async_trait::async_trait]
impl Lookup for PrivateOnly {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut addresses = SystemLookup.lookup(host).await?;
        addresses.retain(|address| classify(*address) != AddressClass::Public);
        Ok(addresses)
    }
}
