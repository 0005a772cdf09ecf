//! Many requests, a line each.

use manager::{
    Manager,
    app::{RequestFilter, RequestView},
};
use privacy::{IdentityType, Personal, request::StageName};

use super::state;
use crate::{
    Failure,
    command_line::Identity,
    output::{Output, Row},
};

pub(super) async fn list(output: Output, manager: &Manager, filter: &RequestFilter, limit: u32) -> anyhow::Result<()> {
    let page = manager.requests(filter, limit).await?;
    let rows = page.requests.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
    let heads = ["id", "reference", "type", "state", "deadline", "", "assignee"];
    output.list(&rows, &heads, "no requests")?;
    if page.next.is_some() {
        output.remark("There are more: see them with a larger --limit.");
    }
    Ok(())
}

/// The filter that a list's options say.
pub(super) async fn filter(
    manager: &Manager,
    state: Option<StageName>,
    assignee: Option<&str>,
    unassigned: bool,
) -> anyhow::Result<RequestFilter> {
    let assignee = match assignee {
        Some(email) => Some(super::super::user::known(manager, email).await?.id),
        None => None,
    };
    Ok(RequestFilter {
        states: state.into_iter().collect(),
        assignee,
        unassigned,
        ..RequestFilter::default()
    })
}

/// Requests of whoever is known by this.
pub(super) fn of_subject(identity: &Identity) -> anyhow::Result<RequestFilter> {
    let (kind, value) = match (&identity.email, &identity.identity) {
        (Some(email), _) => (IdentityType::Email, email.clone()),
        (None, Some(text)) => typed("--identity", text)?,
        (None, None) => {
            let mut text = String::new();
            std::io::stdin().read_line(&mut text)?;
            typed("standard input", text.trim_end_matches(['\r', '\n']))?
        }
    };
    Ok(RequestFilter {
        subject: Some((kind, Personal::new(value))),
        ..RequestFilter::default()
    })
}

fn typed(place: &str, text: &str) -> Result<(IdentityType, String), Failure> {
    let (kind, value) = text
        .split_once('=')
        .filter(|(_, value)| !value.is_empty())
        .ok_or_else(|| Failure::usage(format!("{place}: expected TYPE=VALUE, such as dcp_id=4711")))?;
    let kind = kind
        .parse()
        .map_err(|error| Failure::usage(format!("{place}: {error}")))?;
    Ok((kind, value.to_owned()))
}

fn row(request: &RequestView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(request)?,
        cells: vec![
            request.id.to_string(),
            request.reference.clone(),
            request.right.to_string(),
            state(request),
            request.deadline.strftime("%Y-%m-%d").to_string(),
            request.deadline_state.to_string().replace('_', " "),
            request
                .assignee
                .as_ref()
                .map_or_else(String::new, |assignee| assignee.name.clone()),
        ],
    })
}
