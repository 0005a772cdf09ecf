//! Who is calling: the address behind the connection, or behind the proxies that are ours.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{Extensions, HeaderMap, request::Parts};

/// The networks whose `X-Forwarded-For` we believe (AS-74, SEC-36). None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(network) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(network) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

impl FromStr for TrustedProxies {
    type Err = TrustedProxiesError;

    /// Reads a comma list of addresses and networks: `10.0.0.0/8, 127.0.0.1, fd00::/8`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries
            .map(|entry| {
                network(entry).ok_or_else(|| TrustedProxiesError {
                    entry: entry.to_owned(),
                })
            })
            .collect()
    }
}

impl FromIterator<Network> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

fn network(entry: &str) -> Option<Network> {
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
        None => (entry, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(longest);
    (prefix <= longest).then_some(Network { address, prefix })
}

/// An entry of `trusted_proxies` that is neither an address nor a network.
#[derive(Debug, thiserror::Error)]
#[error("{entry} in trusted_proxies is neither an IP address nor a network like 10.0.0.0/8")]
pub struct TrustedProxiesError {
    entry: String,
}

impl TrustedProxies {
    /// Whether the address lies in one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The caller's address: the connection's, or, while that is a trusted proxy's, the one it forwards for.
    pub fn caller(&self, connection: IpAddr, headers: &HeaderMap) -> IpAddr {
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .flat_map(|value| value.to_str().unwrap_or_default().split(','))
            .collect();
        let mut caller = connection.to_canonical();
        for entry in forwarded.into_iter().rev() {
            if !self.contains(caller) {
                break;
            }
            let Some(address) = forwarded_address(entry.trim()) else {
                break;
            };
            caller = address.to_canonical();
        }
        caller
    }
}

/// Some proxies add the port.
fn forwarded_address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// The caller's address, for rate limits and the record of who did what. Personal data: never logged.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// From a request's connection and headers; without a connection (a call in memory) the loopback address.
    pub(crate) fn of(trusted: &TrustedProxies, extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip());
        Self(trusted.caller(peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), headers))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<Self>().copied();
        Ok(known.unwrap_or_else(|| Self::of(&TrustedProxies::default(), &parts.extensions, &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(trusted: &str, connection: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: TrustedProxies = trusted.parse().unwrap();
        trusted.caller(connection.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        // AS-74, SEC-36
        assert_eq!(caller("", "5.6.7.8", &["1.1.1.1"]), "5.6.7.8");
        assert_eq!(caller("10.0.0.0/8", "5.6.7.8", &["1.1.1.1"]), "5.6.7.8");
        assert_eq!(caller("10.0.0.0/8", "10.1.1.1", &["1.1.1.1"]), "1.1.1.1");
        assert_eq!(
            caller("10.0.0.0/8", "10.1.1.1", &["9.9.9.9, 1.1.1.1, 10.2.2.2"]),
            "1.1.1.1"
        );
        assert_eq!(caller("10.0.0.0/8", "10.1.1.1", &["9.9.9.9", "1.1.1.1"]), "1.1.1.1");
        assert_eq!(caller("10.0.0.0/8", "10.1.1.1", &["1.1.1.1, junk"]), "10.1.1.1");
        assert_eq!(caller("10.0.0.0/8", "10.1.1.1", &[]), "10.1.1.1");
        assert_eq!(caller("127.0.0.1", "::ffff:127.0.0.1", &["[2600::1]:443"]), "2600::1");
        assert_eq!(caller("0.0.0.0/0,::/0", "10.1.1.1", &["1.1.1.1:80"]), "1.1.1.1");
    }

    #[test]
    fn networks_that_are_none_are_named() {
        for wrong in ["10.0.0.0/33", "::/129", "host", "10.0.0.0/x"] {
            assert!(
                wrong
                    .parse::<TrustedProxies>()
                    .unwrap_err()
                    .to_string()
                    .starts_with(wrong)
            );
        }
    }
}
