//! The program, run as people run it: commands that end and servers that stay.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};
use url::Url;

/// What servers say, in the data folder.
const LOG: &str = "serve.log";

/// The program with a data folder of its own.
pub struct Program {
    path: PathBuf,
    data: PathBuf,
    settings: Vec<(String, String)>,
}

impl Program {
    /// The program at `path`, of which `PROGRAM rightful …` does what `rightful …` does.
    pub fn new(path: &Path, data: PathBuf, database: Option<&str>) -> Result<Self> {
        std::fs::create_dir_all(&data)?;
        let place = data.display().to_string();
        let program = Self {
            path: path.to_owned(),
            settings: Vec::new(),
            data,
        };
        let program = program.setting("DATA", &place);
        Ok(match database {
            Some(database) => program.setting("DATABASE", database),
            None => program,
        })
    }

    /// The same with this setting, named as in the environment after `RIGHTFUL_`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((format!("RIGHTFUL_{name}"), value.to_owned()));
        self
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The certificate of the local authority that its server made.
    pub fn authority(&self) -> PathBuf {
        self.data.join("ca.pem")
    }

    /// What its servers have said so far.
    pub fn said(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.data.join(LOG))?)
    }

    /// Runs a command, which reads `input`, to its end, and returns the document it prints; several are a list.
    pub async fn tell(&self, words: &str, input: &str) -> Result<Value> {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.tell_words(&words, input).await
    }

    /// The same with words that may have blanks in them.
    pub async fn tell_words(&self, words: &[&str], input: &str) -> Result<Value> {
        let mut command = self.command(words);
        command.arg("--json").stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().context("no input")?;
        // A command that reads nothing may be gone already.
        stdin.write_all(input.as_bytes()).await.ok();
        drop(stdin);
        let output = child.wait_with_output().await?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = words.join(" ");
        ensure!(output.status.success(), "rightful {told}: {said}");
        let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_slice(&output.stdout)
            .into_iter()
            .collect();
        let mut documents = documents.with_context(|| format!("rightful {told} printed no JSON"))?;
        Ok(match documents.len() {
            0 => Value::Null,
            1 => documents.remove(0),
            _ => Value::Array(documents),
        })
    }

    /// Serves, and waits until it listens.
    pub async fn serve(&self, service: &str, listen: &str) -> Result<Process> {
        let mut command = self.command(&[service, "serve", "--listen", listen]);
        let log = File::options().create(true).append(true).open(self.data.join(LOG))?;
        let mut child = command.stdin(Stdio::null()).stderr(log).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let line = lines.next_line().await?;
        let line = line.with_context(|| format!("the {service} ended before it listened"))?;
        let said = line.split_once(" listening on ");
        let said = said.and_then(|(_, said)| said.split_once(", public URL "));
        let (listen, url) = said.with_context(|| format!("the {service} says {line}"))?;
        Ok(Process {
            child,
            url: url.parse()?,
            listen: listen.to_owned(),
        })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RIGHTFUL_") {
                command.env_remove(name);
            }
        }
        command
            .arg("rightful")
            .args(words)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// A server; it is killed when dropped.
pub struct Process {
    child: Child,
    /// Where it is reached.
    pub url: Url,
    /// The address that it listens on.
    pub listen: String,
}

impl Process {
    /// `kill -9`.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
