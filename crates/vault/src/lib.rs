//! Sealing: what makes bytes at rest unreadable without a key, and findable without reading them.
//!
//! Keys stand in three storeys, each sealed by the one above:
//!
//! ```text
//! master key   a file or an environment variable, outside the database   MasterKeys
//!   root keys  one sealed blob in the database                           Vault, WrappedKey
//!     data key one per subject, request or connection, in its row        DataKey, WrappedKey
//!       bytes  values in rows, files of any size                         DataKey::seal, SealedWriter
//! ```
//!
//! Deleting a wrapped data key shreds everything sealed under it. A new master key re-seals one blob; a new root key
//! re-wraps the data keys; the bytes themselves are never touched. Every purpose has a key of its own, derived as
//! `HMAC-SHA256(key, "rightful/v1/" + purpose)`. Everything sealed is bound to its [`Place`].
//!
//! The crate knows bytes, not tables: storing the blobs is its callers' work.

mod data_key;
mod entropy;
mod envelope;
mod key;
mod mac;
mod master_key;
mod place;
mod roots;
mod seeded_entropy;
mod stream;
mod vault;
mod wrapped_key;

pub use data_key::DataKey;
pub use entropy::{Entropy, SharedEntropy, SystemEntropy, random_bytes};
pub use envelope::OpenError;
pub use key::KeyId;
pub use mac::MacKey;
pub use master_key::{MasterKeyFileError, MasterKeyTextError, MasterKeys};
pub use place::Place;
pub use seeded_entropy::SeededEntropy;
pub use stream::{OpenStreamError, SealedReader, SealedWriter};
pub use vault::{UnlockError, Vault};
pub use wrapped_key::WrappedKey;
