//! The table at the end.

use std::time::Duration;

use crate::{load::Throughput, process::Server};

/// What was measured, in order.
pub(crate) struct Report {
    title: String,
    rows: Vec<[String; 6]>,
}

impl Report {
    pub(crate) fn new(database: Option<&str>) -> Self {
        let database = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        Self {
            title: format!("Rightful on {database}"),
            rows: Vec::new(),
        }
    }

    /// A limit that others are compared with.
    pub(crate) fn limit(&mut self, name: &str, got: Throughput, server: &Server) {
        self.row(name, got.per_second, "1".to_owned(), got.p99, server);
    }

    /// A figure beside its limit.
    pub(crate) fn beside(&mut self, name: &str, got: Throughput, limit: Throughput, server: &Server) {
        self.row(
            name,
            got.per_second,
            format!("{:.2}", got.per_second / limit.per_second),
            got.p99,
            server,
        );
    }

    /// Work that took `time` for `count` pieces.
    pub(crate) fn work(&mut self, name: &str, count: usize, time: Duration, p99: Duration, servers: &[&Server]) {
        let per_second = count as f64 / time.as_secs_f64();
        let memory: f64 = servers.iter().filter_map(|server| server.peak_memory()).sum();
        let start: Duration = servers.iter().map(|server| server.started_in).max().unwrap_or_default();
        self.rows.push([
            name.to_owned(),
            format!("{per_second:.0}"),
            String::new(),
            millis(p99),
            format!("{memory:.0}"),
            millis(start),
        ]);
    }

    /// A line of its own under the table's last row.
    pub(crate) fn note(&mut self, name: &str, value: &str) {
        let empty = String::new;
        self.rows.push([
            format!("  {name}"),
            value.to_owned(),
            empty(),
            empty(),
            empty(),
            empty(),
        ]);
    }

    fn row(&mut self, name: &str, per_second: f64, ratio: String, p99: Duration, server: &Server) {
        let memory = server.peak_memory().map_or_else(String::new, |mib| format!("{mib:.0}"));
        self.rows.push([
            name.to_owned(),
            format!("{per_second:.0}"),
            ratio,
            millis(p99),
            memory,
            millis(server.started_in),
        ]);
    }

    #[expect(clippy::print_stdout, reason = "this is the program's answer")]
    pub(crate) fn print(&self) {
        println!("\n{}\n", self.title);
        let head = ["", "per second", "of limit", "p99 ms", "peak MiB", "start ms"].map(str::to_owned);
        for row in std::iter::once(&head).chain(&self.rows) {
            let [name, per_second, ratio, p99, memory, start] = row;
            println!("{name:<34} {per_second:>12} {ratio:>9} {p99:>9} {memory:>9} {start:>9}");
        }
    }
}

fn millis(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}
