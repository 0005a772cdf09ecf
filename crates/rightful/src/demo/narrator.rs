//! Telling what happens while it happens: a spinner on a terminal, plain lines elsewhere, nothing to programs.

use std::{
    io::IsTerminal as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};

use crate::output::{Output, write_line};

pub(super) struct Narrator {
    output: Output,
    live: bool,
    begun: Instant,
    chapters: Mutex<Vec<(&'static str, Duration)>>,
}

impl Narrator {
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            live: !output.is_json() && std::io::stderr().is_terminal() && std::io::stdout().is_terminal(),
            begun: Instant::now(),
            chapters: Mutex::default(),
        }
    }

    /// Does something that takes time, and says so.
    pub(super) async fn chapter<T>(
        &self,
        name: &'static str,
        title: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let spinner = self.live.then(|| spinner(title));
        let begun = Instant::now();
        let done = work.await;
        let took = begun.elapsed();
        if let Some(spinner) = spinner {
            spinner.finish_and_clear();
        }
        let sign = if done.is_ok() { "done  " } else { "failed" };
        self.line(&format!("{sign}  {title}  ({:.1} s)", took.as_secs_f64()));
        self.chapters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((name, took));
        done
    }

    /// A detail of what was just done.
    pub(super) fn detail(&self, text: &str) {
        self.line(&format!("        {text}"));
    }

    /// How long each chapter took, and all of it.
    pub(super) fn seconds(&self) -> Value {
        let chapters = self.chapters.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seconds: Map<String, Value> = chapters
            .iter()
            .map(|(name, took)| ((*name).to_owned(), rounded(*took)))
            .collect();
        seconds.insert("total".to_owned(), rounded(self.begun.elapsed()));
        Value::Object(seconds)
    }

    fn line(&self, text: &str) {
        if !self.output.is_json() {
            // A closed standard output ends the telling, not the demo.
            write_line(text).ok();
        }
    }
}

fn spinner(title: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(title.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner}       {msg}  ({elapsed})") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn rounded(duration: Duration) -> Value {
    ((duration.as_secs_f64() * 1000.0).round() / 1000.0).into()
}
