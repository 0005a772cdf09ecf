//! The guard against being sent where we must not go (server-side request forgery, SEC-33).

use std::{
    collections::BTreeSet,
    error::Error,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::{AddressClass, classify};

/// Turns a host name into addresses.
#[async_trait::async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of `host`, best first.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait::async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0))
            .await?
            .map(|address| address.ip())
            .collect())
    }
}

/// Lets through public addresses, and any address of the hosts that are named in `allowed`.
#[derive(Clone)]
pub(super) struct Guard {
    allowed: Arc<BTreeSet<String>>,
    lookup: Arc<dyn Lookup>,
}

impl Guard {
    /// `allowed` are host names or IP literals as they stand in URLs, without port.
    pub(super) fn new(allowed: impl IntoIterator<Item = String>, lookup: Arc<dyn Lookup>) -> Self {
        Self {
            allowed: Arc::new(allowed.into_iter().collect()),
            lookup,
        }
    }

    /// Judges an IP literal in `url`, in whatever notation (the parser has made `0x7f.1` and `2130706433` plain).
    /// A name is judged when it is resolved.
    pub(super) fn check_literal(&self, url: &Url) -> Result<(), Forbidden> {
        let (address, host) = match url.host() {
            Some(Host::Ipv4(address)) => (IpAddr::V4(address), address.to_string()),
            Some(Host::Ipv6(address)) => (IpAddr::V6(address), format!("[{address}]")),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        self.check(&host, address)
    }

    /// The addresses of `host`, none of which is forbidden.
    pub(super) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>> {
        let addresses = self.lookup.lookup(host).await?;
        // One forbidden address among good ones is no accident either.
        addresses.iter().try_for_each(|address| self.check(host, *address))?;
        Ok(addresses)
    }

    fn check(&self, host: &str, address: IpAddr) -> Result<(), Forbidden> {
        match classify(address) {
            AddressClass::NotPublic(class) if !self.allowed.contains(host) => Err(Forbidden { class }),
            _ => Ok(()),
        }
    }
}

/// The client connects to the very addresses that were judged here, so a second answer of the name server cannot
/// move the call (DNS rebinding).
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = guard.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// An address that may not be called.
#[derive(Debug)]
pub(super) struct Forbidden {
    class: &'static str,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its address is {}, not public; name the host in allow_private_hosts if that is meant",
            self.class
        )
    }
}

impl Error for Forbidden {}
