//! Which requests the queue shows: read from its address, and written into the addresses of its links.

use std::str::FromStr;

use privacy::{Right, framework::DeadlineState, request::StageName};
use serde::Deserialize;

use crate::{RequestId, app::requests::RequestFilter};

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    state: Option<String>,
    #[serde(rename = "type")]
    right: Option<String>,
    deadline: Option<String>,
    failed: Option<bool>,
    cursor: Option<String>,
}

/// Which requests are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) shown: Shown,
    pub(super) right: Option<Right>,
    pub(super) urgent: Option<Urgent>,
    /// Older than this one: not the first page.
    pub(super) before: Option<RequestId>,
}

/// In which states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    All,
    Open,
    In(StageName),
}

/// What somebody should look at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgent {
    Due(DeadlineState),
    Failed,
}

impl Choice {
    /// Reads what the address asks for, or names the parameter that can't be read.
    pub(super) fn read(asked: &Asked) -> Result<Self, &'static str> {
        let shown = match asked.state.as_deref() {
            None | Some("" | "all") => Shown::All,
            Some("open") => Shown::Open,
            Some(state) => Shown::In(state.parse().map_err(|_| "state")?),
        };
        let deadline = known(asked.deadline.as_deref(), "deadline")?.map(Urgent::Due);
        let failed = asked.failed.unwrap_or(false).then_some(Urgent::Failed);
        Ok(Self {
            shown,
            right: known(asked.right.as_deref(), "type")?,
            urgent: deadline.or(failed),
            before: known(asked.cursor.as_deref(), "cursor")?,
        })
    }

    pub(super) fn filter(&self) -> RequestFilter {
        let is_open = |state: &StageName| *state != StageName::Closed;
        RequestFilter {
            states: match self.shown {
                Shown::All => Vec::new(),
                Shown::Open => StageName::ALL.iter().copied().filter(is_open).collect(),
                Shown::In(state) => vec![state],
            },
            right: self.right,
            deadline: match self.urgent {
                Some(Urgent::Due(state)) => Some(state),
                _ => None,
            },
            failed: self.urgent == Some(Urgent::Failed),
            before: self.before,
            ..RequestFilter::default()
        }
    }

    /// Whether some requests are left out.
    pub(super) fn narrows(&self) -> bool {
        *self != Self::default()
    }

    /// The same from its newest request on.
    pub(super) const fn first_page(mut self) -> Self {
        self.before = None;
        self
    }

    pub(super) fn href(&self) -> String {
        let state = match self.shown {
            Shown::All => None,
            Shown::Open => Some("open"),
            Shown::In(state) => Some(state.name()),
        };
        let (deadline, failed) = match self.urgent {
            Some(Urgent::Due(state)) => (Some(state.name()), None),
            Some(Urgent::Failed) => (None, Some("true")),
            None => (None, None),
        };
        let cursor = self.before.map(|cursor| cursor.to_string());
        let parameters = [
            ("state", state),
            ("type", self.right.map(Right::name)),
            ("deadline", deadline),
            ("failed", failed),
            ("cursor", cursor.as_deref()),
        ];
        let given: Vec<String> = parameters
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
            .collect();
        if given.is_empty() {
            "/requests".to_owned()
        } else {
            format!("/requests?{}", given.join("&"))
        }
    }
}

/// Nothing given is nothing.
fn known<T: FromStr>(word: Option<&str>, parameter: &'static str) -> Result<Option<T>, &'static str> {
    match word {
        None | Some("") => Ok(None),
        Some(word) => word.parse().map(Some).map_err(|_| parameter),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_choice_is_read_back_as_it_is_written() {
        for address in [
            "",
            "?state=open",
            "?state=pending_review&type=deletion",
            "?type=access&deadline=past_due",
            "?failed=true&cursor=0190b0a0-0000-7000-8000-000000000000",
        ] {
            let pairs = address
                .trim_start_matches('?')
                .split('&')
                .filter_map(|pair| pair.split_once('='));
            let pairs = pairs.map(|(name, value)| {
                let value = if value == "true" {
                    Value::Bool(true)
                } else {
                    value.into()
                };
                (name.to_owned(), value)
            });
            let asked: Asked = serde_json::from_value(Value::Object(pairs.collect())).unwrap();
            let choice = Choice::read(&asked).unwrap();
            assert_eq!(choice.href(), format!("/requests{address}"));
            assert_eq!(choice.narrows(), !address.is_empty());
        }
    }
}
