//! Whom a mail is from and to.

use std::fmt;

use lettre::{Address, message::Mailbox};
use serde::{Deserialize, Serialize};

use crate::{MailError, error::one_line};

/// An e-mail address, perhaps with a name beside it. It is personal: it has no `Display` and a `Debug` that hides it;
/// [`MailAddress::reveal`] lets the address out.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAddress {
    name: Option<String>,
    address: Address,
}

/// The longest address that can be sent to (RFC 5321 section 4.5.3.1.3, without the angle brackets).
const LONGEST: usize = 254;
const LONGEST_NAME: usize = 200;

impl MailAddress {
    /// Reads `ada@example.com`. A domain beyond ASCII is written in its ASCII form. An error names `field`.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, MailError> {
        let invalid = MailError {
            field,
            reason: "it is not an e-mail address",
        };
        one_line(field, text)?;
        let (user, domain) = text.rsplit_once('@').ok_or(invalid)?;
        let domain = if domain.is_ascii() {
            domain.to_owned()
        } else {
            url::Host::parse(domain).map_err(|_| invalid)?.to_string()
        };
        let address = Address::new(user, domain).map_err(|_| invalid)?;
        if <Address as AsRef<str>>::as_ref(&address).len() > LONGEST {
            return Err(MailError {
                field,
                reason: "an e-mail address has at most 254 characters",
            });
        }
        Ok(Self { name: None, address })
    }

    /// Reads `ada@example.com`, or `Ada Lovelace <ada@example.com>` as settings have it.
    pub fn parse_named(field: &'static str, text: &str) -> Result<Self, MailError> {
        match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => {
                let name = name.trim();
                let name = name
                    .strip_prefix('"')
                    .and_then(|name| name.strip_suffix('"'))
                    .unwrap_or(name);
                Self::parse(field, address)?.named(field, name)
            }
            None => Self::parse(field, text.trim()),
        }
    }

    /// The same with a name to show. An empty one is none.
    pub fn named(self, field: &'static str, name: &str) -> Result<Self, MailError> {
        one_line(field, name)?;
        if name.chars().count() > LONGEST_NAME {
            return Err(MailError {
                field,
                reason: "a name has at most 200 characters",
            });
        }
        let name = (!name.trim().is_empty()).then(|| name.trim().to_owned());
        Ok(Self { name, ..self })
    }

    /// Lets the address out, without the name. Every call is a place to review.
    pub fn reveal(&self) -> &str {
        self.address.as_ref()
    }

    /// Lets the name out.
    pub fn reveal_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn domain(&self) -> &str {
        self.address.domain()
    }

    pub(crate) fn mailbox(&self) -> Mailbox {
        Mailbox::new(self.name.clone(), self.address.clone())
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(..)")
    }
}

/// An address as it is written where it will be sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct WrittenAddress {
    address: String,
    name: Option<String>,
}

impl From<&MailAddress> for WrittenAddress {
    fn from(address: &MailAddress) -> Self {
        Self {
            address: address.reveal().to_owned(),
            name: address.name.clone(),
        }
    }
}

impl TryFrom<WrittenAddress> for MailAddress {
    type Error = MailError;

    fn try_from(written: WrittenAddress) -> Result<Self, MailError> {
        let address = Self::parse("address", &written.address)?;
        address.named("name", written.name.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_would_forge_a_header_or_a_command_are_refused_by_the_fields_name() {
        // SEC-34
        for text in [
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com\nRCPT TO:<eve@example.com>",
            "ada@example.com\r",
            "\"ada\r\nBcc: eve\"@example.com",
            "ada@example.com\0",
            "ada\u{2028}@example.com",
            "ada@example.com\u{85}",
        ] {
            let error = MailAddress::parse("processor_email", text).unwrap_err();
            assert_eq!(error.field, "processor_email", "{text:?}");
            assert!(!error.to_string().contains("ada"), "{error}");
        }
    }

    #[test]
    fn names_that_would_forge_a_header_are_refused() {
        // SEC-34
        let address = MailAddress::parse("to", "ada@example.com").unwrap();
        for name in ["Ada\r\nBcc: eve@example.com", "Ada\n", "\u{b}", "Ada\u{2029}"] {
            let error = address.clone().named("name", name).unwrap_err();
            assert_eq!(error.field, "name");
        }
        assert!(MailAddress::parse_named("mail_from", "A\r\nB: c <a@example.com>").is_err());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("ada@{}com", "abcdefghi.".repeat(26));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ada@exa mple.com",
            "Ada <ada@example.com>",
            "ada@example.com, eve@example.com",
            "<ada@example.com>",
            &long,
        ] {
            assert!(MailAddress::parse("to", text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_keep_their_local_part_and_get_an_ascii_domain() {
        for (text, written) in [
            ("ada@example.com", "ada@example.com"),
            ("ada+privacy@example.com", "ada+privacy@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("jürgen@example.com", "jürgen@example.com"),
            ("ada@localhost", "ada@localhost"),
        ] {
            assert_eq!(MailAddress::parse("to", text).unwrap().reveal(), written);
        }
    }

    #[test]
    fn a_sender_may_have_a_name() {
        for (text, name, address) in [
            ("ada@example.com", None, "ada@example.com"),
            ("<ada@example.com>", None, "ada@example.com"),
            ("Acme, Inc. <p@acme.example>", Some("Acme, Inc."), "p@acme.example"),
            ("\"Acme, Inc.\" <p@acme.example>", Some("Acme, Inc."), "p@acme.example"),
            (" Büro <p@acme.example> ", Some("Büro"), "p@acme.example"),
        ] {
            let parsed = MailAddress::parse_named("mail_from", text).unwrap();
            assert_eq!((parsed.reveal_name(), parsed.reveal()), (name, address));
        }
    }

    #[test]
    fn an_address_is_not_printed() {
        let address = MailAddress::parse("to", "ada@example.com").unwrap();
        assert_eq!(format!("{address:?}"), "MailAddress(..)");
    }
}
