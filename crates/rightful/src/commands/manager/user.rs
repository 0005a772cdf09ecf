//! `rightful manager user …`

use manager::{
    By, Manager, Role,
    app::{Invited, NewOperator, OperatorView},
};
use serde_json::{Value, json};

use crate::{
    Failure,
    command_line::{OperatorCommand, OperatorRole},
    commands::Call,
    output::Row,
    secret_input::SecretInput,
};

pub(super) async fn run(call: &Call, manager: &Manager, command: OperatorCommand) -> anyhow::Result<()> {
    let by = By::command_line();
    match command {
        OperatorCommand::Create {
            email,
            role,
            password_stdin,
            password_file,
        } => {
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
            let id = manager.create_operator(new, &by).await?;
            call.output.answer(&json!({"user_id": id, "role": role.name()}), || {
                format!("user {id} created; log in at {}", manager.settings().page("/login"))
            })?;
        }
        OperatorCommand::Invite { email, role } => invite(call, manager, &email, role.into()).await?,
        OperatorCommand::InviteAgain { email } => {
            let user = known(manager, &email).await?;
            let invited = manager.invite_again(user.id, &by).await?;
            tell_invited(call, &invited, user.role)?;
        }
        OperatorCommand::List => {
            let users = manager.operators().await?;
            let heads = ["id", "email", "role", "state", "last log-in"];
            call.output.list(
                &users.iter().map(row).collect::<Vec<_>>(),
                &heads,
                "no users yet: `rightful manager user create`",
            )?;
        }
        OperatorCommand::Deactivate { email } => {
            let user = known(manager, &email).await?;
            manager.deactivate(user.id, &by).await?;
            say(call, manager, &email, "deactivated; their sessions have ended").await?;
        }
        OperatorCommand::Reactivate { email } => {
            let user = known(manager, &email).await?;
            manager.reactivate(user.id, &by).await?;
            say(call, manager, &email, "may log in again").await?;
        }
        OperatorCommand::Role { email, role } => {
            let user = known(manager, &email).await?;
            let role = Role::from(role);
            manager.change_role(user.id, role, &by).await?;
            say(call, manager, &email, &format!("is {role} from now on")).await?;
        }
        OperatorCommand::ResetAuthenticator { email } => {
            let user = known(manager, &email).await?;
            manager.reset_second_factor(user.id, &by).await?;
            say(
                call,
                manager,
                &email,
                "has no authenticator any more; their sessions have ended",
            )
            .await?;
        }
    }
    Ok(())
}

async fn invite(call: &Call, manager: &Manager, email: &str, role: Role) -> anyhow::Result<()> {
    let invited = manager.invite(email, role, &By::command_line()).await?;
    tell_invited(call, &invited, role)
}

fn tell_invited(call: &Call, invited: &Invited, role: Role) -> anyhow::Result<()> {
    let (id, until) = (invited.id, invited.until);
    let link = invited.link.as_ref().map(|link| link.reveal().clone());
    let answer = json!({"user_id": id, "role": role.name(), "mailed": link.is_none(), "link": link, "until": until});
    call.output.answer(&answer, || match &link {
        Some(link) => format!("{link}\nNo mailer is configured: hand the link over. It works once, until {until}."),
        None => format!("an invitation was mailed; it works once, until {until}"),
    })?;
    Ok(())
}

pub(super) async fn known(manager: &Manager, email: &str) -> anyhow::Result<OperatorView> {
    let user = manager.operator_by_email(email).await?;
    user.ok_or_else(|| {
        Failure::new("no user has this e-mail address")
            .hint("`rightful manager user list` shows them all")
            .into()
    })
}

async fn say(call: &Call, manager: &Manager, email: &str, text: &str) -> anyhow::Result<()> {
    let user = known(manager, email).await?;
    call.output
        .answer(&value(&user), || format!("user {} {text}", user.id))?;
    Ok(())
}

fn value(user: &OperatorView) -> Value {
    json!({
        "user_id": user.id, "email": user.email, "role": user.role.name(), "state": user.state.name(),
        "totp": user.has_second_factor, "single_sign_on": user.has_single_sign_on, "created_at": user.created_at,
        "last_log_in_at": user.last_log_in_at,
    })
}

fn row(user: &OperatorView) -> Row {
    let last = user
        .last_log_in_at
        .map_or_else(|| "never".to_owned(), |at| at.to_string());
    let cells = [
        user.id.to_string(),
        user.email.clone(),
        user.role.name().to_owned(),
        user.state.name().to_owned(),
        last,
    ];
    Row {
        value: value(user),
        cells: cells.to_vec(),
    }
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
