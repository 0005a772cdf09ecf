//! `rightful provider user …`

use oauth::Secret;
use provider::{NewUser, Provider, Role};
use serde_json::json;

use super::account_id;
use crate::{
    command_line::{CreateUser, UserCommand, UserRole},
    commands::Call,
    secret_input::SecretInput,
};

pub(super) async fn run(call: &Call, provider: &Provider, command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Create(options) => create(call, provider, options).await,
        UserCommand::Deactivate { email } => {
            let id = provider.deactivate_user(&Secret::new(email)).await?;
            call.output.answer(&json!({"user_id": id, "active": false}), || {
                format!("user {id} deactivated: sessions, grants and tokens have ended")
            })?;
            Ok(())
        }
        UserCommand::ResetTwoStep { email } => {
            let id = provider.reset_two_step(&Secret::new(email)).await?;
            call.output.answer(&json!({"user_id": id, "two_step": false}), || {
                format!("user {id} logs in with the password alone now")
            })?;
            Ok(())
        }
        UserCommand::Role { account, email, role } => {
            let account = account_id(&account)?;
            provider.set_role(account, &Secret::new(email), role.into()).await?;
            let role = Role::from(role);
            call.output.answer(&json!({"account_id": account, "role": role}), || {
                format!("the user is {role} of account {account} now")
            })?;
            Ok(())
        }
    }
}

async fn create(call: &Call, provider: &Provider, options: CreateUser) -> anyhow::Result<()> {
    let password = SecretInput {
        name: "password",
        stdin: options.password_stdin,
        file: options.password_file.as_ref(),
    };
    let account = account_id(&options.account)?;
    let created = provider
        .create_user(NewUser {
            account,
            email: Secret::new(options.email),
            role: options.role.into(),
            password: password.read(&call.environment)?,
            first_name: options.first_name,
            last_name: options.last_name,
        })
        .await?;
    let id = created.user;
    let answer = json!({
        "user_id": id,
        "account_id": account,
        "role": Role::from(options.role),
        "existed": created.known,
    });
    call.output.answer(&answer, || {
        if created.known {
            format!("user {id} was known already, has account {account} too now and keeps the password")
        } else {
            format!("user {id} created")
        }
    })?;
    Ok(())
}

impl From<UserRole> for Role {
    fn from(role: UserRole) -> Self {
        match role {
            UserRole::Administrator => Self::Administrator,
            UserRole::User => Self::User,
        }
    }
}
