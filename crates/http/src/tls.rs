//! Serving HTTPS: with a certificate of one's own, with one from a local CA, or not at all behind a TLS proxy.

mod local_ca;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

pub use local_ca::{CERTIFICATE_FILE, KEY_FILE, LocalCa, LocalCaError};

/// How a service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// HTTPS with a certificate for `hosts`, issued at start by the local CA in `dir`.
    Auto {
        /// Where `ca.pem` and `ca.key` lie, or will.
        dir: PathBuf,
        /// DNS names and IP addresses the certificate is good for.
        hosts: Vec<String>,
    },
    /// HTTPS with a certificate chain and its key, both PEM. The files are read again while serving, so that a
    /// renewed certificate needs no restart.
    Files {
        /// The chain, leaf first.
        certificate: PathBuf,
        /// The leaf's private key.
        key: PathBuf,
    },
    /// Plain HTTP: a proxy in front of us does TLS.
    Off,
}

impl Tls {
    /// Reads the setting `auto | CERT,KEY | off`; `dir` and `hosts` are what `auto` needs.
    pub fn parse(setting: &str, dir: &Path, hosts: &[String]) -> Result<Self, TlsError> {
        match setting.trim() {
            "auto" => Ok(Self::Auto {
                dir: dir.to_owned(),
                hosts: hosts.to_vec(),
            }),
            "off" => Ok(Self::Off),
            other => match other.split_once(',') {
                Some((certificate, key)) if !certificate.is_empty() && !key.is_empty() => Ok(Self::Files {
                    certificate: certificate.trim().into(),
                    key: key.trim().into(),
                }),
                _ => Err(TlsError::Setting),
            },
        }
    }

    /// What rustls needs to serve; `None` for plain HTTP. `now` dates a certificate of the local CA.
    pub fn server_config(&self, now: Timestamp) -> Result<Option<Arc<ServerConfig>>, TlsError> {
        let (chain, key) = match self {
            Self::Off => return Ok(None),
            Self::Auto { dir, hosts } => LocalCa::load_or_create(dir, now)?.issue(hosts, now)?,
            Self::Files { certificate, key } => (read_chain(certificate)?, read_key(key)?),
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions() // TLS 1.2 and 1.3
            .map_err(TlsError::Rustls)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| self.refused(error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Some(Arc::new(config)))
    }

    fn refused(&self, error: rustls::Error) -> TlsError {
        match self {
            Self::Files { certificate, key } if matches!(error, rustls::Error::InconsistentKeys(_)) => {
                TlsError::KeyMismatch {
                    certificate: certificate.clone(),
                    key: key.clone(),
                }
            }
            Self::Files { certificate, .. } => TlsError::NotACertificate {
                path: certificate.clone(),
            },
            Self::Auto { .. } | Self::Off => TlsError::Rustls(error),
        }
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = std::fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NotACertificate { path: path.to_owned() })?;
    if chain.is_empty() {
        return Err(TlsError::NotACertificate { path: path.to_owned() });
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = std::fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| TlsError::NotAKey { path: path.to_owned() })
}

/// Why HTTPS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The setting is none of the three forms.
    #[error("tls must be `auto`, `off` or `CERTIFICATE,KEY` (two PEM files)")]
    Setting,
    /// A file cannot be read.
    #[error("could not read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The certificate file holds none that can be used.
    #[error("{} holds no usable PEM certificate", path.display())]
    NotACertificate {
        /// Which file.
        path: PathBuf,
    },
    /// The key file holds none.
    #[error("{} holds no PEM private key", path.display())]
    NotAKey {
        /// Which file.
        path: PathBuf,
    },
    /// The two files belong to different key pairs.
    #[error("the private key {} does not belong to the certificate {}", key.display(), certificate.display())]
    KeyMismatch {
        /// The certificate file.
        certificate: PathBuf,
        /// The key file.
        key: PathBuf,
    },
    /// The local CA could not be made, read or used.
    #[error(transparent)]
    LocalCa(#[from] LocalCaError),
    /// Anything else rustls refuses.
    #[error("the certificate cannot be used for TLS")]
    Rustls(#[source] rustls::Error),
}
