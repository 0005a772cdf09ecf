//! `rightful manager policy …`

use manager::{By, Manager, app::FieldPolicyView};
use privacy::dossier::{FieldPolicy, PolicyRule};

use super::{connection::read_id, request::read_id as read_request};
use crate::{command_line::PolicyCommand, commands::Call, file_input};

pub(super) async fn run(call: &Call, manager: &Manager, command: PolicyCommand) -> anyhow::Result<()> {
    let by = By::command_line();
    let view = match command {
        PolicyCommand::Show { connection } => manager.field_policy(read_id(&connection)?).await?,
        PolicyCommand::Set { connection, file } => {
            let connection = read_id(&connection)?;
            let policy: FieldPolicy = file_input::json(&file)?;
            manager.save_field_policy(connection, Some(&policy), &by).await?
        }
        PolicyCommand::Clear { connection } => manager.save_field_policy(read_id(&connection)?, None, &by).await?,
        PolicyCommand::FromReview { connection, request } => {
            let (connection, request) = (read_id(&connection)?, read_request(&request)?);
            manager.save_policy_of_review(request, connection, &by).await?
        }
    };
    call.output.answer(&serde_json::to_value(&view)?, || describe(&view))?;
    Ok(())
}

fn describe(view: &FieldPolicyView) -> String {
    let mut lines = vec![match (view.changed_at, &view.changed_by) {
        (Some(at), Some(by)) => format!("connection {}: said by {by} at {at}", view.connection_id),
        _ => format!("connection {}: nobody has said a policy", view.connection_id),
    }];
    lines.extend(view.policy.rules.iter().map(rule));
    lines.push(format!("otherwise  {}", view.policy.otherwise));
    lines.join("\n")
}

fn rule(rule: &PolicyRule) -> String {
    let what = match &rule.field {
        Some(field) => format!("{} of {}", field.text(), rule.object.as_str()),
        None => format!("all of {}", rule.object.as_str()),
    };
    format!("{:9}  {what}", rule.action.name())
}
