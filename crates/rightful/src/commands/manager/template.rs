//! `rightful manager template …`

use manager::{By, Manager, app::MailTemplate};
use serde_json::json;

use crate::{
    command_line::{TemplateCommand, WhichTemplate},
    commands::Call,
    file_input,
    output::Row,
};

pub(super) async fn run(call: &Call, manager: &Manager, command: TemplateCommand) -> anyhow::Result<()> {
    let by = By::command_line();
    match command {
        TemplateCommand::List => {
            let templates = manager.mail_templates().await?;
            let rows = templates.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
            call.output.list(&rows, &["event", "language", "words"], "no mails")?;
            Ok(())
        }
        TemplateCommand::Show(WhichTemplate { event, language }) => {
            tell(call, &manager.mail_template(event, language).await?)
        }
        TemplateCommand::Set { which, file } => {
            let words = file_input::text(&file)?;
            let changed = manager.change_mail_template(which.event, which.language, &words, &by);
            tell(call, &changed.await?)
        }
        TemplateCommand::Reset(WhichTemplate { event, language }) => {
            tell(call, &manager.reset_mail_template(event, language, &by).await?)
        }
        TemplateCommand::Preview { which, file } => {
            let words = match file {
                Some(file) => file_input::text(&file)?,
                None => manager.mail_template(which.event, which.language).await?.template,
            };
            let preview = manager.preview_mail(which.event, which.language, &words)?;
            let answer = json!({"subject": preview.subject, "text": preview.text});
            call.output.answer(&answer, || {
                format!("Subject: {}\n\n{}", preview.subject, preview.text.trim_end())
            })?;
            Ok(())
        }
    }
}

fn tell(call: &Call, template: &MailTemplate) -> anyhow::Result<()> {
    call.output.answer(&serde_json::to_value(template)?, || {
        template.template.trim_end().to_owned()
    })?;
    Ok(())
}

fn row(template: &MailTemplate) -> anyhow::Result<Row> {
    let words = match template.changed_at {
        Some(at) => format!("changed at {at}"),
        None => "as it came".to_owned(),
    };
    Ok(Row {
        value: serde_json::to_value(template)?,
        cells: vec![
            template.event.name().to_owned(),
            template.language.name().to_owned(),
            words,
        ],
    })
}
