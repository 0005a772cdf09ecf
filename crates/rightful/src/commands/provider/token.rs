//! `rightful provider token …`

use oauth::Secret;
use provider::{DataSource, Provider};
use serde_json::json;

use super::account_id;
use crate::{Failure, command_line::TokenCommand, commands::Call};

pub(super) async fn run(call: &Call, provider: &Provider, command: TokenCommand) -> anyhow::Result<()> {
    let TokenCommand::Create {
        email,
        account,
        name,
        service,
        data_source,
    } = command;
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
