//! A certificate authority of one's own, so that `https://localhost` works on a fresh machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The file with the CA's certificate: what clients are told to trust.
pub const CERTIFICATE_FILE: &str = "ca.pem";
/// The file with the CA's private key, readable by its owner alone.
pub const KEY_FILE: &str = "ca.key";

const NAME: &str = "Rightful local CA";

/// Keeps the drafts of one process apart.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// A local CA, ready to issue.
pub struct LocalCa {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl LocalCa {
    /// Reads the CA in `dir`, or makes one there first. Several processes may do so at once and all get the same.
    pub fn load_or_create(dir: &Path, now: Timestamp) -> Result<Self, LocalCaError> {
        let key_path = dir.join(KEY_FILE);
        let certificate_path = dir.join(CERTIFICATE_FILE);
        // A certificate whose key is gone is not ours to replace: somebody trusts it.
        if certificate_path.exists() && !key_path.exists() {
            return Err(LocalCaError::KeyMissing { path: key_path });
        }

        fs::create_dir_all(dir).map_err(|source| LocalCaError::Write {
            path: dir.to_owned(),
            source,
        })?;
        let key_pem = read_or_place(&key_path, 0o600, || Ok(KeyPair::generate()?.serialize_pem()))?;
        let key = KeyPair::from_pem(&key_pem).map_err(|_| LocalCaError::Unreadable { path: key_path.clone() })?;
        // Whoever comes second reads the first one's; both are made from the one key, so either would do.
        let pem = read_or_place(&certificate_path, 0o644, || Ok(authority(now).self_signed(&key)?.pem()))?;
        let unreadable = |_| LocalCaError::Unreadable {
            path: certificate_path.clone(),
        };
        let issuer = Issuer::from_ca_cert_pem(&pem, key).map_err(unreadable)?;
        Ok(Self { pem, issuer })
    }

    /// The CA's certificate, PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A server certificate for `hosts` (DNS names and IP addresses) with a new key, good for 13 months from `now`.
    pub fn issue(
        &self,
        hosts: &[String],
        now: Timestamp,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), LocalCaError> {
        let first = hosts.first().ok_or(LocalCaError::NoHosts)?;
        let mut params = CertificateParams::new(hosts.to_vec()).map_err(|_| LocalCaError::BadHost)?;
        params.distinguished_name = named(first);
        date(&mut params, now, 397);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;

        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok((vec![certificate.der().clone()], key.into()))
    }
}

fn authority(now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(NAME);
    date(&mut params, now, 3652);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// The day `offset` days from `now` in UTC, as rcgen asks for it.
fn day(now: Timestamp, offset: i64) -> (i32, u8, u8) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let date = today.checked_add(offset.days()).unwrap_or(today);
    (
        i32::from(date.year()),
        date.month().unsigned_abs(),
        date.day().unsigned_abs(),
    )
}

/// Valid from yesterday (clocks differ) for `days` days.
fn date(params: &mut CertificateParams, now: Timestamp, days: i64) {
    let (year, month, first) = day(now, -1);
    params.not_before = rcgen::date_time_ymd(year, month, first);
    let (year, month, last) = day(now, days);
    params.not_after = rcgen::date_time_ymd(year, month, last);
}

/// Reads `path`; if it is not there, places what `make` gives, whole or not at all, unless somebody else was first.
fn read_or_place(
    path: &Path,
    mode: u32,
    make: impl FnOnce() -> Result<String, LocalCaError>,
) -> Result<String, LocalCaError> {
    match fs::read_to_string(path) {
        Ok(text) => return Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => {
            return Err(LocalCaError::Read {
                path: path.to_owned(),
                source,
            });
        }
    }

    // A hard link appears with its whole content and fails if the name is taken: two properties that creating
    // (readers see half a file) and renaming (the second replaces the first) do not have together.
    let draft_number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = path.with_extension(format!("{}-{draft_number}.draft", std::process::id()));
    let text = make()?;
    let placed = write_draft(&draft, &text, mode).and_then(|()| fs::hard_link(&draft, path));
    // The draft is only a second name by now; leaving it behind would leave a key behind.
    let removed = fs::remove_file(&draft);
    match placed {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::read_to_string(path).map_err(|source| LocalCaError::Read {
                path: path.to_owned(),
                source,
            })
        }
        placed => {
            placed.and(removed).map_err(|source| LocalCaError::Write {
                path: path.to_owned(),
                source,
            })?;
            Ok(text)
        }
    }
}

fn write_draft(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};

    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Why the local CA cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocalCaError {
    /// A file is there but cannot be read.
    #[error("could not read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("could not write {}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds something else.
    #[error("{} is not what the local CA wrote there: move it away to have a new CA made", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
    },
    /// The certificate is there without its key.
    #[error("{} is missing beside its certificate: restore it, or move ca.pem away to have a new CA made", path.display())]
    KeyMissing {
        /// The file that is missing.
        path: PathBuf,
    },
    /// No host to issue for.
    #[error("a certificate needs at least one host name")]
    NoHosts,
    /// A host name that no certificate can carry.
    #[error("a host name for the local certificate is neither an IP address nor plain ASCII")]
    BadHost,
    /// Generating or signing failed.
    #[error("could not issue a certificate")]
    Issue(#[from] rcgen::Error),
}
