//! Which requests the queue shows: read from its address, and written into the addresses of its links.

use std::str::FromStr;

use privacy::{Right, framework::DeadlineState, request::StageName};
use serde::Deserialize;

use crate::{
    ConnectionId, OperatorId, RequestId,
    app::requests::{Order, RequestFilter},
};

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    state: Option<String>,
    #[serde(rename = "type")]
    right: Option<String>,
    deadline: Option<String>,
    failed: Option<bool>,
    trouble: Option<bool>,
    connection: Option<String>,
    assignee: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
    ticked: Option<bool>,
}

/// Which requests are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Choice {
    pub(super) shown: Shown,
    pub(super) right: Option<Right>,
    pub(super) deadline: Option<DeadlineState>,
    pub(super) trouble: Option<Trouble>,
    pub(super) connection: Option<ConnectionId>,
    pub(super) whose: Option<Whose>,
    pub(super) order: Order,
    /// Beyond this one: not the first page.
    pub(super) before: Option<RequestId>,
    /// Every request of the page is ticked.
    pub(super) ticked: bool,
}

/// In which states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    All,
    Open,
    In(StageName),
}

/// What holds them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Failed,
    Connection,
}

/// Who takes care of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Mine,
    Nobodys,
    Of(OperatorId),
}

impl Choice {
    /// Reads what the address asks for, or names the parameter that can't be read.
    pub(in super::super) fn read(asked: &Asked) -> Result<Self, &'static str> {
        let shown = match asked.state.as_deref() {
            None | Some("" | "all") => Shown::All,
            Some("open") => Shown::Open,
            Some(state) => Shown::In(state.parse().map_err(|_| "state")?),
        };
        let whose = match asked.assignee.as_deref() {
            None | Some("") => None,
            Some("me") => Some(Whose::Mine),
            Some("none") => Some(Whose::Nobodys),
            Some(id) => Some(Whose::Of(id.parse().map_err(|_| "assignee")?)),
        };
        let failed = asked.failed.unwrap_or(false).then_some(Trouble::Failed);
        let trouble = asked.trouble.unwrap_or(false).then_some(Trouble::Connection);
        Ok(Self {
            shown,
            right: known(asked.right.as_deref(), "type")?,
            deadline: known(asked.deadline.as_deref(), "deadline")?,
            trouble: failed.or(trouble),
            connection: known(asked.connection.as_deref(), "connection")?,
            whose,
            order: known(asked.sort.as_deref(), "sort")?.unwrap_or_default(),
            before: known(asked.cursor.as_deref(), "cursor")?,
            ticked: asked.ticked.unwrap_or(false),
        })
    }

    /// What is looked for, when `me` looks.
    pub(in super::super) fn filter(&self, me: OperatorId) -> RequestFilter {
        RequestFilter {
            states: match self.shown {
                Shown::All | Shown::Open => Vec::new(),
                Shown::In(state) => vec![state],
            },
            open: self.shown == Shown::Open,
            right: self.right,
            deadline: self.deadline,
            failed: self.trouble == Some(Trouble::Failed),
            troubled: self.trouble == Some(Trouble::Connection),
            connection: self.connection,
            assignee: match self.whose {
                Some(Whose::Mine) => Some(me),
                Some(Whose::Of(operator)) => Some(operator),
                _ => None,
            },
            unassigned: self.whose == Some(Whose::Nobodys),
            order: self.order,
            before: self.before,
            ..RequestFilter::default()
        }
    }

    /// Whether some requests are left out.
    pub(super) fn narrows(&self) -> bool {
        Self {
            order: Order::default(),
            ticked: false,
            ..*self
        } != Self::default()
    }

    /// The same from its first request on.
    pub(super) const fn first_page(mut self) -> Self {
        self.before = None;
        self.ticked = false;
        self
    }

    pub(super) fn href(&self) -> String {
        self.address("/requests")
    }

    /// The same choice at the address `path`.
    pub(super) fn address(&self, path: &str) -> String {
        let state = match self.shown {
            Shown::All => None,
            Shown::Open => Some("open".to_owned()),
            Shown::In(state) => Some(state.name().to_owned()),
        };
        let whose = self.whose.map(|whose| match whose {
            Whose::Mine => "me".to_owned(),
            Whose::Nobodys => "none".to_owned(),
            Whose::Of(operator) => operator.to_string(),
        });
        let yes = |yes: bool| yes.then(|| "true".to_owned());
        let order = (self.order != Order::default()).then(|| self.order.name().to_owned());
        let parameters = [
            ("state", state),
            ("type", self.right.map(|right| right.name().to_owned())),
            ("deadline", self.deadline.map(|state| state.name().to_owned())),
            ("failed", yes(self.trouble == Some(Trouble::Failed))),
            ("trouble", yes(self.trouble == Some(Trouble::Connection))),
            ("connection", self.connection.map(|id| id.to_string())),
            ("assignee", whose),
            ("sort", order),
            ("cursor", self.before.map(|cursor| cursor.to_string())),
            ("ticked", yes(self.ticked)),
        ];
        let given: Vec<String> = parameters
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
            .collect();
        if given.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", given.join("&"))
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
            "?trouble=true&connection=0190b0a0-0000-7000-8000-000000000001&assignee=me",
            "?assignee=none",
            "?assignee=0190b0a0-0000-7000-8000-000000000002&cursor=0190b0a0-0000-7000-8000-000000000000",
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
