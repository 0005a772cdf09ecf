//! Where a service listens, how it proves who it is, and under which address others reach it.

use std::net::SocketAddr;

use anyhow::Context as _;
use rightful_http::{serve::Server, tls::Tls};
use store::SharedClock;
use url::Url;

use super::DataFolder;
use crate::{Service, configuration::Place};

/// An address under which others reach the service.
#[derive(Debug, Clone)]
pub struct PublicAddress {
    given: Option<Url>,
    more: Vec<Url>,
}

impl PublicAddress {
    /// The address that was configured, if one was, and further ones on the same listener.
    pub fn new(given: Option<Url>, more: impl IntoIterator<Item = Url>) -> Self {
        Self {
            given,
            more: more.into_iter().collect(),
        }
    }

    /// Takes the listening address, with a certificate that is good for this address.
    pub async fn bind(&self, place: &Place, folder: &DataFolder, clock: SharedClock) -> anyhow::Result<Server> {
        let tls = Tls::parse(&place.tls, folder.path(), &self.hosts(place))?;
        Ok(Server::bind(&place.listen, tls, clock).await?)
    }

    /// The address that was configured, else the one of the listener, as this machine knows it.
    pub fn url(&self, listens: SocketAddr) -> anyhow::Result<Url> {
        match &self.given {
            Some(given) => Ok(given.clone()),
            None => Url::parse(&format!("https://localhost:{}", listens.port())).context("no public URL"),
        }
    }

    /// The same, kept for commands that run without a listener: the one that the last server used, else the one of
    /// the address that would be listened on.
    pub fn url_without_listener(&self, service: Service, place: &Place, folder: &DataFolder) -> anyhow::Result<Url> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let remembered = std::fs::read_to_string(remembered_in(service, folder)).unwrap_or_default();
        if let Ok(url) = Url::parse(remembered.trim()) {
            return Ok(url);
        }
        let port = place.listen.rsplit(':').next().unwrap_or_default();
        Url::parse(&format!("https://localhost:{port}")).context("no public URL")
    }

    /// The names and addresses that the local certificate is good for.
    fn hosts(&self, place: &Place) -> Vec<String> {
        let urls = self.given.iter().chain(&self.more);
        let public = urls.filter_map(|url| url.host_str()).map(bare);
        let listens = place.listen.rsplit_once(':').map(|(host, _)| bare(host));
        let configured = place.tls_hosts.split(',').map(bare);
        let mut hosts: Vec<String> = Vec::new();
        for host in public
            .chain(["localhost", "127.0.0.1", "::1"])
            .chain(listens.filter(|host| !matches!(*host, "0.0.0.0" | "::")))
            .chain(configured)
        {
            if !host.is_empty() && !hosts.iter().any(|known| known == host) {
                hosts.push(host.to_owned());
            }
        }
        hosts
    }
}

/// Keeps the address for commands that run beside the server. Losing it costs a `--public-url`.
pub(crate) fn remember(service: Service, folder: &DataFolder, url: &Url) {
    std::fs::write(remembered_in(service, folder), format!("{url}\n")).ok();
}

fn remembered_in(service: Service, folder: &DataFolder) -> std::path::PathBuf {
    folder.path().join(format!("{}.url", service.name()))
}

fn bare(host: &str) -> &str {
    host.trim().trim_start_matches('[').trim_end_matches(']')
}
