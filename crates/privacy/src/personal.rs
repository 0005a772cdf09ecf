//! A value about a person, which must not be printed by accident.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A personal value: an e-mail address, an identifier, a field of a dossier. It has no `Display`, no `Serialize` and
/// a `Debug` that hides it; [`Personal::reveal`] is the one searchable word that lets it out.
///
/// ```compile_fail
/// println!("{}", privacy::Personal::new("ada@example.com"));
/// ```
/// ```compile_fail
/// serde_json::to_string(&privacy::Personal::new("ada@example.com"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personal<T = String>(T);

impl<T> Personal<T> {
    /// Takes `value` into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Lets the value out. Every call is a place to review.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Lets the value out and ends custody.
    pub fn into_revealed(self) -> T {
        self.0
    }

    /// Changes the value without letting it out of custody.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Personal<U> {
        Personal(change(self.0))
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(..)")
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A parser's own message may quote the value it could not take.
        T::deserialize(deserializer)
            .map(Self)
            .map_err(|_| serde::de::Error::custom("a value of the wrong type"))
    }
}

/// How an e-mail address is shown where it need not be read in full: `ada@example.com` becomes `a•••@example.com`.
/// What is not an address is masked like any other identifier.
pub fn mask_email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {
            let first: String = local.chars().take(1).collect();
            format!("{first}{MASK}@{domain}")
        }
        _ => mask_identifier(address),
    }
}

/// How any other identifier is shown: its first character when it is long enough for that to tell little.
/// The mask has one width, so that it does not tell the length either.
pub fn mask_identifier(identifier: &str) -> String {
    let shown = usize::from(identifier.chars().count() > 3);
    let first: String = identifier.chars().take(shown).collect();
    format!("{first}{MASK}")
}

const MASK: &str = "•••";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_value() {
        let email = Personal::new("ada@example.com".to_owned());
        assert_eq!(
            format!("{email:?} {:?}", Some(&email)),
            "Personal(..) Some(Personal(..))"
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_not_quoted() {
        let error = serde_json::from_str::<Personal<u8>>("\"ada@example.com\"").unwrap_err();
        assert!(!error.to_string().contains("ada"), "{error}");
    }

    #[test]
    fn masks_show_the_first_character_and_the_domain() {
        for (plain, masked) in [
            ("ada@example.com", "a•••@example.com"),
            ("a@example.com", "a•••@example.com"),
            ("ünal@example.com", "ü•••@example.com"),
            ("\"a@b\"@example.com", "\"•••@example.com"),
            ("@example.com", "@•••"),
            ("ada@", "a•••"),
            ("visitor-1234", "v•••"),
            ("abc", "•••"),
            ("", "•••"),
        ] {
            assert_eq!(mask_email(plain), masked, "{plain}");
        }
    }
}
