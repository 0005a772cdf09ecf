//! Log lines on standard error. What stands in them, and what never does, is told in `LOGGING.md`.

use std::io::{self, IsTerminal as _, Write};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::configuration::LogFormat;

/// Crates of ours, whose lines carry no secret and no personal value at any level. Libraries print whole requests and
/// rows at `debug` and `trace`, so those lines are never written, whatever the filter says.
const OURS: &[&str] = &[
    "rightful",
    "rightful_http",
    "manager",
    "provider",
    "connectors",
    "mail",
    "store",
    "vault",
    "privacy",
    "oauth",
];

/// Starts logging what `filter` lets through; `RUST_LOG` goes before it.
pub(crate) fn start(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = match EnvFilter::try_from_default_env() {
        Ok(filter) => filter,
        Err(_) => {
            EnvFilter::try_new(filter).context("the setting log is no filter such as `info` or `warn,manager=debug`")?
        }
    };
    // A second start (two commands in one test process) keeps the first.
    subscriber(filter, format, io::stderr().is_terminal(), io::stderr)
        .try_init()
        .ok();
    Ok(())
}

fn subscriber<W>(
    filter: EnvFilter,
    format: LogFormat,
    colours: bool,
    writer: W,
) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(OneLineEach(writer));
    let lines = match format {
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Text => lines.with_ansi(colours).boxed(),
    };
    let lines = lines.with_filter(filter).with_filter(filter_fn(may_be_written));
    tracing_subscriber::registry().with(lines)
}

fn may_be_written(line: &Metadata<'_>) -> bool {
    let root = line.target().split("::").next().unwrap_or_default();
    OURS.contains(&root) || *line.level() <= Level::INFO
}

/// Makes writers that write each event as one line, so that nobody can forge another by what a field quotes. (Escape
/// sequences of terminals are the formatter's to disarm.)
struct OneLineEach<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for OneLineEach<W> {
    type Writer = OneLine<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLine(self.0.make_writer())
    }
}

struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    /// The formatter hands a whole event over, with the line's end behind it.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        if !line.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            return self.0.write_all(event).map(|()| event.len());
        }
        let mut one = Vec::with_capacity(event.len() + 16);
        for byte in line {
            match byte {
                b'\n' => one.extend_from_slice(b"\\n"),
                b'\r' => one.extend_from_slice(b"\\r"),
                byte => one.push(*byte),
            }
        }
        one.push(b'\n');
        self.0.write_all(&one).map(|()| event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, log: impl FnOnce()) -> String {
        let lines = Written::default();
        let writer = {
            let lines = lines.clone();
            move || lines.clone()
        };
        let subscriber = subscriber(EnvFilter::new("trace"), format, false, writer);
        tracing::subscriber::with_default(subscriber, log);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn nobody_forges_a_line_of_the_log() {
        // SEC-45
        let hostile = "x\r\n2026-01-01T00:00:00Z  INFO access: answered\n\u{1b}[2J\u{9b}2J";
        let error = io::Error::other(hostile);
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = written(format, || {
                tracing::warn!(said = hostile, shown = %hostile, told = ?hostile, "{hostile}");
                let _span = tracing::info_span!("request", route = %hostile).entered();
                tracing::warn!(error = &error as &dyn std::error::Error, "it failed");
            });
            assert_eq!(text.lines().count(), 2, "{text}");
            assert!(
                text.contains("it failed") && !text.contains(['\r', '\u{1b}', '\u{9b}']),
                "{text}"
            );
        }
    }

    #[test]
    fn what_libraries_say_in_detail_is_never_written() {
        // SEC-43
        let text = written(LogFormat::Text, || {
            tracing::debug!(target: "hyper::client", "GET /?code=hush");
            tracing::trace!(target: "sqlx::query", "hush");
            tracing::info!(target: "sqlx::query", "a library's word");
            tracing::trace!(target: "manager::steps", "our word");
            tracing::debug!(target: "mail", "our mail");
        });
        assert!(!text.contains("hush"), "{text}");
        for word in ["a library's word", "our word", "our mail"] {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
}
