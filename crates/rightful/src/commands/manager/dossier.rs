//! `rightful manager dossier …`

use std::path::Path;

use manager::{
    By, Manager, RequestId,
    app::{ChangeDossierError, DossierView, ObjectView, RecordView},
};
use privacy::{
    Personal,
    dossier::{Change, WireChange},
};
use serde::Deserialize;
use serde_json::json;

use super::request::read_id;
use crate::{
    Failure,
    command_line::DossierCommand,
    commands::Call,
    file_input,
    output::{Row, write_line},
};

pub(super) async fn run(call: &Call, manager: &Manager, command: DossierCommand) -> anyhow::Result<()> {
    match command {
        DossierCommand::Show { request } => {
            let dossier = manager.dossier(read_id(&request)?).await?;
            call.output
                .answer(&serde_json::to_value(&dossier)?, || describe(&dossier))?;
            Ok(())
        }
        DossierCommand::Records { request, object } => records(call, manager, read_id(&request)?, &object).await,
        DossierCommand::Change { request, file } => change(call, manager, read_id(&request)?, &file).await,
        DossierCommand::AddFile { request, file, name } => {
            add_file(call, manager, read_id(&request)?, &file, name).await
        }
        DossierCommand::RemoveFile { request, object } => {
            let id = read_id(&request)?;
            manager.remove_dossier_file(id, &object, &By::command_line()).await?;
            call.output.answer(&json!({"object": object, "removed": true}), || {
                format!("file {object} taken away")
            })?;
            Ok(())
        }
    }
}

/// Every record, page by page: a line each in JSON, a table of fields for people.
async fn records(call: &Call, manager: &Manager, id: RequestId, object: &str) -> anyhow::Result<()> {
    let mut from = Some(1);
    let mut noted = false;
    while let Some(first) = from {
        let page = manager.dossier_object(id, object, first).await?;
        if !noted {
            // It is written down before anything is shown.
            manager.note_dossier_viewed(id, object, &By::command_line()).await?;
            noted = true;
        }
        for record in &page.records {
            if call.output.is_json() {
                write_line(&serde_json::to_string(record)?)?;
            } else {
                let rows: Vec<Row> = fields(record);
                write_line(&format!("record {}", record.id))?;
                call.output.list(&rows, &["field", "value", ""], "no fields")?;
            }
        }
        from = page.next_cursor.and_then(|cursor| cursor.parse().ok());
    }
    Ok(())
}

fn fields(record: &RecordView) -> Vec<Row> {
    let row = |field: &manager::app::RecordFieldView| {
        let value = field.new_value.as_ref().unwrap_or(&field.value);
        let fate = match (field.included, field.redacted, field.edited) {
            (false, _, _) => "excluded",
            (true, true, _) => "redacted",
            (true, false, true) => "edited",
            (true, false, false) => "",
        };
        Row {
            value: serde_json::Value::Null,
            cells: vec![field.path.clone(), value.to_string(), fate.to_owned()],
        }
    };
    record.fields.iter().map(row).collect()
}

/// What the API takes as a body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    #[serde(default)]
    changes: Vec<WireChange>,
    #[serde(default)]
    undo: Vec<u64>,
}

async fn change(call: &Call, manager: &Manager, id: RequestId, file: &Path) -> anyhow::Result<()> {
    let Changes { changes, undo } = file_input::json(file)?;
    if changes.is_empty() && undo.is_empty() {
        return Err(Failure::new("there is nothing to change: `changes` and `undo` are empty").into());
    }
    let read = |(index, wire)| Change::parse(wire).map_err(|error| ChangeDossierError::Invalid { index, error });
    let changes = changes.into_iter().enumerate().map(read);
    let changes = changes.collect::<Result<Vec<_>, _>>()?;
    let after = manager.change_dossier(id, changes, undo, &By::command_line()).await?;
    let mut answer = serde_json::to_value(&after.dossier)?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("made".to_owned(), after.made.clone().into());
    }
    call.output.answer(&answer, || {
        let made: Vec<String> = after.made.iter().map(ToString::to_string).collect();
        format!("{}\nmade       {}", describe(&after.dossier), made.join(", "))
    })?;
    Ok(())
}

async fn add_file(
    call: &Call,
    manager: &Manager,
    id: RequestId,
    file: &Path,
    name: Option<String>,
) -> anyhow::Result<()> {
    let own = || file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name
        .or_else(|| own().filter(|name| name != "-"))
        .ok_or_else(|| Failure::usage("under which name is the file handed over?").hint("--name NAME"))?;
    let content = file_input::bytes(file)?.into();
    let added = manager
        .add_dossier_file(id, &Personal::new(name), &content, &By::command_line())
        .await?;
    call.output.answer(&serde_json::to_value(&added)?, || {
        format!("file {} added, {} bytes", added.object, added.bytes)
    })?;
    Ok(())
}

fn describe(dossier: &DossierView) -> String {
    let mut lines: Vec<String> = dossier.objects.iter().flat_map(object).collect();
    if lines.is_empty() {
        lines.push("nothing was found".to_owned());
    }
    if !dossier.changeable {
        lines.push("It can't be changed now.".to_owned());
    }
    lines.join("\n")
}

fn object(object: &ObjectView) -> Vec<String> {
    let fate = |included: bool, redacted: bool, by_policy: bool| match (included, redacted, by_policy) {
        (false, _, false) => " (excluded)",
        (false, _, true) => " (excluded by the policy)",
        (true, true, false) => " (redacted)",
        (true, true, true) => " (redacted by the policy)",
        (true, false, _) => "",
    };
    let mut lines = vec![format!(
        "object     {} {}, {} records{}",
        object.id,
        object.name,
        object.records,
        fate(object.included, false, object.by_policy)
    )];
    lines.extend(object.fields.iter().map(|field| {
        let fate = fate(field.included, field.redacted, field.by_policy);
        format!("  field    {}, {} values{fate}", field.path, field.values)
    }));
    lines.extend(object.files.iter().map(|file| {
        let fate = fate(file.included, false, false);
        format!(
            "  file     {}, {}, {} bytes{fate}",
            file.name, file.media_type, file.bytes
        )
    }));
    lines
}
