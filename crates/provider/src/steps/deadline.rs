//! Telling an account's administrators that a request is not done: once when its deadline is near, once when it has
//! passed.

use jiff::Timestamp;
use mail::{Language, Letter, MailAddress, PostError, Right};
use oauth::Secret;
use serde_json::json;
use store::{
    Tx,
    jobs::{Lease, NewJob, StepError},
};

use super::{DEADLINE, broken};
use crate::{
    Actor, Provider, RequestType, Role, SarId,
    app::{
        profile::Profile,
        sub_requests,
        subject_access::{NEAR, object},
    },
    rows::{self, account::StoredMember, sar::StoredSar},
};

/// Sees to it that it will be looked at, in this commit. A deadline that is near from the start is not warned of.
pub(crate) fn enqueue(tx: &mut Tx, id: SarId, deadline: Timestamp) {
    let near = deadline.saturating_sub(NEAR).unwrap_or(Timestamp::MIN);
    tx.enqueue(NewJob {
        kind: DEADLINE,
        lane: "deadlines".to_owned(),
        run_at: if near > tx.now() { near } else { deadline },
        payload: json!({ "request": id }),
        key: Some(format!("deadline:{id}")),
    });
}

pub(super) async fn run(provider: &Provider, lease: &Lease, id: SarId) -> Result<(), StepError> {
    let mut tx = provider.store().write().await?;
    sub_requests::lock(&mut tx, id).await?;
    let open = rows::sar::by_id(&mut tx, id)
        .await?
        .filter(|sar| !sar.status.is_final());
    let Some(sar) = open else {
        tx.finish(lease).await?;
        return Ok(tx.commit().await?);
    };
    let passed = sar.sla_deadline_at <= tx.now();
    let told = tell_administrators(provider, &mut tx, &sar, passed).await?;
    let action = if passed {
        "subject_access.overdue"
    } else {
        "subject_access.due_soon"
    };
    let detail = json!({ "account": sar.account, "told": told });
    tx.audit(Actor::SYSTEM.did(action, object(id), detail));
    if passed {
        tx.finish(lease).await?;
    } else {
        tx.reschedule(lease, sar.sla_deadline_at).await?;
    }
    Ok(tx.commit().await?)
}

/// Returns how many were mailed.
async fn tell_administrators(
    provider: &Provider,
    tx: &mut Tx,
    sar: &StoredSar,
    passed: bool,
) -> Result<usize, StepError> {
    let account = rows::account::by_id(tx, sar.account).await?;
    let account = account.map(|account| account.name).unwrap_or_default();
    let letter = Letter::VendorRequestDeadline {
        reference: sar.id.to_string(),
        right: match sar.request_type {
            RequestType::Access => Right::Access,
            RequestType::Delete => Right::Deletion,
        },
        passed,
        deadline: sar.sla_deadline_at,
        link: Secret::new(format!(
            "{}/accountsettings/privacy-requests/{}",
            provider.settings().issuer(),
            sar.id
        )),
    };
    let brand = format!("{} ({account})", provider.settings().brand_name);
    let members = rows::account::members(tx, sar.account).await?;
    let administrators = members
        .into_iter()
        .filter(|member| member.role == Role::Administrator && !member.deactivated);
    let mut told = 0;
    for member in administrators {
        let mail = letter
            .compose(Language::English, &brand, address(provider, &member)?)
            .map_err(|error| broken(&error))?
            .about(object(sar.id))
            .once(format!("{}:{passed}:{}", object(sar.id), member.user));
        match mail::post(tx, provider.vault(), provider.mailer(), mail).await {
            Ok(_) => told += 1,
            Err(PostError::NoMailer) => {}
            Err(PostError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(told)
}

fn address(provider: &Provider, member: &StoredMember) -> Result<MailAddress, StepError> {
    let profile = Profile::open(provider.vault(), member.user, &member.sealed_profile)?;
    MailAddress::parse("to", profile.email.reveal()).map_err(|error| broken(&error))
}
