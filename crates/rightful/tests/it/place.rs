//! A place of one's own: a data folder, a database where PostgreSQL is tested, and the environment of a new machine.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Command, Ended};

pub(crate) struct Place {
    folder: TempDir,
    database: Option<String>,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: testkit::fresh_database().await.unwrap(),
        }
    }

    /// The folder for whatever a test puts somewhere.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.database.is_none()
    }

    /// The PostgreSQL database, where one is tested.
    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Writes a file beside the data folder, and returns its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// `rightful …` here. The words are separated by blanks; further ones can be added.
    pub(crate) fn rightful(&self, words: &str) -> Command {
        let command = Command::new(words).env("RIGHTFUL_DATA", &self.data().display().to_string());
        match &self.database {
            Some(database) => command.env("RIGHTFUL_DATABASE", database),
            None => command,
        }
    }

    /// `rightful demo …` here.
    pub(crate) fn demo(&self, words: &str) -> Command {
        let command = Command::new("demo")
            .words(words)
            .word("--data")
            .word(&self.data().display().to_string());
        match &self.database {
            Some(database) => command.word("--database").word(database),
            None => command,
        }
    }

    /// A command that succeeds, and its JSON document.
    pub(crate) async fn answer(&self, words: &str) -> Value {
        self.rightful(words).word("--json").run().await.answer()
    }

    /// A command that succeeds, fed by standard input.
    pub(crate) async fn answer_to(&self, words: &str, input: &str) -> Value {
        self.rightful(words).word("--json").input(input).run().await.answer()
    }

    /// A command that fails, and what it says.
    pub(crate) async fn refusal(&self, words: &str) -> Ended {
        let ended = self.rightful(words).run().await;
        ended.failed_with(1);
        ended
    }

    /// An account at the provider with an administrator, whose password is `PASSWORD`. Returns the account's number.
    pub(crate) async fn account(&self, email: &str) -> i64 {
        let account = self.answer("provider account create --name Acme").await["account_id"]
            .as_i64()
            .unwrap();
        let create =
            format!("provider user create --account {account} --email {email} --role administrator --password-stdin");
        self.answer_to(&create, PASSWORD).await;
        account
    }
}

pub(crate) const PASSWORD: &str = "correct horse battery staple";
