//! The reference people quote on the telephone and in mails.

use std::{fmt, str::FromStr};

/// A human reference for a request, like `DSR-7K3M-9QPX`: 40 random bits in Crockford's base 32, which has no
/// I, L, O and U. It names a request, it does not let anybody in; the caller keeps it unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference([u8; SYMBOLS]);

const SYMBOLS: usize = 8;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Reference {
    /// The reference made of five random bytes.
    pub fn from_random(bytes: [u8; 5]) -> Self {
        let bits = bytes
            .into_iter()
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(byte));
        let mut symbols = [b'0'; SYMBOLS];
        for (symbol, shift) in symbols.iter_mut().zip((0..40).step_by(5).rev()) {
            let index = usize::try_from((bits >> shift) & 31).unwrap_or_default();
            *symbol = ALPHABET.get(index).copied().unwrap_or(b'0');
        }
        Self(symbols)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DSR")?;
        for (position, symbol) in self.0.iter().enumerate() {
            let separator = if position % 4 == 0 { "-" } else { "" };
            write!(f, "{separator}{}", char::from(*symbol))?;
        }
        Ok(())
    }
}

/// Not a reference. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a reference, which looks like DSR-7K3M-9QPX")]
pub struct ReferenceError;

impl FromStr for Reference {
    type Err = ReferenceError;

    /// Reads what people write: any case, with or without prefix, dashes and spaces, O for 0, I or L for 1.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect::<String>()
            .to_uppercase();
        let bare = match upper.strip_prefix("DSR") {
            Some(rest) if rest.len() == SYMBOLS => rest,
            _ => &upper,
        };
        let symbols: Vec<u8> = bare
            .bytes()
            .map(|byte| match byte {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            })
            .collect();
        let symbols: [u8; SYMBOLS] = symbols.try_into().map_err(|_| ReferenceError)?;
        if symbols.iter().all(|symbol| ALPHABET.contains(symbol)) {
            Ok(Self(symbols))
        } else {
            Err(ReferenceError)
        }
    }
}

impl serde::Serialize for Reference {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Reference {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <String as serde::Deserialize>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_look_as_documented() {
        assert_eq!(Reference::from_random([0; 5]).to_string(), "DSR-0000-0000");
        assert_eq!(Reference::from_random([0xff; 5]).to_string(), "DSR-ZZZZ-ZZZZ");
        assert_eq!(
            Reference::from_random([0x00, 0x44, 0x32, 0x14, 0xc7]).to_string(),
            "DSR-0123-4567"
        );
    }

    #[test]
    fn references_are_read_as_people_write_them() {
        let reference: Reference = "DSR-7K3M-1QP0".parse().unwrap();
        for text in ["dsr-7k3m-1qp0", "7K3M1QP0", " DSR 7K3M LQPO ", "7k3m-iqpo"] {
            assert_eq!(text.parse(), Ok(reference), "{text}");
        }
        for text in [
            "",
            "DSR-",
            "DSR-7K3M-9QP",
            "DSR-7K3M-9QPXX",
            "DSR-7K3M-9QPU",
            "ada@example.com",
        ] {
            assert_eq!(text.parse::<Reference>(), Err(ReferenceError), "{text}");
        }
        // A reference may itself begin with the letters of the prefix.
        assert_eq!("DSRA-BCDE".parse::<Reference>().unwrap().to_string(), "DSR-DSRA-BCDE");
    }

    proptest! {
        #[test]
        fn references_are_read_back_as_written(bytes: [u8; 5]) {
            let reference = Reference::from_random(bytes);
            prop_assert_eq!(reference.to_string().parse(), Ok(reference));
        }
    }
}
