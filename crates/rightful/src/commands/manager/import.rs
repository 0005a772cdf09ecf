//! `rightful manager import …`

use manager::{By, ImportId, Manager, app::ImportView};

use super::transfer;
use crate::{Failure, command_line::ImportCommand, commands::Call, output::Row};

pub(super) async fn run(call: &Call, manager: &Manager, command: ImportCommand) -> anyhow::Result<()> {
    match command {
        ImportCommand::List { limit } => {
            let page = manager.imports(None, limit).await?;
            let rows = page.imports.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
            let heads = [
                "id",
                "state",
                "handed in",
                "rows",
                "taken in",
                "there already",
                "refused",
            ];
            call.output.list(
                &rows,
                &heads,
                "nothing was handed in: `rightful manager request import`",
            )?;
            if page.next_cursor.is_some() {
                call.output.remark("There are more: see them with a larger --limit.");
            }
            Ok(())
        }
        ImportCommand::Show { id } => {
            let id = read_id(&id)?;
            let import = manager.import(id).await?.ok_or_else(|| unknown(id))?;
            transfer::tell(call, manager, &import).await
        }
        ImportCommand::Cancel { id } => {
            let id = read_id(&id)?;
            let import = manager.cancel_import(id, &By::command_line()).await?;
            transfer::tell(call, manager, &import.ok_or_else(|| unknown(id))?).await
        }
    }
}

fn row(import: &ImportView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(import)?,
        cells: vec![
            import.id.to_string(),
            import.state.name().to_owned(),
            import.created_at.to_string(),
            import.rows_read.to_string(),
            import.created.to_string(),
            import.existing.to_string(),
            import.refused.to_string(),
        ],
    })
}

fn read_id(text: &str) -> Result<ImportId, Failure> {
    text.parse()
        .map_err(|_| Failure::usage("expected the import's id, as `import list` shows it"))
}

fn unknown(id: ImportId) -> Failure {
    Failure::new(format!("there is no import {id}"))
}
