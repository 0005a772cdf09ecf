//! `rightful manager mailbox …`

use mail::{Filter, Listed, MailId, ReadMail, State};
use manager::{By, Manager, RequestId};
use serde_json::{Value, json};

use super::request::read_id as read_request;
use crate::{
    Failure,
    command_line::ManagerMailboxCommand,
    commands::{Call, letter},
    output::Row,
};

pub(super) async fn run(call: &Call, manager: &Manager, command: ManagerMailboxCommand) -> anyhow::Result<()> {
    match command {
        ManagerMailboxCommand::List { request, state, limit } => {
            let request = request.as_deref().map(read_request).transpose()?;
            list(call, manager, request, state, limit).await
        }
        ManagerMailboxCommand::Show { id } => show(call, manager, id.as_deref()).await,
        ManagerMailboxCommand::SendAgain { id } => send_again(call, manager, read_id(&id)?).await,
    }
}

async fn list(
    call: &Call,
    manager: &Manager,
    request: Option<RequestId>,
    state: Option<State>,
    limit: u32,
) -> anyhow::Result<()> {
    if let Some(id) = request
        && manager.request(id).await?.is_none()
    {
        return Err(Failure::new(format!("there is no request {id}")).into());
    }
    let filter = Filter {
        object: request.map(|id| format!("request:{id}")),
        state,
        limit,
        ..Filter::default()
    };
    let mails = manager.mails(&filter).await?;
    let rows = mails.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
    call.output
        .list(&rows, &["id", "event", "about", "state", "written"], "no mails")?;
    Ok(())
}

async fn show(call: &Call, manager: &Manager, id: Option<&str>) -> anyhow::Result<()> {
    let id = if let Some(id) = id {
        read_id(id)?
    } else {
        let newest = Filter {
            limit: 1,
            ..Filter::default()
        };
        let newest = manager.mails(&newest).await?.into_iter().next();
        newest.ok_or_else(|| Failure::new("there are no mails"))?.id
    };
    let mail = manager.open_mail(id, &By::command_line()).await?;
    call.output.answer(&value(&mail)?, || letter::text(&mail))?;
    Ok(())
}

async fn send_again(call: &Call, manager: &Manager, id: MailId) -> anyhow::Result<()> {
    if !manager.send_mail_again(id, &By::command_line()).await? {
        return Err(
            Failure::new(format!("there is no mail {id} that failed and is still kept"))
                .hint("`rightful manager mailbox list --state failed` shows those that can be sent again")
                .into(),
        );
    }
    call.output.answer(&json!({"id": id, "state": "queued"}), || {
        format!("mail {id} is sent again by the manager that serves or works off jobs")
    })?;
    Ok(())
}

fn read_id(text: &str) -> Result<MailId, Failure> {
    text.parse()
        .map_err(|_| Failure::usage("expected the id of a mail, as `mailbox list` shows it"))
}

fn row(mail: &Listed) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(mail)?,
        cells: vec![
            mail.id.to_string(),
            mail.event.clone(),
            mail.object.clone().unwrap_or_default(),
            state(mail),
            mail.created_at.to_string(),
        ],
    })
}

fn state(mail: &Listed) -> String {
    match mail.cause {
        Some(cause) => format!("{}: {}", mail.state, cause.words()),
        None => mail.state.to_string(),
    }
}

fn value(mail: &ReadMail) -> anyhow::Result<Value> {
    let mut value = serde_json::to_value(&mail.listed)?;
    if let Some(members) = value.as_object_mut() {
        members.insert("from".to_owned(), mail.from.reveal().into());
        members.insert("to".to_owned(), mail.to.reveal().into());
        members.insert("subject".to_owned(), mail.subject.reveal().as_str().into());
        members.insert("text".to_owned(), mail.text.reveal().as_str().into());
    }
    Ok(value)
}
