//! The vendor's side: an account, somebody who administers it, the manager as an application, people's records.

use anyhow::Context as _;
use oauth::ClientType;
use provider::{AccountId, Actor, CreateUserError, NewApplication, NewUser, Overlap, Provider, Role};

use super::{
    people,
    record::{Application, Record},
};

/// What the account is called.
const ACCOUNT: &str = "Sample Company";
/// What the manager is called at the vendor.
const APPLICATION: &str = "Rightful request manager";

/// Sets everything up that the record does not show. Each part is looked for before it is made: a crash between
/// making it and recording it must not double it.
pub(super) async fn set_up(provider: &Provider, redirect_uri: String, record: &mut Record) -> anyhow::Result<()> {
    let account = account(provider, record).await?;
    let administrator = NewUser {
        account,
        email: record.vendor_login.email.clone().into(),
        role: Role::Administrator,
        password: record.vendor_login.password.clone(),
        first_name: "Vera".to_owned(),
        last_name: "Vendor".to_owned(),
    };
    match provider.create_user(administrator).await {
        Ok(_) | Err(CreateUserError::Member) => {}
        Err(error) => return Err(error.into()),
    }
    if record.application.is_none() {
        record.application = Some(application(provider, account, redirect_uri).await?);
        record.save()?;
    }
    if record.imported.is_none() {
        let imported = provider
            .import_subjects(account, people::ndjson().as_bytes(), |_| {})
            .await?;
        record.imported = Some(imported.records);
        record.save()?;
    }
    Ok(())
}

async fn account(provider: &Provider, record: &mut Record) -> anyhow::Result<AccountId> {
    if let Some(id) = &record.account_id {
        return id.parse().context("the record names no account");
    }
    let accounts = provider.accounts().await?;
    let id = match accounts.iter().find(|account| account.name == ACCOUNT) {
        Some(account) => account.id,
        None => provider.create_account(ACCOUNT).await?,
    };
    record.account_id = Some(id.to_string());
    record.save()?;
    Ok(id)
}

async fn application(provider: &Provider, account: AccountId, redirect_uri: String) -> anyhow::Result<Application> {
    let by = Actor::COMMAND_LINE;
    let known = provider.list_applications(account).await?;
    if let Some(known) = known.iter().find(|application| application.name == APPLICATION) {
        // Its secret was shown to a process that is gone.
        let client_secret = provider
            .rotate_client_secret(account, known.client.id, Overlap::None, by)
            .await?;
        return Ok(Application {
            client_id: known.client.id.to_string(),
            client_secret,
        });
    }
    let new = NewApplication {
        name: APPLICATION.to_owned(),
        redirect_uris: vec![redirect_uri],
        client_type: ClientType::Confidential,
        grants: None,
        pkce_required: true,
    };
    let registered = provider.create_application(account, &new, by).await?;
    Ok(Application {
        client_id: registered.client_id.to_string(),
        client_secret: registered.client_secret.context("the application has no secret")?,
    })
}
