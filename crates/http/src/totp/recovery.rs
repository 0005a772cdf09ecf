//! Recovery codes: what lets in somebody who lost the authenticator, once each.

use data_encoding::BASE32_NOPAD;
use oauth::Secret;
use vault::{Entropy, MacKey, random_bytes};

/// How many are handed out.
pub const CODES: usize = 10;
/// 80 bits each: sixteen letters, four groups.
const BYTES: usize = 10;

/// New codes, to be shown once.
pub fn generate(entropy: &dyn Entropy) -> Vec<Secret> {
    (0..CODES)
        .map(|_| {
            let letters = BASE32_NOPAD.encode(&random_bytes::<BYTES>(entropy)).to_lowercase();
            let groups: Vec<&str> = letters
                .as_bytes()
                .chunks(4)
                .filter_map(|group| str::from_utf8(group).ok())
                .collect();
            Secret::new(groups.join("-"))
        })
        .collect()
}

/// What is stored of a code, and looked up by: a tag that only this installation's `key` makes, and that differs from
/// `user` to user. However the code was typed (capitals, blanks, dashes), it is the same.
pub fn tag(key: &MacKey, user: &str, code: &Secret) -> [u8; 32] {
    let plain: String = code
        .reveal()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    key.sign(format!("{user}\n{plain}").as_bytes())
}

/// Whether what was typed has a recovery code's length, rather than that of an app's code.
pub fn looks_like_one(typed: &str) -> bool {
    typed.chars().filter(char::is_ascii_alphanumeric).count() == BYTES * 8 / 5
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vault::{MasterKeys, SeededEntropy, Vault};

    use super::*;

    #[test]
    fn a_code_is_recognised_however_it_is_typed_and_for_its_owner_only() {
        let entropy = Arc::new(SeededEntropy::new(4));
        let (vault, _) = Vault::create(&MasterKeys::generate(&*entropy), entropy.clone());
        let key = vault.mac("recovery-codes");
        let codes = generate(&*entropy);
        let shown: std::collections::BTreeSet<&String> = codes.iter().map(Secret::reveal).collect();
        assert_eq!(shown.len(), CODES);
        let code = &codes[0];
        assert!(looks_like_one(code.reveal()) && !looks_like_one("123 456"));
        assert_eq!(code.reveal().len(), 19);
        let typed = Secret::new(code.reveal().replace('-', " ").to_uppercase());
        assert_eq!(tag(&key, "ada", code), tag(&key, "ada", &typed));
        assert_ne!(tag(&key, "ada", code), tag(&key, "bob", code));
        assert_ne!(tag(&key, "ada", code), tag(&key, "ada", &codes[1]));
    }
}
