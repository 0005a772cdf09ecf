//! The table at the end.

use std::time::Duration;

use crate::{load::Throughput, process::Server};

/// What was measured, in order.
pub(crate) struct Report {
    title: String,
    rows: Vec<[String; COLUMNS]>,
}

const COLUMNS: usize = 8;

/// "of limit" is the throughput's share of the limit's in the same run; "by CPU" compares processor time instead, which
/// other work on the machine disturbs less.
const HEAD: [&str; COLUMNS] = [
    "",
    "per second",
    "of limit",
    "CPU us each",
    "by CPU",
    "p99 ms",
    "peak MiB",
    "start ms",
];

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
        self.beside(name, got, got, server);
    }

    /// A figure beside its limit.
    pub(crate) fn beside(&mut self, name: &str, got: Throughput, limit: Throughput, server: &Server) {
        self.rows.push([
            name.to_owned(),
            format!("{:.0}", got.per_second),
            format!("{:.2}", got.per_second / limit.per_second),
            format!("{:.1}", got.processor),
            format!("{:.2}", limit.processor / got.processor),
            millis(got.p99),
            server.peak_memory().map_or_else(String::new, |mib| format!("{mib:.0}")),
            millis(server.started_in),
        ]);
    }

    /// Pieces of work done by several services together, with the processor time of one piece.
    pub(crate) fn work(
        &mut self,
        name: &str,
        per_second: f64,
        processor: Duration,
        p99: Duration,
        servers: &[&Server],
    ) {
        let memory: f64 = servers.iter().filter_map(|server| server.peak_memory()).sum();
        let start = servers.iter().map(|server| server.started_in).max().unwrap_or_default();
        self.rows.push([
            name.to_owned(),
            format!("{per_second:.0}"),
            String::new(),
            format!("{:.1}", processor.as_secs_f64() * 1e6),
            String::new(),
            millis(p99),
            format!("{memory:.0}"),
            millis(start),
        ]);
    }

    /// Pieces of work that one command does, with the processor time of one piece and the most memory it held, in MiB.
    pub(crate) fn command(&mut self, name: &str, per_second: f64, processor: Duration, memory: f64) {
        self.rows.push([
            name.to_owned(),
            format!("{per_second:.0}"),
            String::new(),
            format!("{:.1}", processor.as_secs_f64() * 1e6),
            String::new(),
            String::new(),
            format!("{memory:.0}"),
            String::new(),
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
            empty(),
            empty(),
        ]);
    }

    #[expect(clippy::print_stdout, reason = "this is the program's answer")]
    pub(crate) fn print(&self) {
        println!("\n{}\n", self.title);
        for row in std::iter::once(&HEAD.map(str::to_owned)).chain(&self.rows) {
            let [name, rest @ ..] = row;
            print!("{name:<38}");
            for cell in rest {
                print!(" {cell:>12}");
            }
            println!();
        }
    }
}

fn millis(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}
