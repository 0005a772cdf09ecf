//! Work that stops where others may come between, and goes on when it is its turn.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use jiff::Timestamp;
use store::jobs::{Lease, Runner};

tokio::task_local! {
    static GATE: Arc<Gate>;
}

/// Where one piece of work stands.
#[derive(Default)]
struct Gate(Mutex<State>);

#[derive(Default)]
struct State {
    parked: Option<Parked>,
    open: bool,
}

/// A piece of work that waits for its turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parked {
    /// Not before then.
    pub(super) until: Option<Timestamp>,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Others may come between here; until then at least. Work that no simulation holds goes on at once.
pub(super) async fn pause(until: Option<Timestamp>) {
    let Ok(gate) = GATE.try_with(Arc::clone) else { return };
    gate.state().parked = Some(Parked { until });
    poll_fn(|_| {
        let mut state = gate.state();
        if state.open {
            state.open = false;
            Poll::Ready(())
        } else {
            // Whoever opens the gate polls.
            Poll::Pending
        }
    })
    .await;
}

/// Whether this is the work of a claimed job, not of somebody who waits for a page.
pub(super) fn is_a_jobs_work() -> bool {
    GATE.try_with(|_| ()).is_ok()
}

/// A claimed job at work in one process.
pub(super) struct Work {
    /// Which process.
    pub(super) process: usize,
    pub(super) lease: Lease,
    gate: Arc<Gate>,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Work {
    pub(super) fn begin(process: usize, runner: Runner, lease: Lease) -> Self {
        let gate = Arc::new(Gate::default());
        let carried = lease.clone();
        let work = GATE.scope(Arc::clone(&gate), async move { runner.carry_out(carried).await });
        Self {
            process,
            lease,
            gate,
            future: Box::pin(work),
        }
    }

    /// Where it waits, once it was begun.
    pub(super) fn parked(&self) -> Option<Parked> {
        self.gate.state().parked
    }

    /// Goes on up to where others may come between; true when it has ended.
    pub(super) async fn go_on(&mut self) -> bool {
        {
            let mut state = self.gate.state();
            state.open = state.parked.take().is_some();
        }
        poll_fn(|context| match self.future.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if self.gate.state().parked.is_some() => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}
