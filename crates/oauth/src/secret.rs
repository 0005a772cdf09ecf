//! A value that must not be printed by accident.

use std::fmt;

use subtle::ConstantTimeEq as _;

/// A secret: tokens, codes, verifiers, client secrets, passwords. It has no `Display`, no `Serialize` and a
/// `Debug` that hides it; [`Secret::reveal`] is the one searchable word that lets it out.
#[derive(Clone)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
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
}

impl<T: AsRef<[u8]>> Secret<T> {
    /// Compares in time that does not depend on the content (RFC 6749 section 10.10, CWE-208).
    pub fn matches(&self, other: &[u8]) -> bool {
        self.0.as_ref().ct_eq(other).into()
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
