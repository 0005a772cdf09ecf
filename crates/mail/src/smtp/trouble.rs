//! What went wrong with the mail server, sorted.

use std::{error::Error, io};

use lettre::transport::smtp::{self, response::Code};

use crate::{Cause, server::Trouble};

/// How far the conversation had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Connecting,
    Authenticating,
    Sending,
}

impl Trouble {
    /// Sorts an error by what it is and when it came. Its own text is never told: it quotes what the server said.
    pub(super) fn at(stage: Stage, error: &smtp::Error) -> Self {
        let Some(code) = error.status() else {
            return silent(stage, error).into();
        };
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        let (status, answer) = answer_of(code, &said);
        Self {
            cause: cause_of(stage, error.is_permanent(), &status),
            status: Some(status),
            answer: (!answer.is_empty()).then_some(answer),
        }
    }
}

/// A lasting refusal is lasting only where it is about this mail: what the server holds against *us* may be repaired.
fn cause_of(stage: Stage, permanent: bool, status: &str) -> Cause {
    // Authentication required, mechanism too weak, credentials invalid, encryption required (RFC 4954 section 6).
    let about_us = ["530", "534", "535", "538"].iter().any(|code| status.starts_with(code));
    match stage {
        _ if !permanent => Cause::Deferred,
        Stage::Authenticating => Cause::Credentials,
        Stage::Sending if about_us => Cause::Credentials,
        Stage::Sending => Cause::Refused,
        // "No service here" (554), as to somebody on a block list.
        Stage::Connecting => Cause::Deferred,
    }
}

/// The cause of an error that is no answer of the server.
fn silent(stage: Stage, error: &smtp::Error) -> Cause {
    if let Some(certificate) = tls_cause(error) {
        return certificate;
    }
    match stage {
        _ if error.is_response() => Cause::NotSmtp,
        Stage::Connecting if error.is_client() => Cause::NotSmtp,
        Stage::Connecting => Cause::Unreachable,
        // No mechanism in common.
        Stage::Authenticating if error.is_client() => Cause::Credentials,
        Stage::Sending if error.is_client() => Cause::AddressNotSupported,
        Stage::Authenticating | Stage::Sending => Cause::Broken,
    }
}

fn tls_cause(error: &(dyn Error + 'static)) -> Option<Cause> {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref::<rustls::Error>() {
            Some(rustls::Error::InvalidCertificate(_)) => return Some(Cause::Certificate),
            Some(_) => return Some(Cause::NoEncryption),
            None => {}
        }
        next = match error.downcast_ref::<io::Error>() {
            // An `io::Error` that wraps another error names that one's source as its own and hides the wrapped one.
            Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

/// The server's codes, with the enhanced one (RFC 3463) where it gave one, and the rest of its words, cut to a length
/// worth keeping.
pub(super) fn answer_of(code: Code, said: &str) -> (String, String) {
    let said = said.trim();
    let (first, rest) = said.split_once(' ').unwrap_or((said, ""));
    let (status, words) = if is_enhanced(first) {
        (format!("{code} {first}"), rest)
    } else {
        (code.to_string(), said)
    };
    (status, words.chars().take(500).collect())
}

fn is_enhanced(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(number)
}

#[cfg(test)]
mod tests {
    use lettre::transport::smtp::response::{Category, Detail, Severity};

    use super::*;

    #[test]
    fn enhanced_codes_are_told_from_words() {
        let code = Code::new(
            Severity::PermanentNegativeCompletion,
            Category::MailSystem,
            Detail::Zero,
        );
        for (said, status, words) in [
            (
                "5.1.1 <ada@example.com>: no such user",
                "550 5.1.1",
                "<ada@example.com>: no such user",
            ),
            ("no such user", "550", "no such user"),
            ("192.0.2.1 is on a list", "550", "192.0.2.1 is on a list"),
            ("", "550", ""),
        ] {
            assert_eq!(answer_of(code, said), (status.to_owned(), words.to_owned()));
        }
    }

    #[test]
    fn only_a_refusal_of_this_mail_is_final() {
        for (stage, permanent, status, cause) in [
            (Stage::Connecting, true, "554", Cause::Deferred),
            (Stage::Connecting, false, "421", Cause::Deferred),
            (Stage::Authenticating, true, "535 5.7.8", Cause::Credentials),
            (Stage::Authenticating, false, "454", Cause::Deferred),
            (Stage::Sending, true, "530 5.7.0", Cause::Credentials),
            (Stage::Sending, true, "550 5.1.1", Cause::Refused),
            (Stage::Sending, false, "451 4.7.1", Cause::Deferred),
        ] {
            assert_eq!(cause_of(stage, permanent, status), cause, "{stage:?} {status}");
            assert_eq!(cause.is_final(), cause == Cause::Refused);
        }
    }
}
