//! What a command answers: readable text, or JSON and nothing else.

use std::io::{self, Write as _};

use serde_json::Value;
use url::Url;

/// Where answers go, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    /// Text for people, or with `json` for programs.
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// True where standard output belongs to a program.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// The one answer of a command. Text should end without a line break.
    pub(crate) fn answer(self, value: &Value, text: impl FnOnce() -> String) -> io::Result<()> {
        let line = if self.json { value.to_string() } else { text() };
        write_line(&line)
    }

    /// A list: a JSON document a line, or a table under `heads`. `nothing` is said to people where it is empty.
    pub(crate) fn list(self, rows: &[Row], heads: &[&str], nothing: &str) -> io::Result<()> {
        if self.json {
            return rows.iter().try_for_each(|row| write_line(&row.value.to_string()));
        }
        if rows.is_empty() {
            return write_line(nothing);
        }
        write_line(&table(rows, heads))
    }

    /// A remark for people; programs don't get it.
    pub(crate) fn remark(self, text: &str) {
        if !self.json {
            // Whoever closed standard error does not want to know.
            writeln!(io::stderr(), "{text}").ok();
        }
    }
}

/// One line of a list, in both forms.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// For programs.
    pub(crate) value: Value,
    /// For people, a cell for each head.
    pub(crate) cells: Vec<String>,
}

/// Writes and flushes, so that whoever waits for the line has it. Whoever stopped reading (`| head`) has enough: that
/// is no failure.
pub(crate) fn write_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut write = || {
        out.write_all(line.as_bytes())?;
        out.write_all(b"\n")?;
        out.flush()
    };
    match write() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A server's address, as people write it and programs put paths behind it.
pub(crate) fn address(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

fn table(rows: &[Row], heads: &[&str]) -> String {
    let head: Vec<String> = heads.iter().map(|head| (*head).to_uppercase()).collect();
    let lines: Vec<&[String]> = std::iter::once(head.as_slice())
        .chain(rows.iter().map(|row| row.cells.as_slice()))
        .collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let written = lines.iter().map(|line| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    written.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 2]| Row {
            value: Value::Null,
            cells: cells.map(str::to_owned).to_vec(),
        };
        assert_eq!(
            table(&[row(["10001", "Acme"]), row(["7", "Ünicode"])], &["id", "name"]),
            "ID     NAME\n10001  Acme\n7      Ünicode"
        );
    }
}
