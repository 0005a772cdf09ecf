//! `application/x-www-form-urlencoded` as RFC 6749 appendix B uses it.

use std::fmt::Write as _;

/// `text` with everything but RFC 3986's unreserved characters percent-encoded. A space becomes `%20`, never `+`, so
/// that form decoders and plain percent decoders read the same bytes back.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The pairs as `name=value&…`, in the order given.
pub fn encode_form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut encoded = String::new();
    for (name, value) in pairs {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.push_str(&percent_encode(name));
        encoded.push('=');
        encoded.push_str(&percent_encode(value));
    }
    encoded
}

/// The text that `encoded` stands for; `None` for a broken percent escape or bytes that are not UTF-8.
pub(crate) fn decode_form(encoded: &[u8]) -> Option<String> {
    if !encoded.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return str::from_utf8(encoded).ok().map(str::to_owned);
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_space_is_percent_encoded_so_that_every_decoder_reads_it() {
        assert_eq!(percent_encode("a b+c&d=e%"), "a%20b%2Bc%26d%3De%25");
    }

    #[test]
    fn broken_escapes_and_broken_utf_8_are_refused() {
        for broken in ["%", "%4", "%zz", "%4g", "a%", "%ff", "%c3%28", "%ed%a0%80"] {
            assert_eq!(decode_form(broken.as_bytes()), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in any::<String>()) {
            prop_assert_eq!(decode_form(percent_encode(&text).as_bytes()), Some(text));
        }

        #[test]
        fn decoding_never_panics(bytes in any::<Vec<u8>>()) {
            let _ = decode_form(&bytes);
        }
    }
}
