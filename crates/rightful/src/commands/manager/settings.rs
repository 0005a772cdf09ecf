//! `rightful manager settings …`

use manager::{
    By, Manager,
    app::company::{Section, SectionView},
};
use serde_json::Value;

use crate::{Failure, command_line::SettingsCommand, commands::Call, file_input, output::Row};

pub(super) async fn run(call: &Call, manager: &Manager, command: SettingsCommand) -> anyhow::Result<()> {
    match command {
        SettingsCommand::List => {
            let sections = manager.company_sections().await?;
            let rows = sections.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
            call.output.list(&rows, &["section", "", "settings"], "no settings")?;
            Ok(())
        }
        SettingsCommand::Show { section } => tell(call, &manager.company_section(read_section(&section)?).await?),
        SettingsCommand::Set { section, file } => {
            let section = read_section(&section)?;
            let given: Value = file_input::json(&file)?;
            let view = manager
                .change_company(section, Some(&given), &By::command_line())
                .await?;
            tell(call, &view)
        }
        SettingsCommand::Reset { section } => {
            let section = read_section(&section)?;
            tell(call, &manager.change_company(section, None, &By::command_line()).await?)
        }
    }
}

fn tell(call: &Call, view: &SectionView) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(&view.settings)?;
    call.output.answer(&serde_json::to_value(view)?, || text)?;
    Ok(())
}

fn row(view: &SectionView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(view)?,
        cells: vec![
            view.section.to_owned(),
            if view.edited { "edited" } else { "default" }.to_owned(),
            summary(&view.settings),
        ],
    })
}

/// What a section says, without what is long.
fn summary(settings: &Value) -> String {
    let members = settings.as_object().into_iter().flatten();
    let members = members.map(|(name, value)| match value {
        Value::Array(list) => format!("{name}: {}", list.len()),
        Value::Object(map) => format!("{name}: {}", map.len()),
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    });
    members.collect::<Vec<_>>().join(", ")
}

fn read_section(word: &str) -> Result<Section, Failure> {
    word.parse()
        .map_err(|error: manager::app::company::UnknownSection| Failure::usage(error.to_string()))
}
