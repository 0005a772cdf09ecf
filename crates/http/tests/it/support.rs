//! A running server and its CA.

use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use rightful_http::{
    client::{ClientSettings, ExtraCa, GuardedClient},
    serve::{Limits, ServeError, Server},
    tls::{LocalCa, Tls},
};
use store::{Clock as _, SystemClock};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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

    /// Serves `router` over plain HTTP.
    pub(crate) async fn plain(router: Router, limits: Limits) -> Self {
        Self::start(router, Tls::Off, tempfile::tempdir().unwrap(), limits).await
    }

    #[expect(clippy::disallowed_methods, reason = "the task is kept and stopped")]
    async fn start(router: Router, tls: Tls, dir: TempDir, limits: Limits) -> Self {
        let server = Server::bind("127.0.0.1:0", tls, Arc::new(SystemClock)).await.unwrap();
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
