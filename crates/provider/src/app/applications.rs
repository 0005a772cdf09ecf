//! Registering applications, and what administrators do with them afterwards.

mod form;
mod overlap;

pub use form::{FieldFault, NewApplication};
pub use overlap::{Overlap, UnknownOverlap};

use jiff::Timestamp;
use oauth::{Client, ClientId, ClientType, Secret};
use serde_json::json;
use store::{StoreError, Tx, retried};

use super::{
    authority,
    authorize::later,
    tokens::{self, CLIENT_SECRET},
};
use crate::{
    AccountId, Actor, Provider,
    rows::{self, application::StoredApplication},
};

/// A registered application.
#[derive(Debug, Clone)]
pub struct Application {
    /// What the protocol knows of it.
    pub client: Client,
    /// Which account registered it.
    pub account: AccountId,
    /// As its users know it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Until when the secret before the last one counts, if it was given such a time; it may have passed.
    pub old_secret_until: Option<Timestamp>,
}

/// A new application's credentials. The secret is shown once.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Its public name.
    pub client_id: ClientId,
    /// None for a public application: it could not keep one.
    pub client_secret: Option<Secret>,
}

/// Why an application is not registered or changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// One or more fields are wrong.
    #[error("{}", form::sentences(.0))]
    Invalid(Vec<FieldFault>),
    /// There is no such account.
    #[error("account: there is no account {0}")]
    Account(AccountId),
    /// No application of the account has this id.
    #[error("client_id: there is no such application")]
    NotFound,
    /// A public application has no secret.
    #[error("client_id: a public application has no secret")]
    Public,
    /// The database failed.
    #[error("could not store the application")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Registers an application for an account.
    pub async fn create_application(
        &self,
        account: AccountId,
        new: &NewApplication,
        by: Actor,
    ) -> Result<Registered, ApplicationError> {
        retried(|| self.create_application_once(account, new, by)).await
    }

    async fn create_application_once(
        &self,
        account: AccountId,
        new: &NewApplication,
        by: Actor,
    ) -> Result<Registered, ApplicationError> {
        let checked = new.check().map_err(ApplicationError::Invalid)?;
        let mut tx = self.store().write().await?;
        if rows::account::by_id(&mut tx, account).await?.is_none() {
            return Err(ApplicationError::Account(account));
        }
        let client = checked.client(rows::application::next_id(&mut tx).await?);
        let secret = (client.client_type == ClientType::Confidential)
            .then(|| tokens::random(CLIENT_SECRET, &**self.store().entropy()));
        let hash = secret.as_ref().map(tokens::hash);
        rows::application::insert(&mut tx, &client, account, &checked.name, hash).await?;
        let detail =
            json!({"account": account, "client_type": client.client_type, "grants": client.grants.to_string()});
        tx.audit(by.did("application.registered", object(client.id), detail));
        tx.commit().await?;
        Ok(Registered {
            client_id: client.id,
            client_secret: secret,
        })
    }

    /// The applications of an account, oldest first.
    pub async fn list_applications(&self, account: AccountId) -> Result<Vec<Application>, StoreError> {
        let stored = rows::application::of_account(&mut self.store().read().await?, account).await?;
        Ok(stored.into_iter().map(Application::from).collect())
    }

    /// One application of an account.
    pub async fn application(&self, account: AccountId, id: ClientId) -> Result<Application, ApplicationError> {
        Ok(owned(&mut self.store().read().await?, Some(account), id).await?.into())
    }

    /// Changes name, redirect URIs, grants and the PKCE switch; the client type stays what it was.
    pub async fn edit_application(
        &self,
        account: AccountId,
        id: ClientId,
        form: &NewApplication,
        by: Actor,
    ) -> Result<(), ApplicationError> {
        retried(|| self.edit_application_once(account, id, form, by)).await
    }

    async fn edit_application_once(
        &self,
        account: AccountId,
        id: ClientId,
        form: &NewApplication,
        by: Actor,
    ) -> Result<(), ApplicationError> {
        let mut tx = self.store().write().await?;
        let before = owned(&mut tx, Some(account), id).await?;
        let form = NewApplication {
            client_type: before.client.client_type,
            ..form.clone()
        };
        let checked = form.check().map_err(ApplicationError::Invalid)?;
        let client = checked.client(id);
        rows::application::update(&mut tx, &client, &checked.name).await?;
        authority::changed(&mut tx).await?;
        let detail = json!({
            "redirect_uris_changed": client.redirect_uris != before.client.redirect_uris,
            "grants": client.grants.to_string(),
            "pkce_required": client.pkce_required,
        });
        tx.audit(by.did("application.changed", object(id), detail));
        Ok(tx.commit().await?)
    }

    /// Gives the application a new secret. The old one counts for the overlap; one that was older still ends at once.
    pub async fn rotate_client_secret(
        &self,
        account: AccountId,
        id: ClientId,
        overlap: Overlap,
        by: Actor,
    ) -> Result<Secret, ApplicationError> {
        retried(|| self.rotate_client_secret_once(account, id, overlap, by)).await
    }

    async fn rotate_client_secret_once(
        &self,
        account: AccountId,
        id: ClientId,
        overlap: Overlap,
        by: Actor,
    ) -> Result<Secret, ApplicationError> {
        let mut tx = self.store().write().await?;
        let before = owned(&mut tx, Some(account), id).await?;
        if before.client.client_type == ClientType::Public {
            return Err(ApplicationError::Public);
        }
        let until = overlap.duration().map(|overlap| later(&tx, overlap));
        let old = before.secret_hash.zip(until);
        let secret = tokens::random(CLIENT_SECRET, &**self.store().entropy());
        rows::application::set_secret(&mut tx, id, tokens::hash(&secret), old).await?;
        authority::changed(&mut tx).await?;
        tx.audit(by.did(
            "application.secret_rotated",
            object(id),
            json!({"overlap": overlap.as_str()}),
        ));
        tx.commit().await?;
        Ok(secret)
    }

    /// Deletes an application, and with it everything that was granted to it (AS-52). Without an account (the command
    /// line), whosever it is.
    pub async fn delete_application(
        &self,
        account: Option<AccountId>,
        id: ClientId,
        by: Actor,
    ) -> Result<(), ApplicationError> {
        retried(|| self.delete_application_once(account, id, by)).await
    }

    async fn delete_application_once(
        &self,
        account: Option<AccountId>,
        id: ClientId,
        by: Actor,
    ) -> Result<(), ApplicationError> {
        let mut tx = self.store().write().await?;
        owned(&mut tx, account, id).await?;
        rows::application::delete(&mut tx, id).await?;
        rows::grant::revoke_of_client(&mut tx, id).await?;
        authority::changed(&mut tx).await?;
        tx.audit(by.did("application.deleted", object(id), json!({})));
        Ok(tx.commit().await?)
    }
}

/// Another account's application is one that does not exist.
async fn owned(tx: &mut Tx, account: Option<AccountId>, id: ClientId) -> Result<StoredApplication, ApplicationError> {
    rows::application::by_id(tx, id)
        .await?
        .filter(|application| account.is_none_or(|account| account == application.account))
        .ok_or(ApplicationError::NotFound)
}

fn object(id: ClientId) -> String {
    format!("application:{id}")
}

impl Application {
    /// Whether an answer to it may travel unencrypted: to be marked wherever it is shown (decision 7).
    pub fn is_insecure(&self) -> bool {
        self.client.redirect_uris.iter().any(|uri| is_insecure(uri.as_str()))
    }
}

/// Whether the URI is plain http to another machine.
pub(crate) fn is_insecure(redirect_uri: &str) -> bool {
    let Ok(url) = redirect_uri.parse::<url::Url>() else {
        return true;
    };
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(_)) | None => false,
    };
    url.scheme() == "http" && !loopback
}

impl From<StoredApplication> for Application {
    fn from(stored: StoredApplication) -> Self {
        Self {
            client: stored.client,
            account: stored.account,
            name: stored.name,
            created_at: stored.created_at,
            old_secret_until: stored.old_secret.map(|(_, until)| until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_to_another_machine_is_insecure() {
        for (uri, insecure) in [
            ("https://client.test/cb", false),
            ("http://client.test/cb", true),
            ("http://127.0.0.1:80/cb", false),
            ("http://[::1]/cb", false),
            ("http://127.0.0.1.evil.test/cb", true),
            ("http://localhost/cb", true),
            ("com.example.app:/cb", false),
        ] {
            assert_eq!(is_insecure(uri), insecure, "{uri}");
        }
    }
}
