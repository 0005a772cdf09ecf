//! `rightful manager api-key …`

use manager::{By, Manager, Scopes};
use serde_json::json;

use crate::{Failure, command_line::ApiKeyCommand, commands::Call};

pub(super) async fn run(call: &Call, manager: &Manager, command: ApiKeyCommand) -> anyhow::Result<()> {
    let ApiKeyCommand::Create { name, scope } = command;
    let scopes: Scopes = scope
        .join(",")
        .parse()
        .map_err(|error| Failure::usage(format!("--scope: {error}")))?;
    let key = manager.create_api_key(&name, &scopes, &By::command_line()).await?;
    let shown = key.api_key.reveal();
    call.output.answer(&json!({"id": key.id, "api_key": shown}), || {
        format!("{shown}\nThe key is shown this once.")
    })?;
    Ok(())
}
