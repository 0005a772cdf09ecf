//! Taking a request in, and putting it right while it is in triage.

use std::collections::BTreeMap;

use manager::{
    By, ConnectionId, Manager,
    app::{NewRequest, RequestView, TakesPart, TriageChange},
};
use privacy::{Identities, IdentityType, Personal, Right};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Failure,
    command_line::{ChangeRequest, CreateRequest, RequestType},
    commands::Call,
};

pub(super) async fn create(call: &Call, manager: &Manager, options: CreateRequest) -> anyhow::Result<()> {
    let right = match options.request_type {
        RequestType::Access => Right::Access,
        RequestType::Deletion => Right::Deletion,
    };
    let connections = read_connections(&options.connection)?;
    let new = NewRequest {
        framework: options.framework.clone(),
        connections: (!connections.is_empty()).then_some(connections),
        start: options.start,
        auto_approve: options.auto_approve,
        ..NewRequest::new(right, identities(&options)?, "command_line")
    };
    let created = manager.create_request(new, &By::command_line(), None).await?;
    call.output.answer(&created.answer, || {
        let word = |name: &str| created.answer.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("request {} ({}): {}", created.id, word("reference"), word("state"))
    })?;
    Ok(())
}

/// What is to be otherwise about a request in triage.
pub(super) async fn change(manager: &Manager, options: ChangeRequest) -> anyhow::Result<RequestView> {
    let id = super::read_id(&options.id)?;
    let connections = read_connections(&options.connection)?;
    let change = TriageChange {
        identities: changed_identities(&options)?,
        framework: options.framework,
        connections: match (options.every_connection, connections.is_empty()) {
            (true, _) => Some(TakesPart::Everyone),
            (false, false) => Some(TakesPart::Only(connections)),
            (false, true) => None,
        },
    };
    if change.framework.is_none() && change.identities.is_empty() && change.connections.is_none() {
        return Err(Failure::usage("what is to change?")
            .hint("--framework, --identity, --connection or --every-connection")
            .into());
    }
    Ok(manager.change_in_triage(id, &change, &By::command_line()).await?)
}

fn changed_identities(options: &ChangeRequest) -> anyhow::Result<BTreeMap<IdentityType, Option<Personal>>> {
    let mut given: BTreeMap<String, Option<String>> = BTreeMap::new();
    if options.identities_stdin {
        given = from_standard_input()?;
    }
    for identity in &options.identity {
        let (kind, value) = identity
            .split_once('=')
            .ok_or_else(|| Failure::usage("--identity: expected TYPE=VALUE"))?;
        given.insert(kind.to_owned(), (!value.is_empty()).then(|| value.to_owned()));
    }
    let read = |(kind, value): (String, Option<String>)| {
        let kind: IdentityType = kind
            .parse()
            .map_err(|error| Failure::new(format!("identities: {error}")))?;
        Ok((kind, value.map(Personal::new)))
    };
    given.into_iter().map(read).collect()
}

fn identities(options: &CreateRequest) -> anyhow::Result<Identities> {
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    if options.identities_stdin {
        given = from_standard_input()?;
    }
    given.extend(options.email.iter().map(|email| ("email".to_owned(), email.clone())));
    for identity in &options.identity {
        let (kind, value) = identity
            .split_once('=')
            .ok_or_else(|| Failure::usage("--identity: expected TYPE=VALUE"))?;
        given.insert(kind.to_owned(), value.to_owned());
    }
    if given.is_empty() {
        return Err(Failure::usage("whose request is it?")
            .hint("--email, --identity TYPE=VALUE, or --identities-stdin")
            .into());
    }
    Ok(Identities::parse(given)?)
}

/// A JSON object; what stands in it is not repeated.
fn from_standard_input<T: DeserializeOwned>() -> Result<T, Failure> {
    serde_json::from_reader(std::io::stdin())
        .map_err(|_| Failure::new("standard input is no JSON object such as {\"email\": \"ada@example.com\"}"))
}

fn read_connections(ids: &[String]) -> Result<Vec<ConnectionId>, Failure> {
    let read = |id: &String| {
        id.parse()
            .map_err(|_| Failure::usage("--connection: expected a connection's id"))
    };
    ids.iter().map(read).collect()
}
