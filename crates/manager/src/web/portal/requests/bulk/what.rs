//! What can be done with several requests.

use std::str::FromStr;

use privacy::request::{DenialGround, PauseReason};
use rightful_http::pages::parts::{Choice, Field};

use super::super::{
    super::{PageError, Submitted},
    decide::Word,
    words,
};
use crate::{
    Manager, OperatorId, Permission,
    app::requests::{Decision, TaskDecision},
};

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Decide(Word),
    Tasks(TaskDecision),
    Assign,
}

/// The same with what was answered.
#[derive(Debug, Clone)]
pub(super) enum Answered {
    Decide(Decision),
    Tasks(TaskDecision),
    Assign(Option<OperatorId>),
}

impl What {
    pub(super) const ALL: [Self; 13] = [
        Self::Assign,
        Self::Decide(Word::Start),
        Self::Decide(Word::Approve),
        Self::Tasks(TaskDecision::Retry),
        Self::Tasks(TaskDecision::Skip),
        Self::Decide(Word::Pause),
        Self::Decide(Word::Resume),
        Self::Decide(Word::Extend),
        Self::Decide(Word::Deny),
        Self::Decide(Word::Cancel),
        Self::Decide(Word::Duplicate),
        Self::Decide(Word::Nonresponsive),
        Self::Decide(Word::Spam),
    ];

    pub(super) const fn word(self) -> &'static str {
        self.words().0
    }

    /// The verb.
    pub(super) const fn label(self) -> &'static str {
        self.words().1
    }

    /// What it means.
    pub(super) const fn text(self) -> &'static str {
        self.words().2
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Assign => ("assign", "Assign", "Whoever it is sees them as theirs in the queue."),
            Self::Tasks(TaskDecision::Skip) => (
                "skip",
                "Skip failed tasks of",
                "What these connections hold is then missing in the answer. The history says who left it out.",
            ),
            Self::Tasks(_) => (
                "retry",
                "Retry failed tasks of",
                "Every task that failed is tried again.",
            ),
            Self::Decide(word) => match word {
                Word::Start => ("start", "Start", "The connections begin at once."),
                Word::Approve => (
                    "approve",
                    "Approve",
                    "What was found is handed over as it is chosen now; what was to be deleted is deleted, which can’t be taken back.",
                ),
                Word::Pause => (
                    "pause",
                    "Pause",
                    "Work rests until somebody resumes it. The deadlines keep running.",
                ),
                Word::Resume => ("resume", "Resume", "They go on where they rested."),
                Word::Extend => (
                    "extend",
                    "Extend",
                    "Once each, by the term that the legal framework allows. The subjects are told.",
                ),
                Word::Deny => (
                    "deny",
                    "Deny",
                    "They are closed without being carried out. The subjects are told.",
                ),
                Word::Cancel => (
                    "cancel",
                    "Cancel",
                    "The subjects withdrew them. They are closed, and open tasks are stopped.",
                ),
                Word::Duplicate => ("duplicate", "Close as duplicates:", "Other requests ask the same."),
                Word::Nonresponsive => (
                    "nonresponsive",
                    "Close without an answer:",
                    "The subjects did not answer questions.",
                ),
                _ => ("spam", "Close as spam:", "They are no requests."),
            },
        }
    }

    pub(super) const fn permission(self) -> Permission {
        match self {
            Self::Decide(word) => word.permission(),
            _ => Permission::WorkRequests,
        }
    }

    /// Whether a deletion may begin with it: for who has proved lately who they are (SEC-12).
    pub(super) const fn deletes(self) -> bool {
        matches!(self, Self::Decide(word) if word.deletes())
    }

    pub(super) const fn takes_away(self) -> bool {
        matches!(
            self,
            Self::Tasks(TaskDecision::Skip)
                | Self::Decide(Word::Deny | Word::Cancel | Word::Duplicate | Word::Nonresponsive | Word::Spam)
        )
    }

    /// What is asked besides.
    pub(super) async fn fields(self, manager: &Manager) -> Result<Vec<Field<'static>>, PageError> {
        Ok(match self {
            Self::Assign => {
                let mut choices = vec![Choice::new("nobody", "Nobody")];
                let staff = manager.assignable().await?.into_iter();
                choices.extend(staff.map(|one| Choice::new(one.id.to_string(), one.name)));
                vec![Field::select("operator", "Who takes care of them", choices)]
            }
            Self::Decide(Word::Pause) => {
                let reasons = PauseReason::ALL.iter();
                let reasons = reasons.map(|reason| Choice::new(reason.name(), words::pause_reason(*reason)));
                vec![Field::select("reason", "Why?", reasons.collect())]
            }
            Self::Decide(Word::Deny) => {
                let grounds = DenialGround::ALL.iter();
                let grounds = grounds.map(|ground| Choice::new(ground.name(), words::denial_ground(*ground)));
                vec![
                    Field::select("ground", "On what ground?", grounds.collect()),
                    explanation(),
                ]
            }
            Self::Decide(Word::Extend) => vec![explanation()],
            _ => Vec::new(),
        })
    }

    pub(super) fn answered(self, form: &Submitted) -> Result<Answered, PageError> {
        Ok(match self {
            Self::Decide(word) => Answered::Decide(word.decision(form)?),
            Self::Tasks(decision) => Answered::Tasks(decision),
            Self::Assign => Answered::Assign(match form.field("operator")? {
                "nobody" => None,
                id => Some(id.parse().map_err(|_| PageError::NotFound)?),
            }),
        })
    }
}

fn explanation() -> Field<'static> {
    Field::area("explanation", "Your words for the people")
        .hint("They go into each mail, below the decision.")
        .max_length(4000)
        .optional()
}

/// The word names nothing that can be done.
#[derive(Debug)]
pub(super) struct Nothing;

impl FromStr for What {
    type Err = Nothing;

    fn from_str(word: &str) -> Result<Self, Nothing> {
        Self::ALL
            .iter()
            .copied()
            .find(|what| what.word() == word)
            .ok_or(Nothing)
    }
}
