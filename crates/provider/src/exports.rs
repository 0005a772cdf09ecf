//! Exports: what completed access requests leave in S3, for a while.
//!
//! One client writes, signs links and deletes; its requests travel into the embedded endpoint ([`EmbeddedS3`], the
//! default) or to the operator's own S3-compatible store. Either way they are signed, so a process that serves nothing
//! can write exports too.

mod connector;
mod embedded;
mod keys;
mod location;
mod outer;
mod upload;

use std::{io, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use http::uri::Authority;
use object_store::{
    ObjectStoreExt as _, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    signer::Signer as _,
};
use store::Store;
use url::Url;
use vault::Vault;

use self::connector::Way;
pub use self::{
    embedded::EmbeddedS3,
    keys::S3Keys,
    location::{NotAnS3Location, S3Location},
    upload::Upload,
};
use crate::{AccountId, SarId, Settings};

/// The longest time for which AWS Signature Version 4 lets a link be valid.
const LONGEST_LINK: Duration = Duration::from_hours(7 * 24);

/// First segments of our own paths, which a bucket can't be called.
const TAKEN: &[&str] = &[
    "accountsettings",
    "assets",
    "connect.png",
    "connect.svg",
    "docs",
    "healthz",
    "login",
    "logout",
    "metrics",
    "oauth2",
    "problems",
    "readyz",
];

/// The store that exports lie in. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    inner: Arc<Inner>,
}

struct Inner {
    s3: AmazonS3,
    bucket: String,
    embedded: Option<EmbeddedS3>,
}

/// Why there is no export store.
#[derive(Debug, thiserror::Error)]
pub enum OpenExportsError {
    /// The bucket can't have that name.
    #[error("s3_bucket: {0}")]
    Bucket(&'static str),
    /// Half of a pair of keys, or none for a store that is not ours.
    #[error("s3_access_key and s3_secret_key: {0}")]
    Keys(&'static str),
    /// The endpoint can't be used.
    #[error("s3_endpoint: {0}")]
    Endpoint(&'static str),
    /// The calls to it can't be prepared.
    #[error("s3_endpoint: the HTTP client could not be made")]
    Client(#[source] rightful_http::client::ClientBuildError),
    /// The folder can't be used.
    #[error("the folder for exports can't be used")]
    Folder(#[source] io::Error),
    /// The S3 client does not accept the settings.
    #[error("the S3 client does not accept the s3_… settings")]
    Settings(#[source] object_store::Error),
}

/// The store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("the export store failed")]
pub struct ExportError(#[from] object_store::Error);

/// An object as it arrives, piece by piece.
pub type ObjectStream = BoxStream<'static, Result<Bytes, ExportError>>;

impl Exports {
    /// The store that `settings` name; the embedded one keeps its files in `data`/s3.
    pub fn open(settings: &Settings, data: &Path, store: &Store, vault: &Vault) -> Result<Self, OpenExportsError> {
        check_bucket(&settings.s3_bucket)?;
        let (embedded, way, endpoint, keys) = if let Some(endpoint) = &settings.s3_endpoint {
            let keys = given_keys(settings)?.ok_or(OpenExportsError::Keys("an s3_endpoint needs both"))?;
            (None, Way::Outer(outer::transport(endpoint)?), endpoint, keys)
        } else {
            let keys = given_keys(settings)?.unwrap_or_else(|| S3Keys::derived(vault));
            let embedded = EmbeddedS3::open(
                data.join("s3").join(&settings.s3_bucket),
                &settings.s3_bucket,
                &keys,
                host_of(&settings.public_url)?,
                vault.clone(),
                Arc::clone(store.entropy()),
            )
            .map_err(OpenExportsError::Folder)?;
            (
                Some(embedded.clone()),
                Way::Embedded(embedded),
                &settings.public_url,
                keys,
            )
        };
        let s3 = AmazonS3Builder::new()
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_allow_http(endpoint.scheme() == "http")
            .with_virtual_hosted_style_request(false)
            .with_disable_bulk_delete(true)
            .with_bucket_name(&settings.s3_bucket)
            .with_region(&settings.s3_region)
            .with_access_key_id(&keys.access)
            .with_secret_access_key(keys.secret.reveal())
            .with_retry(RetryConfig {
                max_retries: 3,
                retry_timeout: Duration::from_secs(30),
                ..RetryConfig::default()
            })
            .with_http_connector(way)
            .build()
            .map_err(OpenExportsError::Settings)?;
        let inner = Inner {
            s3,
            bucket: settings.s3_bucket.clone(),
            embedded,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The key of a request's export: `{account}-{request}.zip`, as at the vendor.
    pub fn key(account: AccountId, request: SarId) -> String {
        format!("{account}-{request}.zip")
    }

    /// The bucket that exports and parts lie in.
    pub fn bucket(&self) -> &str {
        &self.inner.bucket
    }

    /// The endpoint that this server answers itself, unless another store is configured.
    pub fn embedded(&self) -> Option<&EmbeddedS3> {
        self.inner.embedded.as_ref()
    }

    /// A link with which anybody may fetch the object for `valid`, at most seven days.
    pub async fn link(&self, key: &str, valid: Duration) -> Result<Url, ExportError> {
        let key = object_store::path::Path::from(key);
        Ok(self
            .inner
            .s3
            .signed_url(http::Method::GET, &key, valid.min(LONGEST_LINK))
            .await?)
    }

    /// Begins to write an object.
    pub fn upload(&self, key: &str) -> Upload<'_> {
        Upload::new(self, key)
    }

    /// Aborts an upload in parts that an earlier attempt began; one that is complete or gone is fine.
    pub async fn abort_upload(&self, key: &str, id: &str) -> Result<(), ExportError> {
        use object_store::multipart::MultipartStore as _;
        let key = object_store::path::Path::from(key);
        match self.inner.s3.abort_multipart(&key, &id.to_owned()).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Reads an object, if there is one.
    pub async fn read(&self, key: &str) -> Result<Option<ObjectStream>, ExportError> {
        match self.inner.s3.get(&object_store::path::Path::from(key)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            answer => Ok(Some(
                answer?.into_stream().map(|piece| piece.map_err(ExportError)).boxed(),
            )),
        }
    }

    /// Deletes an object; one that is gone is fine.
    pub async fn delete(&self, key: &str) -> Result<(), ExportError> {
        match self.inner.s3.delete(&object_store::path::Path::from(key)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => Ok(done?),
        }
    }

    fn s3(&self) -> &AmazonS3 {
        &self.inner.s3
    }
}

fn given_keys(settings: &Settings) -> Result<Option<S3Keys>, OpenExportsError> {
    match (&settings.s3_access_key, &settings.s3_secret_key) {
        (None, None) => Ok(None),
        (Some(access), Some(secret)) => Ok(Some(S3Keys {
            access: access.clone(),
            secret: secret.clone(),
        })),
        _ => Err(OpenExportsError::Keys("set both or neither")),
    }
}

fn check_bucket(name: &str) -> Result<(), OpenExportsError> {
    if TAKEN.contains(&name) {
        return Err(OpenExportsError::Bucket("that is the name of one of our own paths"));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let edges = name.starts_with(['-', '.']) || name.ends_with(['-', '.']) || name.contains("..");
    if !(3..=63).contains(&name.len()) || !name.bytes().all(plain) || edges {
        return Err(OpenExportsError::Bucket(
            "expected 3 to 63 lower-case letters, digits and hyphens",
        ));
    }
    Ok(())
}

fn host_of(url: &Url) -> Result<Authority, OpenExportsError> {
    let host = url.host_str().unwrap_or_default();
    let host = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    host.parse()
        .map_err(|_| OpenExportsError::Endpoint("the public URL has no host that links could name"))
}
