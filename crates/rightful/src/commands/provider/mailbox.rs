//! `rightful provider mailbox …`

use mail::{Filter, Listed, MailId};
use provider::Provider;
use serde_json::json;

use crate::{
    Failure,
    command_line::MailboxCommand,
    commands::{Call, letter},
    output::Row,
};

pub(super) async fn run(call: &Call, provider: &Provider, command: MailboxCommand) -> anyhow::Result<()> {
    match command {
        MailboxCommand::List { limit } => list(call, provider, limit).await,
        MailboxCommand::Show { id } => show(call, provider, id.as_deref()).await,
    }
}

async fn list(call: &Call, provider: &Provider, limit: u32) -> anyhow::Result<()> {
    let rows: Vec<Row> = listed(provider, limit).await?.iter().map(row).collect();
    let heads = ["id", "about", "state", "written"];
    call.output.list(&rows, &heads, "no mails")?;
    Ok(())
}

async fn show(call: &Call, provider: &Provider, id: Option<&str>) -> anyhow::Result<()> {
    let id: MailId = if let Some(id) = id {
        id.parse()
            .map_err(|_| Failure::usage("expected the id of a mail, as `mailbox list` shows it"))?
    } else {
        let newest = listed(provider, 1).await?.into_iter().next();
        newest.ok_or_else(|| Failure::new("there are no mails"))?.id
    };
    let mut read = provider.store().read().await?;
    let mail = mail::read(&mut read, provider.vault(), id).await?;
    drop(read);
    let answer = json!({
        "mail_id": id,
        "event": mail.listed.event,
        "state": mail.listed.state.name(),
        "from": mail.from.reveal(),
        "to": mail.to.reveal(),
        "subject": mail.subject.reveal(),
        "text": mail.text.reveal(),
    });
    call.output.answer(&answer, || letter::text(&mail))?;
    Ok(())
}

async fn listed(provider: &Provider, limit: u32) -> anyhow::Result<Vec<Listed>> {
    let filter = Filter {
        limit,
        ..Filter::default()
    };
    Ok(mail::list(&mut provider.store().read().await?, &filter).await?)
}

fn row(mail: &Listed) -> Row {
    let (id, state, at) = (mail.id.to_string(), mail.state.name(), mail.created_at.to_string());
    Row {
        value: json!({"mail_id": id, "event": mail.event, "state": state, "created_at": at}),
        cells: vec![id, mail.event.clone(), state.to_owned(), at],
    }
}
