//! `rightful provider token …`

use oauth::Secret;
use provider::{DataSource, Provider, TokenId};
use serde_json::json;

use super::account_id;
use crate::{Failure, command_line::TokenCommand, commands::Call, output::Row};

pub(super) async fn run(call: &Call, provider: &Provider, command: TokenCommand) -> anyhow::Result<()> {
    let (email, account, name, service, data_source) = match command {
        TokenCommand::Create {
            email,
            account,
            name,
            service,
            data_source,
        } => (email, account, name, service, data_source),
        TokenCommand::List => return list(call, provider).await,
        TokenCommand::Revoke { id } => return revoke(call, provider, &id).await,
    };
    let issued = match (email, service) {
        (Some(email), _) => {
            let account = account.as_deref().map(account_id).transpose()?;
            provider
                .create_personal_token(&Secret::new(email), account, &name)
                .await?
        }
        (None, Some(service)) => {
            let sources: Vec<DataSource> = data_source
                .iter()
                .map(|source| {
                    source
                        .parse()
                        .map_err(|error| Failure::usage(format!("--data-source {source}: {error}")))
                })
                .collect::<Result<_, _>>()?;
            provider.create_service_token(&service, &sources).await?
        }
        (None, None) => return Err(Failure::usage("name a user with --email or a team with --service").into()),
    };
    let token = issued.token.reveal();
    call.output
        .answer(&json!({"token_id": issued.id, "token": token}), || {
            format!("{token}\nThe token is shown this once.")
        })?;
    Ok(())
}

async fn list(call: &Call, provider: &Provider) -> anyhow::Result<()> {
    let services = provider.service_tokens().await?;
    let rows: Vec<Row> = services
        .into_iter()
        .map(|service| {
            let sources: Vec<&str> = service.sources.iter().map(|source| source.as_str()).collect();
            let used = service.last_used_at.map_or("never".to_owned(), |at| at.to_string());
            Row {
                value: json!({
                    "token_id": service.id, "service": service.name, "data_sources": sources,
                    "last_used_at": service.last_used_at,
                }),
                cells: vec![service.id.to_string(), service.name, sources.join(", "), used],
            }
        })
        .collect();
    let heads = ["id", "team", "data sources", "last used"];
    call.output.list(&rows, &heads, "no internal team has a token")?;
    Ok(())
}

async fn revoke(call: &Call, provider: &Provider, id: &str) -> anyhow::Result<()> {
    let id: TokenId = id
        .parse()
        .map_err(|_| Failure::usage("expected the id of a token, as `token list` shows it"))?;
    provider.revoke_service_token(id).await?;
    call.output.answer(&json!({"token_id": id, "revoked": true}), || {
        format!("token {id} is refused from now on")
    })?;
    Ok(())
}
