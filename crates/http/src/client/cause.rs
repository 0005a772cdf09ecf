//! What stands behind a failed call, in words.

use std::{error::Error, io};

use rustls::CertificateError;

use super::guard::Forbidden;

/// Why a call failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Our guard refused, with the reason.
    Forbidden(String),
    /// Something broke, in plain words.
    Fault(&'static str),
}

/// Looks through the sources of `error`. An error's own text is never used: it may quote the URL.
pub(super) fn cause(error: &(dyn Error + 'static)) -> Cause {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    let mut words = "the connection broke";
    while let Some(error) = next {
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return Cause::Forbidden(forbidden.to_string());
        }
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Cause::Fault(tls_words(tls));
        }
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            words = http_words(error).unwrap_or(words);
        }
        next = match error.downcast_ref::<io::Error>() {
            Some(error) => {
                words = io_words(error).unwrap_or(words);
                // An `io::Error` that wraps another error names that one's source as its own and hides the wrapped one.
                error.get_ref().map(|inner| inner as &(dyn Error + 'static))
            }
            None => error.source(),
        };
    }
    Cause::Fault(words)
}

fn http_words(error: &reqwest::Error) -> Option<&'static str> {
    match error {
        error if error.is_timeout() && error.is_connect() => Some("no connection in time"),
        error if error.is_timeout() => Some("no answer in time"),
        error if error.is_dns() => Some("its name could not be resolved"),
        error if error.is_builder() => Some("the request is not valid HTTP"),
        _ => None,
    }
}

fn io_words(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some("the connection was refused"),
        io::ErrorKind::ConnectionReset => Some("the connection was reset"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some("there is no route to it"),
        _ => None,
    }
}

fn tls_words(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(error) => certificate_words(error),
        rustls::Error::InvalidMessage(_) => "it does not speak TLS",
        _ => "no TLS connection could be agreed on",
    }
}

fn certificate_words(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer => {
            "its certificate comes from an authority that is not trusted; name that authority in extra_ca if it is yours"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet"
        }
        CertificateError::Revoked => "its certificate is revoked",
        _ => "its certificate is not valid",
    }
}
