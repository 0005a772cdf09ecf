//! Counts how often a password is compared with a hash, which is what takes the time of a log-in (SEC-7): a count cannot
//! be disturbed by a busy machine.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};

/// Comparisons of this thread, from now on.
pub(crate) struct Comparing {
    count: Arc<AtomicUsize>,
    _kept: (DefaultGuard, Dispatch),
}

impl Comparing {
    pub(crate) fn begin() -> Self {
        let count = Arc::new(AtomicUsize::new(0));
        // While there is one subscriber alone, a line that another thread meets first is taken to interest nobody.
        let second = Dispatch::new(Counting(Arc::default()));
        let guard = tracing::subscriber::set_default(Counting(Arc::clone(&count)));
        tracing::callsite::rebuild_interest_cache();
        Self {
            count,
            _kept: (guard, second),
        }
    }

    /// How many there were since the last time.
    pub(crate) fn since(&self) -> usize {
        self.count.swap(0, Ordering::SeqCst)
    }
}

struct Counting(Arc<AtomicUsize>);

impl Subscriber for Counting {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == "rightful_http::passwords"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
