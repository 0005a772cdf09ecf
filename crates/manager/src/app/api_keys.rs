//! Keys of programs that use the API.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use sha2::{Digest as _, Sha256};
use store::{StoreError, retried};
use vault::random_bytes;

use crate::{ApiKeyId, By, Manager, Scopes, rows};

/// What every key begins with, so that one that lies around is recognised.
const PREFIX: &str = "rightful_";

/// A key, known once.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What programs send.
    pub api_key: Secret,
}

/// A key that was recognised.
#[derive(Debug, Clone)]
pub struct KnownApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is good for.
    pub scopes: Scopes,
}

/// A key, as administrators see it.
#[derive(Debug, Clone)]
pub struct ApiKeyView {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// What it is good for.
    pub scopes: Scopes,
    /// Since when there is one.
    pub created_at: Timestamp,
    /// Who made it, as people call them.
    pub created_by: String,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it works no more.
    pub revoked_at: Option<Timestamp>,
}

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum CreateApiKeyError {
    /// It must be called something.
    #[error("name must have 1 to 100 printable characters")]
    Name,
    /// The database failed.
    #[error("the key could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// All keys, those that work first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKeyView>, StoreError> {
        let keys = rows::api_key::all(&mut self.store().read().await?).await?;
        let makers = keys.iter().map(|key| key.created_by.clone()).collect();
        let names = self.actor_names(makers).await?;
        let view = |key: rows::api_key::ListedKey| ApiKeyView {
            created_by: names.get(&key.created_by).cloned().unwrap_or(key.created_by),
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        };
        Ok(keys.into_iter().map(view).collect())
    }

    /// Makes a key. It is returned once; only its SHA-256 is kept.
    pub async fn create_api_key(&self, name: &str, scopes: &Scopes, by: &By) -> Result<NewApiKey, CreateApiKeyError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(CreateApiKeyError::Name);
        }
        retried(|| self.create_api_key_once(name, scopes, by)).await
    }

    async fn create_api_key_once(&self, name: &str, scopes: &Scopes, by: &By) -> Result<NewApiKey, CreateApiKeyError> {
        let mut tx = self.store().write().await?;
        let id = ApiKeyId::from(tx.new_id());
        let random: [u8; 32] = random_bytes(&**tx.entropy());
        let api_key = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)));
        rows::api_key::insert(
            &mut tx,
            id,
            name,
            &hash(api_key.reveal()),
            scopes,
            &by.actor.to_string(),
        )
        .await?;
        let facts = [(Detail::Role, Fact::code(&scopes.to_string().replace(',', "/")))];
        tx.audit(by.event(Event::ApiKeyCreated, id.object(), facts));
        tx.commit().await?;
        Ok(NewApiKey { id, api_key })
    }

    /// The key that a program sent, if it is one that works.
    pub async fn known_api_key(&self, sent: &str) -> Result<Option<KnownApiKey>, StoreError> {
        if !sent.starts_with(PREFIX) {
            return Ok(None);
        }
        let found = rows::api_key::by_hash(&mut self.store().read().await?, &hash(sent)).await?;
        let Some(key) = found else { return Ok(None) };
        let now = self.now();
        let long_ago = |used| now.duration_since(used) >= SignedDuration::from_mins(1);
        if key.last_used_at.is_none_or(long_ago) {
            let noted = retried(|| async {
                let mut tx = self.store().write().await?;
                rows::api_key::used(&mut tx, key.id).await?;
                tx.commit().await
            });
            noted.await?;
        }
        Ok(Some(KnownApiKey {
            id: key.id,
            scopes: key.scopes,
        }))
    }

    /// Revokes a key; false where there is none to revoke.
    pub async fn revoke_api_key(&self, id: ApiKeyId, by: &By) -> Result<bool, StoreError> {
        retried(|| self.revoke_api_key_once(id, by)).await
    }

    async fn revoke_api_key_once(&self, id: ApiKeyId, by: &By) -> Result<bool, StoreError> {
        let mut tx = self.store().write().await?;
        let revoked = rows::api_key::revoke(&mut tx, id).await?;
        if revoked {
            tx.audit(by.event(Event::ApiKeyRevoked, id.object(), []));
            tx.commit().await?;
        }
        Ok(revoked)
    }
}

fn hash(api_key: &str) -> [u8; 32] {
    Sha256::digest(api_key).into()
}
