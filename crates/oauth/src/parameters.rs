//! Parameters of a request, from a query string or a form body.

use std::fmt;

use crate::Secret;
use crate::encoding::decode_form;

/// The parameters of one request, in order. Values may be secrets, so `Debug` tells only how many there are.
#[derive(Clone, Default)]
pub struct Parameters {
    pairs: Vec<(String, Secret)>,
}

/// Why a parameter cannot be used; the name is one of ours, never the sender's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// A broken percent escape, bytes that are not UTF-8, or a NUL (which RFC 6749 appendix A allows nowhere).
    #[error("the parameters are not application/x-www-form-urlencoded UTF-8")]
    Malformed,
    /// RFC 6749 sections 3.1 and 3.2: a parameter must not be included more than once.
    #[error("parameter {0} is repeated")]
    Repeated(&'static str),
    /// A required parameter is absent or empty.
    #[error("parameter {0} is missing")]
    Missing(&'static str),
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` bytes: a query string without its `?`, or a body.
    pub fn parse(encoded: impl AsRef<[u8]>) -> Result<Self, ParameterError> {
        let mut pairs = Vec::new();
        for segment in encoded
            .as_ref()
            .split(|byte| *byte == b'&')
            .filter(|segment| !segment.is_empty())
        {
            let mut halves = segment.splitn(2, |byte| *byte == b'=');
            let name = decode_form(halves.next().unwrap_or_default()).ok_or(ParameterError::Malformed)?;
            let value = decode_form(halves.next().unwrap_or_default()).ok_or(ParameterError::Malformed)?;
            if name.contains('\0') || value.contains('\0') {
                return Err(ParameterError::Malformed);
            }
            pairs.push((name, Secret::new(value)));
        }
        Ok(Self { pairs })
    }

    /// These and `others` as one set, so that a parameter in both counts as repeated.
    #[must_use]
    pub fn joined(mut self, others: Self) -> Self {
        self.pairs.extend(others.pairs);
        self
    }

    /// The value of `name`; empty counts as omitted (RFC 6749 section 3.1), even an empty repetition as repeated.
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>, ParameterError> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(ParameterError::Repeated(name)),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// The value of `name`, which must be there and not empty.
    pub fn required(&self, name: &'static str) -> Result<&str, ParameterError> {
        self.optional(name)?.ok_or(ParameterError::Missing(name))
    }

    /// Every value of a parameter that may be repeated (`resource`, RFC 8707 section 2), without empty ones.
    pub fn every(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values(name).filter(|value| !value.is_empty())
    }

    /// Whether `name` occurs, with or without a value.
    pub fn contains(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.reveal().as_str())
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameters({} hidden)", self.pairs.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encode_form;

    #[test]
    fn a_parameter_is_read_by_the_rules_of_rfc_6749_section_3_1() {
        use ParameterError::{Malformed, Missing, Repeated};
        for (encoded, expected) in [
            ("state=x", Ok("x")),
            ("foo=1&state=x&foo=2", Ok("x")), // AS-2: unknown ones are ignored, even repeated
            ("state=a%26b+c%2B", Ok("a&b c+")),
            ("state=a=b", Ok("a=b")),
            ("&&state=x&", Ok("x")),
            ("st%61te=x", Ok("x")),
            ("", Err(Missing("state"))),
            ("state=", Err(Missing("state"))), // AS-2: empty is omitted
            ("state", Err(Missing("state"))),
            ("State=x", Err(Missing("state"))),
            ("state=x&state=x", Err(Repeated("state"))), // AS-3
            ("state=&state=x", Err(Repeated("state"))),
            ("st%61te=x&state=x", Err(Repeated("state"))),
            ("state=x&foo=%", Err(Malformed)),
            ("state=%FF", Err(Malformed)),
            ("state=%00", Err(Malformed)),
        ] {
            let read = Parameters::parse(encoded);
            let value = read
                .as_ref()
                .map_err(|error| *error)
                .and_then(|parameters| parameters.required("state"));
            assert_eq!(value, expected, "{encoded}");
        }
    }

    #[test]
    fn the_same_parameter_in_query_and_body_is_repeated() {
        // AS-44
        let query = Parameters::parse("client_id=1").unwrap();
        let both = query.joined(Parameters::parse("client_id=1").unwrap());
        assert_eq!(both.optional("client_id"), Err(ParameterError::Repeated("client_id")));
    }

    #[test]
    fn debug_shows_no_value() {
        let parameters = Parameters::parse("client_secret=hunter2").unwrap();
        assert_eq!(format!("{parameters:?}"), "Parameters(1 hidden)");
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_back(value in "[^\0]{1,40}") {
            let parameters = Parameters::parse(encode_form([("foo", "&="), ("state", value.as_str())])).unwrap();
            prop_assert_eq!(parameters.required("state"), Ok(value.as_str()));
        }

        #[test]
        fn any_bytes_are_parameters_or_refused(bytes in any::<Vec<u8>>()) {
            let _ = Parameters::parse(bytes).map(|parameters| parameters.optional("state").is_ok());
        }
    }
}
