//! A load over keep-alive HTTP/1.1 connections, light enough to leave the cores to the server.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::process::Server;

/// What a run brought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Throughput {
    /// Right answers a second.
    pub(crate) per_second: f64,
    /// The server's processor time for one answer, in microseconds. Other work on the machine disturbs it little.
    pub(crate) processor: f64,
    /// The time below which 99 of 100 answers came.
    pub(crate) p99: Duration,
}

/// What is sent.
#[derive(Clone)]
enum Requests {
    /// The same again and again until then.
    Same(Arc<str>, Instant),
    /// Each of these once.
    Once(Arc<Mutex<VecDeque<String>>>),
}

impl Requests {
    fn next(&self) -> Option<Arc<str>> {
        match self {
            Self::Same(request, end) => (Instant::now() < *end).then(|| Arc::clone(request)),
            Self::Once(requests) => requests.lock().ok()?.pop_front().map(Arc::from),
        }
    }
}

/// Sends `request` again and again over `connections` connections for `time`. Any answer but a 200 ends the run.
pub(crate) async fn run(server: &Server, request: &str, connections: usize, time: Duration) -> Result<Throughput> {
    let same = |time| Requests::Same(Arc::from(request), Instant::now() + time);
    // Connections, caches and the branch predictor are warm before anything counts.
    drive(server.address, same(time / 5), connections).await?;
    measured(server, same(time), connections).await
}

/// Sends each of `requests` once.
pub(crate) async fn run_once(server: &Server, requests: Vec<String>, connections: usize) -> Result<Throughput> {
    let requests = Requests::Once(Arc::new(Mutex::new(requests.into())));
    measured(server, requests, connections).await
}

async fn measured(server: &Server, requests: Requests, connections: usize) -> Result<Throughput> {
    let (begun, used) = (Instant::now(), server.processor_time().unwrap_or_default());
    let mut times = drive(server.address, requests, connections).await?;
    let elapsed = begun.elapsed();
    let used = server.processor_time().unwrap_or_default().saturating_sub(used);
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Ok(Throughput {
        per_second: times.len() as f64 / elapsed.as_secs_f64(),
        processor: used.as_secs_f64() * 1e6 / times.len() as f64,
        p99,
    })
}

async fn drive(address: SocketAddr, requests: Requests, connections: usize) -> Result<Vec<Duration>> {
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let requests = requests.clone();
        clients.spawn(async move { one_connection(address, &requests).await });
    }
    let mut times = Vec::new();
    while let Some(client) = clients.join_next().await {
        times.extend(client??);
    }
    Ok(times)
}

async fn one_connection(address: SocketAddr, requests: &Requests) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut buffer) = (Vec::new(), Vec::with_capacity(8192));
    while let Some(request) = requests.next() {
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        read_answer(&mut stream, &mut buffer).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

/// Reads one whole answer with a `content-length`, and leaves the buffer empty.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        let Some(head) = find(buffer, b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8_lossy(buffer.get(..head).unwrap_or_default()).into_owned();
        ensure!(
            text.starts_with("HTTP/1.1 200 "),
            "not a right answer: {}",
            text.lines().next().unwrap_or_default()
        );
        let length: usize = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("the answer has no length")?
            .1
            .trim()
            .parse()?;
        while buffer.len() < head + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                bail!("the server closed the connection in the middle of an answer");
            }
        }
        return Ok(());
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
