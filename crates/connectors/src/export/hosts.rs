//! Which hosts an export may lie on.

use std::{fmt, str::FromStr};

use url::{Host, Url};

/// A pattern for hosts: `name`, `*.name`, an IP literal; on any port unless one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    names: Names,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Names {
    One(Host),
    /// Every name that ends in a dot and this.
    Under(String),
}

/// A text that is no pattern for hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a host, such as exports.example.com, *.example.com, example.com:8443 or an IP address")]
pub struct HostError;

impl HostPattern {
    /// Every name under `domain`, on any port.
    pub(crate) fn under(domain: &str) -> Self {
        Self {
            names: Names::Under(domain.to_owned()),
            port: None,
        }
    }

    /// The host of `url`, on any port.
    pub(crate) fn host_of(url: &Url) -> Option<Self> {
        Some(Self {
            names: Names::One(url.host()?.to_owned()),
            port: None,
        })
    }

    /// Whether `url` lies on a host of this pattern. An IP address only does if it is the pattern.
    pub fn allows(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let named = match &self.names {
            Names::One(one) => *one == host.to_owned(),
            Names::Under(domain) => matches!(host, Host::Domain(name) if is_under(name, domain)),
        };
        named && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

fn is_under(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|label| !label.is_empty())
}

impl FromStr for HostPattern {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let (pattern, port) = match text.rsplit_once(':') {
            Some((pattern, port)) if !port.ends_with(']') => (pattern, Some(port.parse().map_err(|_| HostError)?)),
            _ => (text, None),
        };
        let names = match pattern.strip_prefix("*.") {
            None => Names::One(Host::parse(pattern).map_err(|_| HostError)?),
            Some(domain) => match Host::parse(domain) {
                Ok(Host::Domain(domain)) => Names::Under(domain),
                _ => return Err(HostError),
            },
        };
        let wild = matches!(&names, Names::One(Host::Domain(name)) | Names::Under(name) if name.contains('*'));
        if wild { Err(HostError) } else { Ok(Self { names, port }) }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.names {
            Names::One(host) => write!(f, "{host}")?,
            Names::Under(domain) => write!(f, "*.{domain}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, url: &str) -> bool {
        pattern.parse::<HostPattern>().unwrap().allows(&url.parse().unwrap())
    }

    // CL-24
    #[test]
    fn a_pattern_allows_its_hosts_and_no_look_alikes() {
        let table = [
            (
                "*.amazonaws.com",
                "https://s3-us-west-2.amazonaws.com/bucket/key.zip",
                true,
            ),
            (
                "*.amazonaws.com",
                "https://bucket.s3.eu-west-1.amazonaws.com:8443/key",
                true,
            ),
            ("*.amazonaws.com", "https://amazonaws.com/", false),
            ("*.amazonaws.com", "https://evilamazonaws.com/", false),
            ("*.amazonaws.com", "https://s3.amazonaws.com.evil.test/", false),
            ("*.amazonaws.com", "https://s3.amazonaws.com./", false),
            ("*.amazonaws.com", "https://S3.AmazonAWS.com/", true),
            ("localhost", "https://localhost:8444/x", true),
            ("localhost", "https://a.localhost/x", false),
            ("localhost:8444", "https://localhost:8444/x", true),
            ("localhost:8444", "https://localhost:8445/x", false),
            ("localhost:443", "https://localhost/x", true),
            ("127.0.0.1", "https://127.0.0.1:9/x", true),
            ("127.0.0.1", "https://2130706433/x", true),
            ("127.0.0.1", "https://127.0.0.2/x", false),
            ("[::1]", "https://[::1]/x", true),
            ("[::1]:8444", "https://[0:0::1]:8444/x", true),
            ("[::1]", "https://[::ffff:127.0.0.1]/x", false),
            ("*.0.0.1.test", "https://127.0.0.1/", false),
        ];
        for (pattern, url, expected) in table {
            assert_eq!(allows(pattern, url), expected, "{pattern} {url}");
        }
    }

    #[test]
    fn patterns_are_written_as_they_are_read() {
        for text in [
            "*.amazonaws.com",
            "localhost",
            "localhost:8444",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:8444",
        ] {
            assert_eq!(text.parse::<HostPattern>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "a.*.b",
            "*.127.0.0.1",
            "https://a.test",
            "a.test/x",
            "a.test:",
            "a.test:x",
            "a b",
            "*a.test",
        ] {
            assert_eq!(text.parse::<HostPattern>(), Err(HostError), "{text}");
        }
    }
}
