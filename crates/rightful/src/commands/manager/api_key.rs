//! `rightful manager api-key …`

use manager::{ApiKeyId, By, Manager, Scopes, app::ApiKeyView};
use serde_json::json;

use crate::{Failure, command_line::ApiKeyCommand, commands::Call, output::Row};

pub(super) async fn run(call: &Call, manager: &Manager, command: ApiKeyCommand) -> anyhow::Result<()> {
    match command {
        ApiKeyCommand::Create { name, scope } => {
            let scopes: Scopes = scope
                .join(",")
                .parse()
                .map_err(|error| Failure::usage(format!("--scope: {error}")))?;
            let key = manager.create_api_key(&name, &scopes, &By::command_line()).await?;
            let (id, shown) = (key.id, key.api_key.reveal());
            call.output.answer(&json!({"id": id, "api_key": shown}), || {
                format!("{shown}\nThe key is shown this once. Its id is {id}.")
            })?;
        }
        ApiKeyCommand::List => {
            let keys = manager.api_keys().await?;
            let heads = ["id", "name", "scopes", "state", "last used"];
            let rows: Vec<Row> = keys.iter().map(row).collect();
            call.output
                .list(&rows, &heads, "no keys yet: `rightful manager api-key create`")?;
        }
        ApiKeyCommand::Revoke { id } => {
            let id: ApiKeyId = id
                .parse()
                .map_err(|_| Failure::usage("expected the key's id, as `api-key create` answered it"))?;
            if !manager.revoke_api_key(id, &By::command_line()).await? {
                return Err(Failure::new(format!("there is no API key {id}, or it is revoked already")).into());
            }
            call.output
                .answer(&json!({"id": id, "revoked": true}), || format!("API key {id} revoked"))?;
        }
    }
    Ok(())
}

fn row(key: &ApiKeyView) -> Row {
    let state = if key.revoked_at.is_some() { "revoked" } else { "works" };
    let last = key.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    Row {
        value: json!({
            "id": key.id, "name": key.name, "scopes": key.scopes.to_string(), "created_at": key.created_at,
            "last_used_at": key.last_used_at, "revoked_at": key.revoked_at,
        }),
        cells: vec![
            key.id.to_string(),
            key.name.clone(),
            key.scopes.to_string(),
            state.to_owned(),
            last,
        ],
    }
}
