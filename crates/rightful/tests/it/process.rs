//! Running the binary.

use std::{process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdout},
    task::JoinSet,
    time::timeout,
};

/// Nothing here takes as long; a test that hangs should say so.
const PATIENCE: Duration = Duration::from_mins(2);

/// A call of the binary, in an environment without settings.
pub(crate) struct Command {
    command: tokio::process::Command,
    input: String,
}

impl Command {
    pub(crate) fn new(words: &str) -> Self {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_rightful"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("RIGHTFUL_") || name == "RUST_LOG" {
                command.env_remove(&*name);
            }
        }
        command
            .args(words.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Self {
            command,
            input: String::new(),
        }
    }

    /// One more word, blanks and all.
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.command.arg(word);
        self
    }

    pub(crate) fn words(mut self, words: &str) -> Self {
        self.command.args(words.split_whitespace());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads from standard input.
    pub(crate) fn input(mut self, input: &str) -> Self {
        input.clone_into(&mut self.input);
        self
    }

    /// Runs it to its end.
    pub(crate) async fn run(mut self) -> Ended {
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that reads nothing may be gone already.
        stdin.write_all(self.input.as_bytes()).await.ok();
        drop(stdin);
        let output = timeout(PATIENCE, child.wait_with_output())
            .await
            .expect("it hangs")
            .unwrap();
        Ended {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts it, to be listened to.
    pub(crate) fn start(mut self) -> Running {
        let mut child = self.command.stdin(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        // What nobody reads must not fill the pipe; the test prints it when it fails.
        let mut stderr = child.stderr.take().unwrap();
        let mut errors = JoinSet::new();
        errors.spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.ok();
            text
        });
        Running { child, stdout, errors }
    }

    /// Starts it and waits until `words` have stood in so many lines on standard error, or it has ended.
    pub(crate) async fn start_hearing(mut self, words: &str, times: usize) -> Running {
        let mut child = self.command.stdin(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut heard = 0;
        while heard < times {
            match timeout(PATIENCE, stderr.next_line()).await.expect("it hangs").unwrap() {
                Some(line) => heard += usize::from(line.contains(words)),
                None => break,
            }
        }
        let mut errors = JoinSet::new();
        errors.spawn(async move {
            while stderr.next_line().await.is_ok_and(|line| line.is_some()) {}
            String::new()
        });
        Running { child, stdout, errors }
    }

    /// Starts a server and waits until it listens.
    pub(crate) async fn serve(self) -> Server {
        let mut running = self.word("--json").start();
        let line = running.line().await.expect("it ended before it listened");
        let said: Value = serde_json::from_str(&line).unwrap();
        Server {
            running,
            url: said["public_url"].as_str().unwrap().parse().unwrap(),
            listen: said["listen"].as_str().unwrap().to_owned(),
        }
    }
}

/// A process that has ended.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The one JSON document it printed.
    pub(crate) fn answer(&self) -> Value {
        assert_eq!(self.status, Some(0), "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("not one document: {}", self.stdout))
    }

    /// The JSON documents it printed, one a line.
    pub(crate) fn answers(&self) -> Vec<Value> {
        assert_eq!(self.status, Some(0), "{}", self.stderr);
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// It succeeded.
    pub(crate) fn failed_not(&self) {
        assert_eq!(self.status, Some(0), "{}{}", self.stdout, self.stderr);
    }

    /// It said one thing, on standard error, and ended with this status.
    pub(crate) fn failed_with(&self, status: i32) {
        assert_eq!(self.status, Some(status), "{}{}", self.stdout, self.stderr);
        let errors = self.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(errors, 1, "{}", self.stderr);
        assert_eq!(self.stdout, "");
    }

    /// The failure names all of `words`.
    pub(crate) fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in {}", self.stderr);
        }
    }
}

/// A process that runs.
pub(crate) struct Running {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    errors: JoinSet<String>,
}

impl Running {
    /// The next line on standard output.
    pub(crate) async fn line(&mut self) -> Option<String> {
        timeout(PATIENCE, self.stdout.next_line())
            .await
            .expect("it hangs")
            .unwrap()
    }

    /// As by `kill -9`.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// As by Ctrl-C, or by a service manager; waits for the end.
    pub(crate) async fn signal(mut self, name: &str) -> Ended {
        let id = self.child.id().unwrap();
        let sent = tokio::process::Command::new("sh")
            .args(["-c", &format!("kill -{name} {id}")])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
        let mut stdout = String::new();
        while let Some(line) = self.line().await {
            stdout += &line;
            stdout.push('\n');
        }
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it hangs").unwrap();
        Ended {
            status: status.code(),
            stdout,
            stderr: self.errors.join_all().await.concat(),
        }
    }
}

/// A server that listens.
pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) url: url::Url,
    pub(crate) listen: String,
}
