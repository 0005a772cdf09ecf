//! `rightful provider account …`

use provider::Provider;
use serde_json::json;

use crate::{command_line::AccountCommand, commands::Call, output::Row};

pub(super) async fn run(call: &Call, provider: &Provider, command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Create { name } => {
            let id = provider.create_account(&name).await?;
            call.output
                .answer(&json!({"account_id": id}), || format!("account {id} created"))?;
        }
        AccountCommand::List => {
            let accounts = provider.accounts().await?;
            let rows: Vec<Row> = accounts
                .iter()
                .map(|account| Row {
                    value: json!({"account_id": account.id, "name": account.name}),
                    cells: vec![account.id.to_string(), account.name.clone()],
                })
                .collect();
            call.output.list(&rows, &["account", "name"], "no accounts yet")?;
        }
    }
    Ok(())
}
