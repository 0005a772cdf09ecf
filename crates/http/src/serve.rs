//! Listening, serving until told to stop, and stopping in good order.

mod connections;
mod express;
mod opening;

use std::{io, net::SocketAddr, time::Duration};

use axum_server::{
    Handle,
    accept::NoDelayAcceptor,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};
use jiff::SignedDuration;
use store::SharedClock;
use tokio_util::sync::CancellationToken;

pub use self::express::{Answering, Answers, Express, Underway};
use self::opening::Impatient;
use crate::tls::{Tls, TlsError};

/// An answer that takes several segments would wait for the receiver to acknowledge the first ones, which it puts off for
/// 40 ms (RFC 1122 section 4.2.3.2).
const NO_DELAY: NoDelayAcceptor = NoDelayAcceptor;

/// How much of the service one caller can tie up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Open connections; further ones wait in the system's queue.
    pub connections: usize,
    /// Until a request's head is there.
    pub head: Duration,
    /// Between two pieces of a request's body.
    pub body_pause: Duration,
    /// Bytes of a request's body, where a route does not set its own `DefaultBodyLimit`.
    pub body: usize,
    /// How long open requests may go on after the stop.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            head: Duration::from_secs(15),
            body_pause: Duration::from_secs(30),
            body: 1024 * 1024,
            stop: Duration::from_secs(20),
        }
    }
}

/// A service that has its address and its certificate but does not answer yet.
pub struct Server {
    listener: std::net::TcpListener,
    address: SocketAddr,
    tls: Tls,
    rustls: Option<RustlsConfig>,
    clock: SharedClock,
}

impl Server {
    /// Takes `listen` (`ADDRESS:PORT`; port 0 takes a free one) and reads or issues the certificate.
    pub async fn bind(listen: &str, tls: Tls, clock: SharedClock) -> Result<Self, ServeError> {
        let rustls = tls.server_config(clock.now())?.map(RustlsConfig::from_config);
        let failed = |source| ServeError::Bind {
            listen: listen.to_owned(),
            source,
        };
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => ServeError::AddressInUse {
                    listen: listen.to_owned(),
                },
                _ => failed(source),
            })?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = listener.into_std().map_err(failed)?;
        Ok(Self {
            listener,
            address,
            tls,
            rustls,
            clock,
        })
    }

    /// Where it listens, the port never 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is cancelled, then lets open requests end within `limits.stop`.
    pub async fn serve(
        self,
        answers: impl Into<Answers>,
        limits: Limits,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let handle = Handle::new();
        let service = connections::Limited::new(answers.into(), limits);

        let serving = async {
            if let Some(config) = self.rustls.clone() {
                let acceptor = RustlsAcceptor::new(config)
                    .handshake_timeout(limits.head)
                    .acceptor(NO_DELAY);
                let acceptor = Impatient {
                    inner: acceptor,
                    patience: limits.head,
                };
                let mut server = axum_server::from_tcp(self.listener)?
                    .handle(handle.clone())
                    .acceptor(acceptor);
                bound(server.http_builder(), &limits);
                server.serve(service).await
            } else {
                let acceptor = Impatient {
                    inner: NO_DELAY,
                    patience: limits.head,
                };
                let mut server = axum_server::from_tcp(self.listener)?
                    .handle(handle.clone())
                    .acceptor(acceptor);
                bound(server.http_builder(), &limits);
                server.serve(service).await
            }
        };
        let stopping = async {
            stop.cancelled().await;
            handle.graceful_shutdown(Some(limits.stop));
            std::future::pending::<()>().await;
        };
        tokio::select! {
            result = serving => result.map_err(ServeError::Serve),
            () = stopping => Ok(()),
            () = renew(&self.tls, self.rustls.as_ref(), &self.clock) => Ok(()),
        }
    }
}

/// Streams one HTTP/2 connection may have open.
const STREAMS: u32 = 128;

fn bound(builder: &mut Builder<TokioExecutor>, limits: &Limits) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head);
    // An HTTP/2 peer that no longer answers pings is gone and gives its place back.
    let pause = Some(limits.body_pause);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(pause);
}

/// Reads or issues the certificate again every hour, for ever, so that a renewed one needs no restart.
async fn renew(tls: &Tls, rustls: Option<&RustlsConfig>, clock: &SharedClock) {
    let Some(rustls) = rustls else {
        return std::future::pending().await;
    };
    loop {
        let next = clock
            .now()
            .saturating_add(SignedDuration::from_hours(1))
            .unwrap_or(jiff::Timestamp::MAX);
        clock.sleep_until(next).await;
        match tls.server_config(clock.now()) {
            Ok(config) => config.into_iter().for_each(|config| rustls.reload_from_config(config)),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the certificate could not be read again, the old one stays in use"
            ),
        }
    }
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody else listens there.
    #[error("{listen} is in use by another process")]
    AddressInUse {
        /// As it was asked for.
        listen: String,
    },
    /// The address cannot be listened on.
    #[error("could not listen on {listen}")]
    Bind {
        /// As it was asked for.
        listen: String,
        /// What the system says.
        source: io::Error,
    },
    /// There is no certificate to serve with.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The listener broke.
    #[error("could not go on serving")]
    Serve(#[source] io::Error),
}
