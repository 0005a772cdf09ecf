//! `rightful manager api-key …`

use manager::{ApiKeyId, By, Manager, Scopes};
use serde_json::json;

use crate::{Failure, command_line::ApiKeyCommand, commands::Call};

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
