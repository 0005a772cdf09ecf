//! `rightful provider app …`

use oauth::{ClientId, ClientType, Grants};
use provider::{Actor, Application, NewApplication, Provider};
use serde_json::{Value, json};

use super::account_id;
use crate::{
    Failure,
    command_line::{AppCommand, ApplicationType},
    commands::Call,
    output::Row,
};

pub(super) async fn run(call: &Call, provider: &Provider, command: AppCommand) -> anyhow::Result<()> {
    match command {
        AppCommand::Create {
            account,
            name,
            redirect_uri,
            client_type,
            grants,
            pkce_required,
        } => {
            let new = NewApplication {
                name,
                redirect_uris: redirect_uri,
                client_type: client_type.into(),
                grants: grants.as_deref().map(read_grants).transpose()?,
                pkce_required,
            };
            create(call, provider, &account, &new).await
        }
        AppCommand::List { account } => {
            let applications = provider.list_applications(account_id(&account)?).await?;
            let rows: Vec<Row> = applications.iter().map(row).collect();
            let heads = ["client id", "name", "type", "grants", "redirect uris"];
            call.output.list(&rows, &heads, "no applications yet")?;
            Ok(())
        }
        AppCommand::Delete { client_id } => {
            let id: ClientId = client_id
                .parse()
                .map_err(|_| Failure::usage("CLIENT_ID: expected a number, as `app list` shows it"))?;
            provider.delete_application(None, id, Actor::COMMAND_LINE).await?;
            call.output
                .answer(&json!({"client_id": id.to_string(), "deleted": true}), || {
                    format!("application {id} deleted: everything authorized for it has ended")
                })?;
            Ok(())
        }
    }
}

async fn create(call: &Call, provider: &Provider, account: &str, new: &NewApplication) -> anyhow::Result<()> {
    let account = account_id(account)?;
    let registered = provider.create_application(account, new, Actor::COMMAND_LINE).await?;
    let id = registered.client_id.to_string();
    let secret = registered.client_secret.as_ref().map(oauth::Secret::reveal);
    let mut answer = json!({"client_id": id, "client_type": new.client_type});
    if let (Some(secret), Some(answer)) = (secret, answer.as_object_mut()) {
        answer.insert("client_secret".to_owned(), Value::String(secret.clone()));
    }
    call.output.answer(&answer, || match secret {
        Some(secret) => format!("client id      {id}\nclient secret  {secret}\nThe secret is shown this once."),
        None => format!("client id      {id}\nA public application has no secret."),
    })?;
    Ok(())
}

fn row(application: &Application) -> Row {
    let client = &application.client;
    let uris: Vec<String> = client.redirect_uris.iter().map(ToString::to_string).collect();
    Row {
        value: json!({
            "client_id": client.id.to_string(),
            "name": application.name,
            "client_type": client.client_type,
            "grants": client.grants.to_string(),
            "pkce_required": client.pkce_required,
            "redirect_uris": uris,
            "created_at": application.created_at,
        }),
        cells: vec![
            client.id.to_string(),
            application.name.clone(),
            client.client_type.to_string(),
            client.grants.to_string(),
            uris.join(" "),
        ],
    }
}

fn read_grants(text: &str) -> Result<Grants, Failure> {
    text.parse()
        .map_err(|_| Failure::usage("--grants: expected code, implicit, or code,implicit"))
}

impl From<ApplicationType> for ClientType {
    fn from(client_type: ApplicationType) -> Self {
        match client_type {
            ApplicationType::Confidential => Self::Confidential,
            ApplicationType::Public => Self::Public,
        }
    }
}
