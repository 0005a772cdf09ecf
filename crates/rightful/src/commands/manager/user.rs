//! `rightful manager user …`

use manager::{By, Manager, Role, app::NewOperator};
use serde_json::json;

use crate::{
    command_line::{OperatorCommand, OperatorRole},
    commands::Call,
    secret_input::SecretInput,
};

pub(super) async fn run(call: &Call, manager: &Manager, command: OperatorCommand) -> anyhow::Result<()> {
    let OperatorCommand::Create {
        email,
        role,
        password_stdin,
        password_file,
    } = command;
    let password = SecretInput {
        name: "password",
        stdin: password_stdin,
        file: password_file.as_ref(),
    };
    let role = Role::from(role);
    let new = NewOperator {
        email,
        role,
        password: password.read(&call.environment)?,
    };
    let id = manager.create_operator(new, &By::command_line()).await?;
    call.output.answer(&json!({"user_id": id, "role": role.name()}), || {
        format!("user {id} created; log in at {}", manager.settings().page("/login"))
    })?;
    Ok(())
}

impl From<OperatorRole> for Role {
    fn from(role: OperatorRole) -> Self {
        match role {
            OperatorRole::SuperAdmin => Self::SuperAdmin,
            OperatorRole::ConnectionsManager => Self::ConnectionsManager,
            OperatorRole::RequestManager => Self::RequestManager,
            OperatorRole::Approver => Self::Approver,
            OperatorRole::Viewer => Self::Viewer,
        }
    }
}
