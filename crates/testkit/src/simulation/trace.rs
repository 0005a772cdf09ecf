//! What happened, event by event, without personal data.

use std::{
    fmt::Display,
    io::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use super::time::WorldTime;

/// The events of one seed.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    time: WorldTime,
    begun: Timestamp,
    lines: Arc<Mutex<Vec<String>>>,
    loud: bool,
}

impl Trace {
    pub(super) fn new(time: &WorldTime, loud: bool) -> Self {
        Self {
            time: time.clone(),
            begun: time.now(),
            lines: Arc::default(),
            loud,
        }
    }

    /// Notes what happens now; says it at once where somebody listens.
    pub(super) fn note(&self, what: impl Display) {
        let since = self.time.now().duration_since(self.begun);
        let (days, seconds) = (since.as_hours() / 24, since.as_secs() % 86_400);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let millis = since.subsec_millis();
        let line = format!("{days:>3}d {hours:02}:{minutes:02}:{seconds:02}.{millis:03}  {what}");
        if self.loud {
            writeln!(std::io::stdout(), "{line}").ok();
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
