//! A running server and its CA.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use rightful_http::{
    client::{ClientSettings, ExtraCa, GuardedClient},
    serve::{Limits, ServeError, Server},
    tls::{LocalCa, Tls},
};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use store::{Clock as _, SharedClock, SystemClock, VirtualClock};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes, and than an idle connection is kept.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that stops when it is dropped or told.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    dir: TempDir,
    stop: CancellationToken,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    /// Serves `router` over HTTPS for `localhost` and 127.0.0.1.
    pub(crate) async fn https(router: Router) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hosts = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let tls = Tls::parse("auto", dir.path(), &hosts).unwrap();
        Self::start(router, tls, dir, Limits::default()).await
    }

    /// Serves `router` over HTTPS with a certificate that the local authority issued at `issued`.
    pub(crate) async fn https_since(router: Router, issued: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let tls = Tls::parse("auto", dir.path(), &["localhost".to_owned()]).unwrap();
        let clock = VirtualClock::at(issued.parse().unwrap());
        Self::start_at(router, tls, dir, Limits::default(), clock).await
    }

    /// Serves `router` over HTTPS with a certificate that stands for itself.
    pub(crate) async fn https_of_itself(router: Router) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (dir.path().join("own.pem"), dir.path().join("own.key"));
        std::fs::write(&certificate, signed.cert.pem()).unwrap();
        std::fs::write(&key, signed.signing_key.serialize_pem()).unwrap();
        let tls = Tls::Files { certificate, key };
        Self::start(router, tls, dir, Limits::default()).await
    }

    /// Serves `router` over plain HTTP.
    pub(crate) async fn plain(router: Router, limits: Limits) -> Self {
        Self::start(router, Tls::Off, tempfile::tempdir().unwrap(), limits).await
    }

    async fn start(router: Router, tls: Tls, dir: TempDir, limits: Limits) -> Self {
        Self::start_at(router, tls, dir, limits, Arc::new(SystemClock)).await
    }

    #[expect(clippy::disallowed_methods, reason = "the task is kept and stopped")]
    async fn start_at(router: Router, tls: Tls, dir: TempDir, limits: Limits, clock: SharedClock) -> Self {
        let server = Server::bind("127.0.0.1:0", tls, clock).await.unwrap();
        let (address, stop) = (server.address(), CancellationToken::new());
        let task = tokio::spawn(server.serve(router, limits, stop.clone()));
        Self {
            address,
            dir,
            stop,
            task,
        }
    }

    /// The CA a client has to trust.
    pub(crate) fn ca(&self) -> ExtraCa {
        ExtraCa::Pem(
            LocalCa::load_or_create(self.dir.path(), SystemClock.now())
                .unwrap()
                .pem()
                .to_owned(),
        )
    }

    /// Says `words` over TLS, byte for byte, and returns all that is answered until the server hangs up.
    pub(crate) async fn said_over_tls(&self, words: impl Into<Vec<u8>>) -> String {
        let (words, address) = (words.into(), self.address);
        let ExtraCa::Pem(pem) = self.ca() else { unreachable!() };
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let saying = tokio::task::spawn_blocking(move || {
            let socket = std::net::TcpStream::connect(address).unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            let connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, socket);
            // It may be refused before all of it was said.
            stream.write_all(&words).ok();
            let mut answer = Vec::new();
            match stream.read_to_end(&mut answer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the connection stays open"),
                _ => String::from_utf8_lossy(&answer).into_owned(),
            }
        });
        saying.await.unwrap()
    }

    /// A client that trusts the CA and may call `hosts`.
    pub(crate) fn client(&self, hosts: &[&str]) -> GuardedClient {
        let allow_private_hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let settings = ClientSettings {
            allow_private_hosts,
            extra_ca: vec![self.ca()],
            ..Default::default()
        };
        GuardedClient::new(&settings).unwrap()
    }

    /// An address of the server by `host`.
    pub(crate) fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.address.port())
    }

    /// Stops it and waits until open requests have ended.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// Tells it to stop.
    pub(crate) fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has stopped.
    pub(crate) async fn stopped(self) {
        self.task.await.unwrap().unwrap();
    }
}
