//! Unlocking the vault whose sealed root key this database keeps.

use std::path::Path;

use vault::{MasterKeyFileError, MasterKeys, OpenError, UnlockError, Vault, WrappedKey};

use crate::{Store, StoreError, Tx, args};

/// Where the master key is.
#[derive(Debug, Clone, Copy)]
pub enum MasterKeySource<'a> {
    /// In a file, which is made for a new database.
    File(&'a Path),
    /// Given as text, from the environment or a secret store.
    Given(&'a MasterKeys),
}

/// Why the vault stays locked.
#[derive(Debug, thiserror::Error)]
pub enum UnlockVaultError {
    /// The database is in use already and its master key is gone.
    #[error("the master key is missing: the database holds sealed data, and there is no {path}")]
    Missing {
        /// Where it was expected.
        path: String,
    },
    /// The file can't be used.
    #[error(transparent)]
    File(#[from] MasterKeyFileError),
    /// It is the key of another database.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The stored root key is not one.
    #[error("the root key stored in the database is damaged")]
    Damaged(#[source] OpenError),
    /// The database failed.
    #[error("the root key could not be read or stored")]
    Store(#[from] StoreError),
}

impl Store {
    /// Unlocks this database's vault; for a new database makes a root key, and the master key file if there is none.
    pub async fn unlock_vault(&self, master: MasterKeySource<'_>) -> Result<Vault, UnlockVaultError> {
        if let Some(stored) = stored_root(&mut self.read().await?).await? {
            let keys = match master {
                MasterKeySource::File(path) => match MasterKeys::load_file(path) {
                    Err(MasterKeyFileError::Missing { path }) => {
                        return Err(UnlockVaultError::Missing {
                            path: path.display().to_string(),
                        });
                    }
                    loaded => loaded?,
                },
                MasterKeySource::Given(keys) => keys.clone(),
            };
            let stored = WrappedKey::from_bytes(stored).map_err(UnlockVaultError::Damaged)?;
            return Ok(Vault::unlock(&keys, &stored, self.entropy().clone())?);
        }
        let keys = match master {
            MasterKeySource::File(path) => self.load_or_create(path)?,
            MasterKeySource::Given(keys) => keys.clone(),
        };
        let mut tx = self.write().await?;
        tx.lock("root_key", "").await?;
        // Another process may have been first.
        if let Some(stored) = stored_root(&mut tx).await? {
            let stored = WrappedKey::from_bytes(stored).map_err(UnlockVaultError::Damaged)?;
            return Ok(Vault::unlock(&keys, &stored, self.entropy().clone())?);
        }
        let (vault, wrapped) = Vault::create(&keys, self.entropy().clone());
        tx.save_root_key(&wrapped).await?;
        tx.commit().await?;
        Ok(vault)
    }

    fn load_or_create(&self, path: &Path) -> Result<MasterKeys, MasterKeyFileError> {
        match MasterKeys::create_file(path, &**self.entropy()) {
            Err(MasterKeyFileError::Exists { .. }) => MasterKeys::load_file(path),
            created => created,
        }
    }
}

impl Tx {
    /// Keeps the sealed root key (a new one, or the same under another master key).
    pub async fn save_root_key(&mut self, wrapped: &WrappedKey) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "INSERT INTO root_key (id, wrapped, created_at) VALUES ('root', $1, $2) \
             ON CONFLICT (id) DO UPDATE SET wrapped = excluded.wrapped, created_at = excluded.created_at",
            args![wrapped.as_bytes(), now],
        )
        .await?;
        Ok(())
    }
}

async fn stored_root(tx: &mut Tx) -> Result<Option<Vec<u8>>, StoreError> {
    tx.fetch_optional("SELECT wrapped FROM root_key WHERE id = 'root'", args![])
        .await?
        .map(|row| row.get("wrapped"))
        .transpose()
}
