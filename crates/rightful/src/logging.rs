//! Log lines on standard error. What stands in them, and what never does, is told in `LOGGING.md`.

use std::io::{self, IsTerminal as _, Write};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, LevelFilter, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
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
    let lines = tracing_subscriber::fmt::layer().with_writer(OneLineEach { writer, colours });
    let lines = match format {
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Text => lines.with_ansi(colours).boxed(),
    };
    // One filter, not two on top of each other: a span that either of two lets through is made and kept, and what the
    // other one forbids costs nearly as much as if it were written.
    let may_be_written = filter_fn(may_be_written).with_max_level_hint(LevelFilter::TRACE);
    tracing_subscriber::registry().with(lines.with_filter(filter.and(may_be_written)))
}

fn may_be_written(line: &Metadata<'_>) -> bool {
    let root = line.target().split("::").next().unwrap_or_default();
    OURS.contains(&root) || *line.level() <= Level::INFO
}

/// Makes writers that write each event as one line of text, so that nobody can forge another, or play with a terminal, by
/// what a field quotes. The formatter disarms some fields and not others.
struct OneLineEach<W> {
    writer: W,
    colours: bool,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for OneLineEach<W> {
    type Writer = OneLine<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLine {
            writer: self.writer.make_writer(),
            colours: self.colours,
        }
    }
}

struct OneLine<W> {
    writer: W,
    colours: bool,
}

impl<W: Write> Write for OneLine<W> {
    /// The formatter hands a whole event over, with the line's end behind it.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        if line.chars().any(char::is_control) {
            let mut one = disarmed(line, self.colours);
            one.push('\n');
            self.writer.write_all(one.as_bytes())?;
        } else {
            self.writer.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// `line` with its control characters written out; where there are colours, these stay.
fn disarmed(line: &str, colours: bool) -> String {
    let mut plain = String::with_capacity(line.len() + 16);
    let mut rest = line;
    while let Some(next) = rest.chars().next() {
        let colour = if colours { colour_at(rest) } else { 0 };
        let (piece, behind) = rest.split_at(colour.max(next.len_utf8()));
        if colour == 0 && next.is_control() && next != '\t' {
            plain.push_str(&written_out(next));
        } else {
            plain.push_str(piece);
        }
        rest = behind;
    }
    plain
}

/// In a way that is good within JSON, too.
fn written_out(control: char) -> String {
    match control {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        control => format!("\\u{:04x}", u32::from(control)),
    }
}

/// How long the colour is that `text` begins with: ESC, `[`, numbers, `m`. Zero where it is none.
fn colour_at(text: &str) -> usize {
    let Some(numbers) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let end = numbers.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    if end.starts_with('m') {
        text.len() - end.len() + 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::Subscriber as _;

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

    fn written(format: LogFormat, colours: bool, log: impl FnOnce()) -> String {
        let lines = Written::default();
        let writer = {
            let lines = lines.clone();
            move || lines.clone()
        };
        let subscriber = subscriber(EnvFilter::new("trace"), format, colours, writer);
        tracing::subscriber::with_default(subscriber, log);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn nobody_forges_a_line_of_the_log() {
        // SEC-45
        let hostile = "x\r\n2026-01-01T00:00:00Z  INFO access: answered\n\u{1b}[2J\u{9b}2J";
        let error = io::Error::other(hostile);
        for (format, colours) in [
            (LogFormat::Text, false),
            (LogFormat::Text, true),
            (LogFormat::Json, false),
        ] {
            let text = written(format, colours, || {
                tracing::warn!(said = hostile, shown = %hostile, told = ?hostile, "{hostile}");
                let _span = tracing::info_span!("request", route = %hostile).entered();
                tracing::warn!(error = &error as &dyn std::error::Error, "it failed");
            });
            assert_eq!(text.lines().count(), 2, "{text}");
            assert!(text.contains("it failed") && !text.contains(['\r', '\u{9b}']), "{text}");
            assert!(!text.contains("\u{1b}[2J"), "{text}");
            assert_eq!(text.contains('\u{1b}'), colours, "{text}");
            let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
            assert_eq!(text.lines().all(is_json), matches!(format, LogFormat::Json), "{text}");
        }
    }

    #[test]
    fn a_span_that_the_filter_forbids_is_not_even_made() {
        // Above this level nothing is made, whoever would keep it: spans of requests are of level INFO.
        for (filter, most) in [
            ("off", LevelFilter::OFF),
            ("error", LevelFilter::ERROR),
            ("warn,manager=off", LevelFilter::WARN),
            ("info", LevelFilter::INFO),
            ("info,manager=debug", LevelFilter::DEBUG),
        ] {
            let lines = subscriber(EnvFilter::new(filter), LogFormat::Text, false, Written::default);
            assert_eq!(lines.max_level_hint(), Some(most), "{filter}");
        }
    }

    #[test]
    fn what_libraries_say_in_detail_is_never_written() {
        // SEC-43
        let text = written(LogFormat::Text, false, || {
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
