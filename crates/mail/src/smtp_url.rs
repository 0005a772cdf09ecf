//! The address of a mail server, as the setting `smtp_url` has it.

use std::net::IpAddr;

use oauth::Secret;
use percent_encoding::percent_decode_str;
use url::Url;

/// How the way to the server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// A plain beginning, then TLS or nothing (RFC 3207).
    StartTls,
    /// None at all.
    Plain,
}

/// A parsed `smtp_url`.
#[derive(Debug)]
pub(crate) struct SmtpUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) credentials: Option<(String, Secret)>,
}

/// Reads `smtps://user:password@host`, `smtp://…` (which insists on STARTTLS) and `smtp://…?tls=none`. Errors are words
/// that follow "smtp_url"; they never quote it, since it holds a password.
pub(crate) fn parse(text: &str) -> Result<SmtpUrl, &'static str> {
    let url = Url::parse(text.trim()).map_err(|_| "is not a URL such as smtps://user:password@mail.example.com")?;
    let implicit = match url.scheme() {
        "smtps" => true,
        "smtp" => false,
        _ => return Err("must begin with smtps:// or smtp://"),
    };
    let host = match url.host_str() {
        Some(host) if !host.is_empty() => host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        _ => return Err("names no host"),
    };
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err("ends after the host, the port and options");
    }
    let (mut none, mut insecure) = (false, false);
    for (name, value) in url.query_pairs() {
        match (&*name, &*value) {
            ("tls", "none") if !implicit => none = true,
            ("tls", "required") => {}
            ("insecure", "yes") => insecure = true,
            _ => return Err("knows the options tls=required, tls=none (with smtp://) and insecure=yes only"),
        }
    }
    let credentials = credentials(&url)?;
    if none && !is_loopback(&host) {
        if !insecure {
            return Err(
                "says tls=none for another machine: everybody on the way could read the mails; add insecure=yes if that is meant",
            );
        }
        if credentials.is_some() {
            return Err("says tls=none and has a password, which everybody on the way could read");
        }
    }
    let (security, usual) = match (implicit, none) {
        (true, _) => (Security::Implicit, 465),
        (false, false) => (Security::StartTls, 587),
        (false, true) => (Security::Plain, 25),
    };
    Ok(SmtpUrl {
        host,
        port: url.port().unwrap_or(usual),
        security,
        credentials,
    })
}

fn credentials(url: &Url) -> Result<Option<(String, Secret)>, &'static str> {
    let decode = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8();
        decoded
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| "has a user name or a password that is not UTF-8")
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => Ok(Some((decode(user)?, Secret::new(decode(password)?)))),
        _ => Err("has a user name without a password, or the other way round"),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_the_default() {
        for (text, host, port, security) in [
            ("smtps://mail.example.com", "mail.example.com", 465, Security::Implicit),
            ("smtp://mail.example.com", "mail.example.com", 587, Security::StartTls),
            (
                "smtp://mail.example.com:2525/",
                "mail.example.com",
                2525,
                Security::StartTls,
            ),
            ("smtp://localhost?tls=required", "localhost", 587, Security::StartTls),
            ("smtp://127.0.0.1:1025?tls=none", "127.0.0.1", 1025, Security::Plain),
            ("smtp://[::1]?tls=none", "::1", 25, Security::Plain),
            ("smtp://mail.localhost?tls=none", "mail.localhost", 25, Security::Plain),
            ("smtp://relay?tls=none&insecure=yes", "relay", 25, Security::Plain),
        ] {
            let url = parse(text).unwrap();
            assert_eq!((&*url.host, url.port, url.security), (host, port, security), "{text}");
            assert!(url.credentials.is_none());
        }
    }

    #[test]
    fn user_name_and_password_are_decoded() {
        let url = parse("smtps://ada%40example.com:p%3A%2Fss@mail.example.com").unwrap();
        let (user, password) = url.credentials.unwrap();
        assert_eq!((&*user, &**password.reveal()), ("ada@example.com", "p:/ss"));
    }

    #[test]
    fn what_is_unclear_or_unsafe_is_refused_without_quoting_it() {
        for text in [
            "",
            "mail.example.com:25",
            "http://mail.example.com",
            "smtp://",
            "smtp://hunter2@mail.example.com",
            "smtp://:hunter2@mail.example.com",
            "smtp://mail.example.com/hunter2",
            "smtp://mail.example.com?tls=opportunistic",
            "smtp://mail.example.com?tls=none",
            "smtp://user:hunter2@mail.example.com?tls=none&insecure=yes",
            "smtps://mail.example.com?tls=none",
            "smtp://mail.example.com?verify=no",
        ] {
            let reason = parse(text).unwrap_err();
            assert!(!reason.contains("hunter2"), "{reason}");
        }
    }
}
