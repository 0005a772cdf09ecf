//! What to do about the errors of the layers below.

use rightful_http::{
    serve::ServeError,
    tls::{LocalCaError, TlsError},
};
use store::{OpenStoreError, UnlockVaultError};
use vault::{MasterKeyFileError, UnlockError};

use crate::failure::find;

/// The hint for the first cause that has one.
pub(crate) fn for_error(error: &anyhow::Error) -> Option<String> {
    let hint = find(error)
        .and_then(open_store)
        .or_else(|| find(error).and_then(unlock_vault))
        .or_else(|| find::<UnlockError>(error).map(|_| PAIR))
        .or_else(|| find(error).and_then(master_key_file))
        .or_else(|| find(error).and_then(serve))
        .or_else(|| find(error).and_then(tls))
        .or_else(|| find(error).and_then(local_ca))?;
    Some(hint.to_owned())
}

fn open_store(error: &OpenStoreError) -> Option<&'static str> {
    match error {
        OpenStoreError::UnknownUrl => {
            Some("--database postgres://USER@HOST/NAME, or leave it out to use the data folder")
        }
        OpenStoreError::Unreachable { place, .. } if place.contains(':') => {
            Some("is the server running, and do host, port, user and database name in --database fit?")
        }
        OpenStoreError::Unreachable { .. } => Some("does the folder exist, and may this user write to it?"),
        OpenStoreError::Newer { .. } => {
            Some("use the newer program, or restore the backup that was made before it was first started")
        }
        OpenStoreError::Migration { .. } => Some("nothing was changed; report this with the lines above"),
        OpenStoreError::Store(_) => None,
    }
}

fn unlock_vault(error: &UnlockVaultError) -> Option<&'static str> {
    match error {
        UnlockVaultError::Missing { .. } => {
            Some("put the key back from its backup, or name it with master_key_file or RIGHTFUL_MASTER_KEY")
        }
        UnlockVaultError::Damaged(_) => Some("restore the database from a backup"),
        // Transparent errors stand in the chain of causes under their outer type alone.
        UnlockVaultError::File(error) => master_key_file(error),
        UnlockVaultError::Unlock(_) => Some(PAIR),
        UnlockVaultError::Store(_) => None,
    }
}

/// Another key, or a damaged one.
const PAIR: &str = "database and master key belong together: put back the pair, from backups of the same installation";

fn master_key_file(error: &MasterKeyFileError) -> Option<&'static str> {
    match error {
        MasterKeyFileError::Malformed { .. } => Some("restore the file from its backup; it is never edited by hand"),
        MasterKeyFileError::Missing { .. }
        | MasterKeyFileError::Unreadable { .. }
        | MasterKeyFileError::Unwritable { .. } => Some("does the folder exist, and may this user use it?"),
        MasterKeyFileError::ChangedMeanwhile { .. } => Some("run the command again"),
        MasterKeyFileError::OpenToOthers { .. } | MasterKeyFileError::Exists { .. } => None,
    }
}

fn serve(error: &ServeError) -> Option<&'static str> {
    match error {
        ServeError::AddressInUse { .. } => Some("listen elsewhere with --listen ADDRESS:PORT; port 0 takes a free one"),
        ServeError::Bind { .. } => Some("--listen takes an address of this machine and a port, such as 127.0.0.1:8443"),
        ServeError::Tls(error) => tls(error),
        ServeError::Serve(_) => None,
    }
}

fn tls(error: &TlsError) -> Option<&'static str> {
    match error {
        TlsError::Setting => Some("--tls auto, --tls off, or --tls CERTIFICATE.pem,KEY.pem"),
        TlsError::LocalCa(error) => local_ca(error),
        _ => None,
    }
}

fn local_ca(error: &LocalCaError) -> Option<&'static str> {
    match error {
        LocalCaError::Read { .. } | LocalCaError::Write { .. } => Some("may this user use the data folder?"),
        LocalCaError::BadHost => Some("tls_hosts and the public URL take host names and addresses"),
        _ => None,
    }
}
