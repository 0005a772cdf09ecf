//! What a command says when it did not do what it was asked: what, why, and what to do about it.

use std::fmt::Write as _;

use crate::hints;

/// A failure in words for people.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    what: String,
    hint: Option<String>,
    usage: bool,
}

impl Failure {
    /// Something could not be done (exit status 1).
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            usage: false,
        }
    }

    /// The command was called in a wrong way (exit status 2).
    pub fn usage(what: impl Into<String>) -> Self {
        Self {
            usage: true,
            ..Self::new(what)
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The exit status for `error`.
pub(crate) fn exit_status(error: &anyhow::Error) -> u8 {
    if find::<Failure>(error).is_some_and(|failure| failure.usage) {
        2
    } else {
        1
    }
}

/// The lines for standard error: `error: what: why` and `hint: …`.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    let (sentence, inner_hint) = sentence(error);
    let mut text = format!("error: {sentence}\n");
    let hint = find::<Failure>(error)
        .and_then(|failure| failure.hint.clone())
        .or_else(|| hints::for_error(error))
        .or(inner_hint);
    for line in hint.iter().flat_map(|hint| hint.lines()) {
        writeln!(text, "hint: {line}").ok();
    }
    text
}

/// `what: why` on one line, for an error that is part of a longer story.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    sentence(error).0
}

/// The first cause of this type.
pub(crate) fn find<E: std::error::Error + 'static>(error: &anyhow::Error) -> Option<&E> {
    error.chain().find_map(|cause| cause.downcast_ref::<E>())
}

/// The causes from the outermost in, each said once, and the hint that one of them carries in its own text.
fn sentence(error: &anyhow::Error) -> (String, Option<String>) {
    let mut sentence = String::new();
    let mut hint = None;
    for cause in error.chain() {
        let text = cause.to_string();
        let mut lines = text.lines();
        let what = lines.next().unwrap_or_default().trim();
        hint = hint.or_else(|| lines.find_map(|line| line.strip_prefix("hint: ")).map(str::to_owned));
        // An outer error that repeats its source word for word adds nothing.
        if what.is_empty() || sentence.ends_with(what) {
            continue;
        }
        if !sentence.is_empty() {
            sentence.push_str(": ");
        }
        sentence.push_str(what);
    }
    (sentence, hint)
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let error = anyhow::Error::new(Failure::new("the port is taken").hint("choose another")).context("no server");
        assert_eq!(
            describe(&error),
            "error: no server: the port is taken\nhint: choose another\n"
        );
        assert_eq!(exit_status(&error), 1);
    }

    #[test]
    fn a_cause_is_never_printed_twice() {
        let error = Err::<(), _>(Failure::new("disk full"))
            .context("disk full")
            .unwrap_err();
        assert_eq!(describe(&error), "error: disk full\n");
    }

    #[test]
    fn a_hint_inside_a_cause_gets_its_own_line() {
        let error = anyhow::anyhow!("the file is open to others\nhint: chmod 600 file").context("no key");
        assert_eq!(
            describe(&error),
            "error: no key: the file is open to others\nhint: chmod 600 file\n"
        );
    }

    #[test]
    fn wrong_usage_has_its_own_exit_status() {
        assert_eq!(exit_status(&Failure::usage("which one").into()), 2);
    }
}
