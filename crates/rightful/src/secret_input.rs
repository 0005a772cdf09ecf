//! Secrets of the command line: from standard input, a file or the environment, never from an argument, which every
//! user of the machine could read in the list of processes.

use std::{io::Read as _, path::PathBuf};

use anyhow::Context as _;
use oauth::Secret;

use crate::{Failure, configuration::Environment};

/// No password and no client secret is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Where one secret is to come from.
#[derive(Debug)]
pub(crate) struct SecretInput<'a> {
    /// What it is, such as `password`; the flags and the variable are called after it.
    pub(crate) name: &'static str,
    /// Read it from standard input.
    pub(crate) stdin: bool,
    /// Read it from this file.
    pub(crate) file: Option<&'a PathBuf>,
}

impl SecretInput<'_> {
    /// Reads it; one line end at its end is not part of it.
    pub(crate) fn read(&self, environment: &Environment) -> anyhow::Result<Secret> {
        self.read_if_given(environment)?.ok_or_else(|| {
            let flag = self.name.replace('_', "-");
            Failure::usage(format!("the {} is missing", self.name.replace('_', " ")))
                .hint(format!(
                    "--{flag}-stdin reads it from standard input, --{flag}-file from a file; or set {}",
                    self.variable()
                ))
                .into()
        })
    }

    /// The same where it may be left out.
    pub(crate) fn read_if_given(&self, environment: &Environment) -> anyhow::Result<Option<Secret>> {
        let text = if self.stdin {
            let mut text = String::new();
            std::io::stdin()
                .take(LONGEST)
                .read_to_string(&mut text)
                .with_context(|| format!("the {} could not be read from standard input", self.name))?;
            text
        } else if let Some(path) = self.file {
            std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?
        } else if let Some(text) = environment.get(&self.variable()) {
            text.to_owned()
        } else {
            return Ok(None);
        };
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            return Err(Failure::new(format!("the {} is empty", self.name.replace('_', " "))).into());
        }
        Ok(Some(Secret::new(line.to_owned())))
    }

    fn variable(&self) -> String {
        format!("RIGHTFUL_{}", self.name.to_uppercase())
    }
}
