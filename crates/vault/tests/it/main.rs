//! Sealing, from the outside.

#[cfg(test)]
mod data_key;
#[cfg(test)]
mod format;
#[cfg(test)]
mod master_key;
#[cfg(test)]
mod master_key_file;
#[cfg(test)]
mod seeded_entropy;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod vault;

#[cfg(test)]
mod given {
    use std::sync::Arc;

    use vault::{DataKey, MasterKeys, Place, SeededEntropy, SharedEntropy, Vault};

    pub(crate) const EMAIL: Place<'static> = Place {
        table: "subject",
        column: "email",
        row: "17",
    };
    pub(crate) const OWNER: Place<'static> = Place {
        table: "request",
        column: "data_key",
        row: "17",
    };

    pub(crate) fn entropy(seed: u64) -> SharedEntropy {
        Arc::new(SeededEntropy::new(seed))
    }

    pub(crate) fn master(seed: u64) -> MasterKeys {
        MasterKeys::generate(&SeededEntropy::new(seed))
    }

    pub(crate) fn a_vault() -> Vault {
        Vault::create(&master(1), entropy(2)).0
    }

    pub(crate) fn a_data_key() -> DataKey {
        a_vault().new_data_key(&OWNER).0
    }

    /// `bytes` with one bit changed in each of them, one at a time.
    pub(crate) fn every_flip(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        (0..bytes.len()).map(|at| {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 1 << (at % 8);
            flipped
        })
    }

    /// Every way to cut `bytes` short.
    pub(crate) fn every_cut(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        (0..bytes.len()).map(|length| &bytes[..length])
    }
}
