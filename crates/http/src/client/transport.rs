//! How a request leaves the process.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream::BoxStream};

/// Carries one HTTP request out and its answer back. The real one is [`super::GuardedClient`]; a simulation joins the
/// manager and the provider in memory and drops, delays, doubles and tears answers by a seed.
#[async_trait::async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`; redirects are never followed. The answer's body is a stream, not yet read.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, TransportError>;
}

/// A shared transport.
pub type SharedTransport = Arc<dyn Transport>;

/// An answer's body as it arrives.
pub struct Body(BoxStream<'static, Result<Bytes, TransportError>>);

impl Body {
    /// A body that arrives in pieces.
    pub fn from_stream(stream: BoxStream<'static, Result<Bytes, TransportError>>) -> Self {
        Self(stream)
    }

    /// A body that is there already.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self(Box::pin(futures_util::stream::once(async move { Ok(bytes) })))
    }

    /// The pieces.
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes, TransportError>> {
        self.0
    }

    /// Reads all of it, refusing more than `limit` bytes.
    pub async fn read(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let mut all = Vec::new();
        while let Some(piece) = self.0.try_next().await? {
            if all.len() + piece.len() > limit {
                return Err(TransportError::TooLarge { limit });
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(..)")
    }
}

/// Why no (whole) answer came. No variant carries a URL's query, a header or a body: those hold secrets and people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request certainly did not go out: it may be sent again without a second thought.
    #[error("{host} could not be reached: {reason}")]
    NotSent {
        /// The host (and port) that was called.
        host: String,
        /// In plain words.
        reason: String,
    },
    /// The request went out, or may have; whether it took effect is unknown.
    #[error("{host} did not answer: {reason}")]
    Unknown {
        /// The host (and port) that was called.
        host: String,
        /// In plain words.
        reason: String,
    },
    /// Our own guard refused to call that address.
    #[error("{host} may not be called: {reason}")]
    Forbidden {
        /// The host (and port) that was asked for.
        host: String,
        /// In plain words, with the setting that would allow it where there is one.
        reason: String,
    },
    /// The answer is longer than we are ready to read.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

/// How long each part of a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To reach the host, TLS included.
    pub connect: Duration,
    /// Until the answer's head is there, and between two pieces of its body.
    pub read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_mins(1),
        }
    }
}
