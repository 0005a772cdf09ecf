//! A request's data key, and what it seals.

use privacy::{Identities, IdentityType, Personal};
use store::StoreError;
use vault::{DataKey, Place, WrappedKey};

use crate::{Manager, RequestId, rows::request::RequestRow};

/// A request's data key.
pub(crate) struct RequestKey {
    key: DataKey,
    request: String,
}

impl Manager {
    /// A key for a new request, and its sealed form for the row.
    pub(crate) fn new_request_key(&self, id: RequestId) -> (RequestKey, WrappedKey) {
        let request = id.to_string();
        let (key, wrapped) = self.vault().new_data_key(&key_place(&request));
        (RequestKey { key, request }, wrapped)
    }

    /// The key of a request; [`StoreError::Corrupt`] where it was destroyed or does not open.
    pub(crate) fn request_key(&self, row: &RequestRow) -> Result<RequestKey, StoreError> {
        let request = row.id.to_string();
        let wrapped = row.key.clone().ok_or_else(|| damaged("key", "it was destroyed"))?;
        let wrapped = WrappedKey::from_bytes(wrapped).map_err(|error| damaged("key", error))?;
        let key = self
            .vault()
            .unwrap(&key_place(&request), &wrapped)
            .map_err(|error| damaged("key", error))?;
        Ok(RequestKey { key, request })
    }

    /// The keyed hash by which a subject is found.
    pub(crate) fn subject_hash(&self, kind: IdentityType, value: &str) -> [u8; 32] {
        let normal = kind.normalize(value);
        self.vault()
            .blind_index(&format!("request_identity/{}", kind.name()), normal.reveal())
    }
}

impl RequestKey {
    /// The key itself, for streams.
    pub(crate) fn data_key(&self) -> &DataKey {
        &self.key
    }

    /// Seals `plain` for one place.
    pub(crate) fn seal(&self, table: &str, column: &str, row: &str, plain: &[u8]) -> Vec<u8> {
        self.key.seal(&Place { table, column, row }, plain)
    }

    /// Opens what [`RequestKey::seal`] sealed for the same place.
    pub(crate) fn open(
        &self,
        table: &'static str,
        column: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Personal<Vec<u8>>, StoreError> {
        let opened = self.key.open(&Place { table, column, row }, sealed);
        opened
            .map(|plain| Personal::new(plain.to_vec()))
            .map_err(|error| damaged(table, error))
    }

    pub(crate) fn seal_identities(&self, identities: &Identities) -> Vec<u8> {
        self.seal(
            "request",
            "identities",
            &self.request,
            identities.reveal_json().reveal(),
        )
    }

    pub(crate) fn identities(&self, row: &RequestRow) -> Result<Identities, StoreError> {
        let sealed = row.identities.as_deref().unwrap_or_default();
        let plain = self.open("request", "identities", &self.request, sealed)?;
        Identities::from_json(plain.reveal()).map_err(|error| damaged("identities", error))
    }
}

fn key_place(request: &str) -> Place<'_> {
    Place {
        table: "request",
        column: "key",
        row: request,
    }
}

fn damaged(what: &'static str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        what,
        reason: reason.to_string(),
    }
}
