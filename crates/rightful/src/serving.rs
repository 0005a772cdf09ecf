//! Serving: HTTP and durable work side by side, until the process is asked to stop.

use std::time::Duration;

use anyhow::Context as _;
use rightful_http::serve::{Answers, Limits, Server};
use store::{Store, jobs::Runner};
use tokio_util::sync::CancellationToken;

use crate::Failure;

/// How long the last writes may take once everything else has ended.
const FAREWELL: Duration = Duration::from_secs(5);

/// A service that is ready to work.
pub struct Running {
    /// Its listener; none for a worker.
    pub server: Option<(Server, Answers)>,
    /// Its durable work.
    pub runner: Runner,
    /// Its database, closed at the end.
    pub store: Store,
}

impl Running {
    /// Works until `stop` fires, lets open requests and running jobs end, waits for `rest`, and closes the database. A
    /// part that fails stops the other.
    pub async fn until(self, stop: CancellationToken, rest: impl Future<Output = ()>) -> anyhow::Result<()> {
        let serving = async {
            let served = match self.server {
                Some((server, answers)) => server.serve(answers, Limits::default(), stop.clone()).await,
                None => Ok(()),
            };
            if served.is_err() {
                stop.cancel();
            }
            served
        };
        let working = async {
            let worked = self.runner.run(stop.clone()).await;
            stop.cancel();
            worked
        };
        let (served, worked) = tokio::join!(serving, working);
        // A job that did not end in time may hold a connection; its lease will run out without us.
        let closing = async {
            rest.await;
            self.store.close().await;
        };
        if tokio::time::timeout(FAREWELL, closing).await.is_err() {
            tracing::warn!("the database was left while a job was still using it");
        }
        served?;
        worked.context("the jobs could not be worked off")
    }
}

/// Fires at the first SIGINT or SIGTERM; a second one ends the process at once.
pub fn stop_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
    let stop = CancellationToken::new();
    let fired = stop.clone();
    let listening = async move {
        for first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if first {
                tracing::info!("stopping: open requests and running jobs may end; ask again to stop at once");
                fired.cancel();
            }
        }
        std::process::exit(130);
    };
    let tasks = tokio_util::task::TaskTracker::new();
    tasks.spawn(listening);
    Ok(stop)
}

fn no_signals(error: std::io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context(Failure::new("signals can't be listened to"))
}
