//! The measured programs, each a process of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use jiff::SignedDuration;
use serde_json::Value;
use store::{Clock as _, SystemClock};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};

/// A server that listens; it is killed when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// From the start of the process until it listened.
    pub(crate) started_in: Duration,
    child: Child,
}

impl Server {
    /// The bare endpoint.
    pub(crate) async fn bare() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--bare");
        Self::start(command).await
    }

    /// Starts `command` and waits for the line that says where it listens.
    pub(crate) async fn start(mut command: Command) -> Result<Self> {
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        while let Some(line) = lines.next_line().await? {
            let Some((_, rest)) = line.split_once("listening on ") else {
                continue;
            };
            let address = rest.split([',', ' ']).next().unwrap_or_default().parse()?;
            let started_in = begun.elapsed();
            return Ok(Self {
                address,
                started_in,
                child,
            });
        }
        anyhow::bail!("the process ended before it listened")
    }

    /// The most memory it ever held, in MiB.
    pub(crate) fn peak_memory(&self) -> Option<f64> {
        peak_memory(&self.child.id()?.to_string())
    }

    /// The processor time it has used.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        processor_time(&self.child.id()?.to_string())
    }
}

/// The most memory that this process ever held, in MiB.
pub(crate) fn own_peak_memory() -> Option<f64> {
    peak_memory("self")
}

/// The processor time that this process has used.
pub(crate) fn own_processor_time() -> Duration {
    processor_time("self").unwrap_or_default()
}

fn peak_memory(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

fn processor_time(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name in parentheses; fields 14 and 15 of the line, in hundredths of a second.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// Builds what is measured, in the profile that this was built in.
pub(crate) async fn build_the_binary() -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "-p", "rightful"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    // What cargo tells the programs that it runs would make the build scripts that look at it, and all that stands on
    // them, be built again.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
            build.env_remove(name);
        }
    }
    let status = build.status().await?;
    ensure!(status.success(), "the binary could not be built");
    Ok(())
}

/// A call of the binary with a data folder, and a database where one is given.
pub(crate) fn rightful(data: &Path, database: Option<&str>) -> Result<Command> {
    let binary: PathBuf = std::env::current_exe()?.with_file_name("rightful");
    let mut command = Command::new(binary);
    command
        .env("RIGHTFUL_DATA", data)
        .env("RUST_LOG", "off")
        .stderr(Stdio::inherit());
    if let Some(database) = database {
        command.env("RIGHTFUL_DATABASE", database);
    }
    Ok(command)
}

/// Runs a command line with `--json` and returns the document it prints.
pub(crate) async fn answer(mut command: Command, arguments: &[&str], input: &str) -> Result<Value> {
    command
        .args(arguments)
        .arg("--json")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().context("no input")?;
    stdin.write_all(input.as_bytes()).await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "rightful {} failed", arguments.join(" "));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A command that has ended, and what it took.
pub(crate) struct Ran {
    /// The document that it printed.
    pub(crate) answer: Value,
    /// From its start to its end.
    pub(crate) took: Duration,
    /// The processor time that it used.
    pub(crate) processor: Duration,
    /// The most memory that it ever held, in MiB.
    pub(crate) peak_memory: f64,
}

/// How often a command that runs is looked at: what it took shortly before its end counts.
const LOOK_EVERY: SignedDuration = SignedDuration::from_millis(20);

/// Runs a command line with `--json`, and watches it.
pub(crate) async fn watched(mut command: Command, arguments: &[&str]) -> Result<Ran> {
    let begun = Instant::now();
    command
        .args(arguments)
        .arg("--json")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn()?;
    let id = child.id().context("it has no id")?.to_string();
    let mut stdout = child.stdout.take().context("no output")?;
    let mut text = Vec::new();
    let (mut processor, mut memory) = (Duration::ZERO, 0.0);
    let mut reading = std::pin::pin!(stdout.read_to_end(&mut text));
    loop {
        processor = processor_time(&id).unwrap_or(processor);
        memory = peak_memory(&id).unwrap_or(memory);
        tokio::select! {
            read = &mut reading => {
                read?;
                break;
            }
            () = SystemClock.sleep_until(SystemClock.now() + LOOK_EVERY) => {}
        }
    }
    let status = child.wait().await?;
    let took = begun.elapsed();
    ensure!(status.success(), "rightful {} failed", arguments.join(" "));
    Ok(Ran {
        answer: serde_json::from_slice(&text)?,
        took,
        processor,
        peak_memory: memory,
    })
}
