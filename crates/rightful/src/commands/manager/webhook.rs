//! `rightful manager webhook …`

mod deliveries;

use manager::{
    By, Manager, WebhookId,
    app::webhooks::{NewWebhook, Subscribed, WebhookChanges, WebhookView},
};
use serde_json::json;

use crate::{
    Failure,
    command_line::{ChangeWebhook, WebhookCommand},
    commands::Call,
    output::Row,
};

pub(super) async fn run(call: &Call, manager: &Manager, command: WebhookCommand) -> anyhow::Result<()> {
    let by = By::command_line();
    match command {
        WebhookCommand::Create {
            url,
            description,
            event,
        } => {
            let new = NewWebhook {
                url,
                description,
                events: subscribed(&event)?.unwrap_or(Subscribed::All),
                enabled: true,
            };
            create(call, manager, new).await
        }
        WebhookCommand::List => {
            let webhooks = manager.webhooks().await?;
            let rows = webhooks.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
            let heads = ["id", "state", "url", "events", "description"];
            call.output
                .list(&rows, &heads, "no webhooks yet: `rightful manager webhook create`")?;
            Ok(())
        }
        WebhookCommand::Show { id } => tell(call, manager, read_id(&id)?).await,
        WebhookCommand::Change(options) => change(call, manager, options).await,
        WebhookCommand::Disable { id } => switch(call, manager, read_id(&id)?, false).await,
        WebhookCommand::Enable { id } => switch(call, manager, read_id(&id)?, true).await,
        WebhookCommand::Remove { id } => {
            let id = read_id(&id)?;
            if !manager.remove_webhook(id, &by).await? {
                return Err(unknown(id).into());
            }
            call.output
                .answer(&json!({"id": id, "removed": true}), || format!("webhook {id} removed"))?;
            Ok(())
        }
        WebhookCommand::RotateSecret { id, overlap } => {
            let id = read_id(&id)?;
            let (secret, until) = manager.rotate_webhook_secret(id, overlap.signed(), &by).await?;
            let shown = secret.reveal();
            let answer = json!({"id": id, "secret": shown, "previous_secret_until": until});
            call.output.answer(&answer, || {
                format!("{shown}\nThe secret is shown this once. The one before signs as well until {until}.")
            })?;
            Ok(())
        }
        WebhookCommand::Test { id } => deliveries::test(call, manager, read_id(&id)?).await,
        WebhookCommand::Deliveries { id, state, limit } => {
            deliveries::list(call, manager, read_id(&id)?, state, limit).await
        }
        WebhookCommand::Replay { id, delivery, since } => {
            deliveries::replay(call, manager, read_id(&id)?, delivery.as_deref(), since).await
        }
    }
}

async fn create(call: &Call, manager: &Manager, new: NewWebhook) -> anyhow::Result<()> {
    let made = manager.create_webhook(new, &By::command_line()).await?;
    let (id, shown) = (made.id, made.secret.reveal());
    let mut answer = serde_json::to_value(known(manager, id).await?)?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("secret".to_owned(), shown.as_str().into());
    }
    call.output.answer(&answer, || {
        format!("{shown}\nThe secret is shown this once; receivers check signatures with it. The webhook's id is {id}.")
    })?;
    Ok(())
}

async fn change(call: &Call, manager: &Manager, options: ChangeWebhook) -> anyhow::Result<()> {
    let id = read_id(&options.id)?;
    let changes = WebhookChanges {
        events: subscribed(&options.event)?,
        url: options.url,
        description: options.description,
        enabled: None,
    };
    if changes.url.is_none() && changes.description.is_none() && changes.events.is_none() {
        return Err(Failure::usage("what is to change?")
            .hint("--url, --description or --event")
            .into());
    }
    manager.change_webhook(id, changes, &By::command_line()).await?;
    tell(call, manager, id).await
}

async fn switch(call: &Call, manager: &Manager, id: WebhookId, enabled: bool) -> anyhow::Result<()> {
    let changes = WebhookChanges {
        enabled: Some(enabled),
        ..WebhookChanges::default()
    };
    manager.change_webhook(id, changes, &By::command_line()).await?;
    tell(call, manager, id).await
}

/// Says how a webhook is now.
async fn tell(call: &Call, manager: &Manager, id: WebhookId) -> anyhow::Result<()> {
    let webhook = known(manager, id).await?;
    call.output
        .answer(&serde_json::to_value(&webhook)?, || describe(&webhook))?;
    Ok(())
}

async fn known(manager: &Manager, id: WebhookId) -> anyhow::Result<WebhookView> {
    Ok(manager.webhook(id).await?.ok_or_else(|| unknown(id))?)
}

fn describe(webhook: &WebhookView) -> String {
    let mut lines = vec![
        format!("webhook {} is {}", webhook.id, webhook.state),
        format!("url      {}", webhook.url),
        format!("events   {}", webhook.events),
    ];
    if !webhook.description.is_empty() {
        lines.push(format!("about    {}", webhook.description));
    }
    let times = [("arrived", webhook.last_success_at), ("failing", webhook.failing_since)];
    lines.extend(
        times
            .iter()
            .filter_map(|(what, at)| at.map(|at| format!("{what}  {at}"))),
    );
    lines.join("\n")
}

fn row(webhook: &WebhookView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(webhook)?,
        cells: vec![
            webhook.id.to_string(),
            webhook.state.name().to_owned(),
            webhook.url.clone(),
            webhook.events.to_string(),
            webhook.description.clone(),
        ],
    })
}

/// None where no event was named.
fn subscribed(events: &[String]) -> Result<Option<Subscribed>, Failure> {
    if events.is_empty() {
        return Ok(None);
    }
    let events = Subscribed::of(events.iter().map(String::as_str));
    events.map(Some).map_err(|error| {
        Failure::usage(format!("--event: {error}")).hint("docs/guides/webhooks.md has the list; `*` stands for all")
    })
}

fn read_id(text: &str) -> Result<WebhookId, Failure> {
    text.parse()
        .map_err(|_| Failure::usage("expected the webhook's id, as `webhook list` shows it"))
}

fn unknown(id: WebhookId) -> Failure {
    Failure::new(format!("there is no webhook {id}"))
}
