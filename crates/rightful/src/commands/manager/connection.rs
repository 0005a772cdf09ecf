//! `rightful manager connection …`

use manager::{
    By, ConnectionId, Manager,
    app::{ConnectionChanges, ConnectionState, ConnectionView, NewConnection},
};
use oauth::Secret;
use serde_json::{Map, Value, json};

use crate::{
    Failure,
    command_line::{ChangeConnection, ConnectionCommand},
    commands::Call,
    output::Row,
    secret_input::SecretInput,
};

pub(super) async fn run(call: &Call, manager: &Manager, command: ConnectionCommand) -> anyhow::Result<()> {
    match command {
        ConnectionCommand::Add {
            connector,
            name,
            client_id,
            client_secret_stdin,
            client_secret_file,
            settings,
        } => {
            let secret = SecretInput {
                name: "client_secret",
                stdin: client_secret_stdin,
                file: client_secret_file.as_ref(),
            };
            let new = NewConnection {
                connector,
                name,
                client_id,
                client_secret: secret
                    .read_if_given(&call.environment)?
                    .unwrap_or_else(|| Secret::new(String::new())),
                settings: read_settings(&settings)?,
            };
            add(call, manager, new).await
        }
        ConnectionCommand::List => {
            let connections = manager.connections().await?;
            let rows = connections.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
            let heads = ["id", "connector", "name", "state", "account"];
            call.output
                .list(&rows, &heads, "no connections yet: `rightful manager connection add`")?;
            Ok(())
        }
        ConnectionCommand::Show { id } => {
            let id = read_id(&id)?;
            let connection = manager.connection(id).await?.ok_or_else(|| unknown(id))?;
            call.output
                .answer(&serde_json::to_value(&connection)?, || describe(&connection))?;
            Ok(())
        }
        ConnectionCommand::Change(options) => change(call, manager, options).await,
        ConnectionCommand::Authorize { id } => authorize(call, manager, read_id(&id)?).await,
        ConnectionCommand::Confirm { id, refuse } => {
            let id = read_id(&id)?;
            manager.confirm_connection(id, !refuse, &By::command_line()).await?;
            tell(call, manager, id).await
        }
        ConnectionCommand::Check { id } => check(call, manager, read_id(&id)?).await,
        ConnectionCommand::Disable { id } => {
            let id = read_id(&id)?;
            manager.disable_connection(id, &By::command_line()).await?;
            tell(call, manager, id).await
        }
        ConnectionCommand::Enable { id } => {
            let id = read_id(&id)?;
            manager.enable_connection(id, &By::command_line()).await?;
            tell(call, manager, id).await
        }
        ConnectionCommand::Remove { id, force } => {
            let id = read_id(&id)?;
            let removed = manager.remove_connection(id, force, &By::command_line()).await?;
            let mut answer = serde_json::to_value(&removed)?;
            if let Some(answer) = answer.as_object_mut() {
                answer.insert("id".to_owned(), json!(id));
            }
            call.output.answer(&answer, || {
                let advice = removed.advice.as_ref().map(|advice| format!("\n{advice}"));
                let at_vendor = if removed.revoked_at_vendor {
                    " and revoked at the vendor"
                } else {
                    ""
                };
                format!(
                    "connection {id} removed, its credentials erased{at_vendor}{}",
                    advice.unwrap_or_default()
                )
            })?;
            Ok(())
        }
    }
}

async fn change(call: &Call, manager: &Manager, options: ChangeConnection) -> anyhow::Result<()> {
    let id = read_id(&options.id)?;
    let secret = SecretInput {
        name: "client_secret",
        stdin: options.client_secret_stdin,
        file: options.client_secret_file.as_ref(),
    };
    let changes = ConnectionChanges {
        // The environment speaks of a connection that is added, not of every one that is changed.
        client_secret: if options.client_secret_stdin || options.client_secret_file.is_some() {
            secret.read_if_given(&call.environment)?
        } else {
            None
        },
        settings: if options.settings.is_empty() {
            None
        } else {
            let (_, before) = manager.connection_settings(id).await?.ok_or_else(|| unknown(id))?;
            Some(changed_settings(before, &options.settings)?)
        },
        name: options.name,
        client_id: options.client_id,
    };
    let is_nothing = changes.name.is_none()
        && changes.client_id.is_none()
        && changes.client_secret.is_none()
        && changes.settings.is_none();
    if is_nothing {
        return Err(Failure::usage("what is to change?")
            .hint("--name, --client-id, --client-secret-stdin, --client-secret-file or --setting NAME=VALUE")
            .into());
    }
    manager.change_connection(id, changes, &By::command_line()).await?;
    tell(call, manager, id).await
}

/// What is stored, with what is given in its place; `null` takes a setting away.
fn changed_settings(before: Value, given: &[String]) -> anyhow::Result<Value> {
    let mut settings = match before {
        Value::Object(settings) => settings,
        _ => Map::new(),
    };
    if let Value::Object(given) = read_settings(given)? {
        for (name, value) in given {
            if value == "null" {
                settings.remove(&name);
            } else {
                settings.insert(name, value);
            }
        }
    }
    Ok(Value::Object(settings))
}

/// Says how a connection is now.
async fn tell(call: &Call, manager: &Manager, id: ConnectionId) -> anyhow::Result<()> {
    let connection = manager.connection(id).await?.ok_or_else(|| unknown(id))?;
    call.output.answer(&serde_json::to_value(&connection)?, || {
        format!("connection {id} is {}{}", connection.state.name(), whose(&connection))
    })?;
    Ok(())
}

async fn add(call: &Call, manager: &Manager, new: NewConnection) -> anyhow::Result<()> {
    let id = manager.add_connection(new, &By::command_line()).await?;
    let connection = manager.connection(id).await?.ok_or_else(|| unknown(id))?;
    if connection.state == ConnectionState::PendingAuthorization {
        return authorize(call, manager, id).await;
    }
    call.output
        .answer(&serde_json::to_value(&connection)?, || format!("connection {id} added"))?;
    Ok(())
}

async fn authorize(call: &Call, manager: &Manager, id: ConnectionId) -> anyhow::Result<()> {
    let url = manager.begin_authorization(id, None, &By::command_line()).await?;
    let connection = manager.connection(id).await?.ok_or_else(|| unknown(id))?;
    let redirect_uri = manager.settings().redirect_uri();
    let answer = json!({
        "id": id,
        "state": connection.state.name(),
        "authorize_url": url,
        "redirect_uri": redirect_uri,
    });
    call.output.answer(&answer, || {
        format!(
            "connection {id}: open this within ten minutes, log in at the vendor and accept\n\n  {url}\n\n\
             The application there must have the redirect URI {redirect_uri}"
        )
    })?;
    Ok(())
}

async fn check(call: &Call, manager: &Manager, id: ConnectionId) -> anyhow::Result<()> {
    let connection = manager.check_connection(id, &By::command_line()).await?;
    let fault = connection.error.as_ref().map(|fault| fault.message.clone());
    let answer = serde_json::to_value(&connection)?;
    if connection.state == ConnectionState::Connected && fault.is_none() {
        call.output
            .answer(&answer, || format!("connection {id} works{}", whose(&connection)))?;
        return Ok(());
    }
    if call.output.is_json() {
        call.output.answer(&answer, String::new)?;
    }
    let state = connection.state.name();
    let why = fault.unwrap_or_else(|| "it has not been authorized yet".to_owned());
    let failure = Failure::new(format!("connection {id} does not work ({state}): {why}"));
    Err(match connection.state {
        // The grant stands: what is wrong lies on the way.
        ConnectionState::Connected => failure,
        _ => failure.hint(format!("rightful manager connection authorize {id}")),
    }
    .into())
}

fn row(connection: &ConnectionView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(connection)?,
        cells: vec![
            connection.id.to_string(),
            connection.connector.clone(),
            connection.name.clone(),
            connection.state.name().to_owned(),
            connection
                .account
                .as_ref()
                .map_or_else(String::new, |account| account.id.clone()),
        ],
    })
}

fn describe(connection: &ConnectionView) -> String {
    let mut lines = vec![
        format!("{} {} ({})", connection.connector, connection.name, connection.id),
        format!("state      {}{}", connection.state.name(), whose(connection)),
    ];
    lines.extend(
        connection
            .error
            .as_ref()
            .map(|fault| format!("trouble    {}", fault.message)),
    );
    let settings = connection.settings.as_object().into_iter().flatten();
    lines.extend(settings.map(|(name, value)| match value {
        Value::String(text) => format!("setting    {name}: {text}"),
        other => format!("setting    {name}: {other}"),
    }));
    lines.join("\n")
}

fn whose(connection: &ConnectionView) -> String {
    let account = connection.account.as_ref();
    account.map_or_else(String::new, |account| format!(": account {}", account.id))
}

/// `NAME=VALUE`: the value is JSON where it reads as a list, an object, a number or a truth value, text elsewhere. A
/// dotted name lies deeper.
fn read_settings(given: &[String]) -> anyhow::Result<Value> {
    let mut settings = Map::new();
    for setting in given {
        let (name, value) = setting
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| Failure::usage("--setting: expected NAME=VALUE, such as app_url=https://example.com"))?;
        let value = match serde_json::from_str(value) {
            // Account numbers are text to connectors.
            Ok(Value::String(_) | Value::Number(_) | Value::Null) | Err(_) => Value::String(value.to_owned()),
            Ok(value) => value,
        };
        settings.insert(name.to_owned(), value);
    }
    Ok(Value::Object(settings))
}

pub(super) fn read_id(text: &str) -> Result<ConnectionId, Failure> {
    text.parse()
        .map_err(|_| Failure::usage("expected the connection's id, as `connection list` shows it"))
}

fn unknown(id: ConnectionId) -> Failure {
    Failure::new(format!("there is no connection {id}"))
}
