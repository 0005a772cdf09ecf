//! How far a long command has come: a live bar on a terminal, nothing elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// A count that grows.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// So many of `things` are done, of `all` where that is known.
    pub(crate) fn counting(output: Output, things: &'static str, all: Option<u64>) -> Self {
        let bar = match all {
            Some(all) => ProgressBar::new(all),
            None => ProgressBar::no_length(),
        };
        if output.is_json() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = match all {
            Some(_) => "{bar:30} {human_pos} of {human_len} {msg} ({per_sec}, {eta} left)",
            None => "{spinner} {human_pos} {msg} ({per_sec})",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar.with_message(things))
    }

    pub(crate) fn at(&self, done: u64) {
        self.0.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
