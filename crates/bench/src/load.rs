//! A load over keep-alive HTTP/1.1 connections, light enough to leave the cores to the server.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

/// What a run brought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Throughput {
    /// Right answers a second.
    pub(crate) per_second: f64,
    /// The time below which 99 of 100 answers came.
    pub(crate) p99: Duration,
}

/// Sends `request` again and again over `connections` connections for `time`. Any answer but a 200 ends the run.
pub(crate) async fn run(address: SocketAddr, request: &str, connections: usize, time: Duration) -> Result<Throughput> {
    // Connections, caches and the branch predictor are warm before anything counts.
    drive(address, request, connections, time / 5).await?;
    let begun = Instant::now();
    let mut times = drive(address, request, connections, time).await?;
    let elapsed = begun.elapsed();
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Ok(Throughput {
        per_second: times.len() as f64 / elapsed.as_secs_f64(),
        p99,
    })
}

async fn drive(address: SocketAddr, request: &str, connections: usize, time: Duration) -> Result<Vec<Duration>> {
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let request = request.as_bytes().to_vec();
        clients.spawn(async move { one_connection(address, &request, time).await });
    }
    let mut times = Vec::new();
    while let Some(client) = clients.join_next().await {
        times.extend(client??);
    }
    Ok(times)
}

async fn one_connection(address: SocketAddr, request: &[u8], time: Duration) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut buffer) = (Vec::new(), Vec::with_capacity(8192));
    let end = Instant::now() + time;
    loop {
        let begun = Instant::now();
        if begun >= end {
            return Ok(times);
        }
        stream.write_all(request).await?;
        read_answer(&mut stream, &mut buffer).await?;
        times.push(begun.elapsed());
    }
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
