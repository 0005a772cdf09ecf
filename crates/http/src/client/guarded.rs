//! The real transport: HTTPS to public addresses, nothing else unless it is named.

use std::{fmt, fs, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use reqwest::{Client, NoProxy, Proxy, redirect};
use url::Url;

use super::{
    Body, Lookup, SystemLookup, Timeouts, Transport, TransportError,
    cause::{Cause, cause},
    guard::{Forbidden, Guard},
};

/// What a [`GuardedClient`] may do.
#[derive(Clone, Default)]
pub struct ClientSettings {
    /// Hosts, as written in URLs and without port, whose addresses may be private.
    pub allow_private_hosts: Vec<String>,
    /// Whether `http://` URLs may be called too.
    pub allow_plain_http: bool,
    /// Certificate authorities trusted beside the system's.
    pub extra_ca: Vec<ExtraCa>,
    /// How long each part of a call may take.
    pub timeouts: Timeouts,
    /// The proxy every call goes through. Proxies named by the environment are never used. A name that only the
    /// proxy can resolve is the proxy's to judge.
    pub http_proxy: Option<String>,
}

impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("allow_private_hosts", &self.allow_private_hosts)
            .field("allow_plain_http", &self.allow_plain_http)
            .field("timeouts", &self.timeouts)
            // A proxy's URL may carry a password.
            .field("http_proxy", &self.http_proxy.is_some())
            .finish_non_exhaustive()
    }
}

/// A certificate authority to trust.
#[derive(Debug, Clone)]
pub enum ExtraCa {
    /// A PEM file, one certificate or more.
    File(PathBuf),
    /// PEM text.
    Pem(String),
}

/// Calls other hosts over pooled HTTP/1.1 and HTTP/2 connections, never follows a redirect, never leaves the public
/// internet unless told.
#[derive(Clone)]
pub struct GuardedClient {
    client: Client,
    guard: Guard,
    plain_http: bool,
    /// Present while a proxy is used: how long we try to resolve a target's name by ourselves.
    proxied: Option<Duration>,
}

impl GuardedClient {
    /// A client that asks the operating system for addresses.
    pub fn new(settings: &ClientSettings) -> Result<Self, ClientBuildError> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// A client that asks `lookup` for addresses.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the guarded client that everything else uses"
    )]
    pub fn with_lookup(settings: &ClientSettings, lookup: Arc<dyn Lookup>) -> Result<Self, ClientBuildError> {
        // An `Err` says that a provider is there already; ours is the only one in the binary.
        let _ = rustls::crypto::ring::default_provider().install_default();

        let mut allowed = settings
            .allow_private_hosts
            .iter()
            .map(|host| as_in_url(host))
            .collect::<Result<Vec<_>, _>>()?;
        let guard = Guard::new(allowed.clone(), Arc::clone(&lookup));

        let mut builder = Client::builder()
            .user_agent(concat!("rightful/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .https_only(!settings.allow_plain_http)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .connect_timeout(settings.timeouts.connect)
            .read_timeout(settings.timeouts.read)
            // Shorter than most servers keep an idle connection: one that closes just as we send leaves an unknown outcome.
            .pool_idle_timeout(Duration::from_secs(10))
            .tls_certs_merge(extra_roots(&settings.extra_ca)?);
        if let Some(proxy) = &settings.http_proxy {
            let url: Url = proxy.parse().map_err(|_| ClientBuildError::Proxy)?;
            allowed.extend(url.host_str().map(str::to_owned));
            builder = builder.proxy(
                Proxy::all(url)
                    .map_err(|_| ClientBuildError::Proxy)?
                    .no_proxy(None::<NoProxy>),
            );
        }
        // While a proxy is used, the proxy is the only host that is resolved to be connected to.
        let client = builder
            .dns_resolver(Guard::new(allowed, lookup))
            .build()
            .map_err(ClientBuildError::Client)?;
        Ok(Self {
            client,
            guard,
            plain_http: settings.allow_plain_http,
            proxied: settings.http_proxy.as_ref().map(|_| settings.timeouts.connect),
        })
    }

    fn admit(&self, uri: &http::Uri) -> Result<(Url, String), TransportError> {
        let forbidden = |host: &str, reason: &str| TransportError::Forbidden {
            host: host.into(),
            reason: reason.into(),
        };
        let url = Url::parse(&uri.to_string()).map_err(|_| forbidden("the URL", "it is not a URL"))?;
        let Some(name) = url.host_str() else {
            return Err(forbidden("the URL", "it names no host"));
        };
        let host = url
            .port()
            .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http => {}
            _ => return Err(forbidden(&host, "only https is allowed")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(forbidden(&host, "its URL carries a user name"));
        }
        self.guard
            .check_literal(&url)
            .map_err(|refusal| forbidden(&host, &refusal.to_string()))?;
        Ok((url, host))
    }

    /// What the proxy would be asked to call, as far as we can tell from here.
    async fn judge_before_proxy(&self, url: &Url, host: &str, patience: Duration) -> Result<(), TransportError> {
        let Some(url::Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        match tokio::time::timeout(patience, self.guard.addresses(name)).await {
            Ok(Err(error)) if error.is::<Forbidden>() => Err(TransportError::Forbidden {
                host: host.to_owned(),
                reason: error.to_string(),
            }),
            _ => Ok(()),
        }
    }
}

#[async_trait::async_trait]
impl Transport for GuardedClient {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, TransportError> {
        let (parts, body) = request.into_parts();
        let (url, host) = self.admit(&parts.uri)?;
        if let Some(patience) = self.proxied {
            self.judge_before_proxy(&url, &host, patience).await?;
        }

        let mut outgoing = reqwest::Request::new(parts.method, url);
        *outgoing.headers_mut() = parts.headers;
        *outgoing.body_mut() = (!body.is_empty()).then(|| body.into());
        let answer = self
            .client
            .execute(outgoing)
            .await
            .map_err(|error| told(&error, host.clone()))?;

        let (parts, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let pieces = http_body_util::BodyDataStream::new(body).map_err(move |error| told(&error, host.clone()));
        Ok(http::Response::from_parts(parts, Body::from_stream(Box::pin(pieces))))
    }
}

/// Sorts a failure by whether the request can have gone out.
fn told(error: &reqwest::Error, host: String) -> TransportError {
    match cause(error) {
        Cause::Forbidden(reason) => TransportError::Forbidden { host, reason },
        Cause::Fault(words) if error.is_connect() || error.is_builder() => TransportError::NotSent {
            host,
            reason: words.to_owned(),
        },
        Cause::Fault(words) => TransportError::Unknown {
            host,
            reason: words.to_owned(),
        },
    }
}

/// `host` in the spelling that URLs have after parsing.
fn as_in_url(host: &str) -> Result<String, ClientBuildError> {
    let bare = host.trim();
    let parse = |host: &str| url::Host::parse(host).ok().map(|host| host.to_string());
    parse(bare)
        .or_else(|| parse(&format!("[{bare}]")))
        .ok_or_else(|| ClientBuildError::Host { host: bare.to_owned() })
}

fn extra_roots(extra: &[ExtraCa]) -> Result<Vec<reqwest::Certificate>, ClientBuildError> {
    let mut roots = Vec::new();
    for ca in extra {
        let (name, pem) = match ca {
            ExtraCa::Pem(pem) => ("the text".to_owned(), pem.as_bytes().to_vec()),
            ExtraCa::File(path) => {
                let pem = fs::read(path).map_err(|source| ClientBuildError::ReadCa {
                    path: path.clone(),
                    source,
                })?;
                (path.display().to_string(), pem)
            }
        };
        let bundle = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if bundle.is_empty() {
            return Err(ClientBuildError::NotACa { name });
        }
        roots.extend(bundle);
    }
    Ok(roots)
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientBuildError {
    /// An entry of `allow_private_hosts` that is neither a name nor an address.
    #[error(
        "{host} in allow_private_hosts is neither a host name nor an IP address (write it without scheme and port)"
    )]
    Host {
        /// The entry.
        host: String,
    },
    /// A CA file that cannot be read.
    #[error("could not read the certificate authority {}", path.display())]
    ReadCa {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A CA that is none.
    #[error("{name} holds no PEM certificate to trust")]
    NotACa {
        /// The file.
        name: String,
    },
    /// The proxy's URL.
    #[error("http_proxy is not the URL of a proxy")]
    Proxy,
    /// The system has no certificate authorities, or one of ours cannot be used.
    #[error("could not prepare HTTPS calls: are the system's CA certificates installed (package ca-certificates)?")]
    Client(#[source] reqwest::Error),
}
