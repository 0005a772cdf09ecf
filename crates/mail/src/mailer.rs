//! The way that mails take.

use std::{fmt, sync::Arc, time::Duration};

use oauth::Secret;

use crate::{MailAddress, MailError, MailServer, Trouble, smtp::Server, smtp_url};

/// What a mailer is made of: settings of the service.
#[derive(Debug)]
pub struct MailerSettings {
    /// `smtp_url`: the mail server.
    pub smtp_url: Option<Secret>,
    /// `mail_from`: the sender, `Acme Privacy <privacy@acme.example>`.
    pub mail_from: Option<String>,
    /// `mailbox`: mails stay in the outbox, to be looked at; nothing leaves.
    pub mailbox: bool,
    /// The host name of the service's public URL: the name that the mail server is greeted with.
    pub host: String,
    /// Certificates (PEM) of authorities that are trusted beside the system's.
    pub extra_ca: Vec<Vec<u8>>,
    /// How long handing one mail over may take.
    pub timeout: Duration,
    /// For how long a mail that can't be handed over is tried again.
    pub give_up_after: Duration,
    /// How long the outbox keeps what a mail said.
    pub retention: Duration,
}

impl Default for MailerSettings {
    fn default() -> Self {
        Self {
            smtp_url: None,
            mail_from: None,
            mailbox: false,
            host: "localhost".to_owned(),
            extra_ca: Vec::new(),
            timeout: Duration::from_mins(1),
            give_up_after: Duration::from_hours(48),
            retention: Duration::from_hours(30 * 24),
        }
    }
}

/// Which way mails take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailerKind {
    /// To a mail server.
    Smtp,
    /// Into a mailbox of our own.
    Mailbox,
    /// None: nothing can be posted.
    None,
}

/// Where mails go, and in whose name. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    way: Way,
    give_up_after: Duration,
    retention: Duration,
}

pub(crate) enum Way {
    Smtp {
        server: Arc<dyn MailServer>,
        sender: MailAddress,
    },
    Mailbox {
        sender: MailAddress,
    },
    None,
}

/// Why there is no mailer.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// A mail server and the local mailbox at once.
    #[error("smtp_url and mailbox are both set: mails either leave or stay")]
    Both,
    /// A mail server, but nobody who writes.
    #[error("smtp_url needs mail_from, the sender of mails, such as `Acme Privacy <privacy@acme.example>`")]
    NoSender,
    /// The sender is none.
    #[error(transparent)]
    Sender(#[from] MailError),
    /// The URL can't be used.
    #[error("smtp_url {reason}")]
    Url {
        /// Why, without quoting it.
        reason: &'static str,
    },
    /// An authority's certificate can't be used.
    #[error("extra_ca holds no PEM certificate to trust")]
    NotACa,
    /// TLS can't be set up.
    #[error("encryption towards the mail server could not be prepared")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Mailer {
    /// The mailer of these settings. Nothing is connected to yet. It reads the system's certificates, so it is made
    /// once, at the start.
    pub fn open(settings: &MailerSettings) -> Result<Self, MailerError> {
        let sender = |text: &str| MailAddress::parse_named("mail_from", text);
        let way = match (&settings.smtp_url, &settings.mail_from) {
            (Some(_), _) if settings.mailbox => return Err(MailerError::Both),
            (Some(_), None) => return Err(MailerError::NoSender),
            (Some(url), Some(from)) => {
                let url = smtp_url::parse(url.reveal()).map_err(|reason| MailerError::Url { reason })?;
                let server = Arc::new(Server::new(url, &settings.host, &settings.extra_ca, settings.timeout)?);
                let sender = sender(from)?;
                Way::Smtp { server, sender }
            }
            (None, from) if settings.mailbox => Way::Mailbox {
                sender: sender(from.as_deref().unwrap_or("no-reply@localhost"))?,
            },
            (None, _) => Way::None,
        };
        Ok(Self::by(way, settings))
    }

    /// The mailer of these settings, with `server` in place of the one that `smtp_url` names.
    pub fn through(server: Arc<dyn MailServer>, settings: &MailerSettings) -> Result<Self, MailerError> {
        let from = settings.mail_from.as_deref().ok_or(MailerError::NoSender)?;
        let sender = MailAddress::parse_named("mail_from", from)?;
        Ok(Self::by(Way::Smtp { server, sender }, settings))
    }

    fn by(way: Way, settings: &MailerSettings) -> Self {
        Self(Arc::new(Inner {
            way,
            give_up_after: settings.give_up_after,
            retention: settings.retention,
        }))
    }

    /// One that takes no mail.
    pub fn none() -> Self {
        Self(Arc::new(Inner {
            way: Way::None,
            give_up_after: Duration::ZERO,
            retention: Duration::ZERO,
        }))
    }

    /// Which way mails take.
    pub fn kind(&self) -> MailerKind {
        match self.way() {
            Way::Smtp { .. } => MailerKind::Smtp,
            Way::Mailbox { .. } => MailerKind::Mailbox,
            Way::None => MailerKind::None,
        }
    }

    /// Whether mails would go out now: asks the mail server, and hands nothing over. Without one there is nothing to ask.
    pub async fn check(&self) -> Result<(), Trouble> {
        match self.way() {
            Way::Smtp { server, sender } => server.check(sender).await,
            Way::Mailbox { .. } | Way::None => Ok(()),
        }
    }

    /// False where posting is refused: what depends on mails says so before it begins.
    pub fn is_configured(&self) -> bool {
        self.kind() != MailerKind::None
    }

    pub(crate) fn way(&self) -> &Way {
        &self.0.way
    }

    /// Who writes, where anything can be posted.
    pub fn sender(&self) -> Option<&MailAddress> {
        match self.way() {
            Way::Smtp { sender, .. } | Way::Mailbox { sender } => Some(sender),
            Way::None => None,
        }
    }

    pub(crate) fn give_up_after(&self) -> Duration {
        self.0.give_up_after
    }

    pub(crate) fn retention(&self) -> Duration {
        self.0.retention
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer({:?})", self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(smtp_url: Option<&str>, mail_from: Option<&str>, mailbox: bool) -> Result<MailerKind, String> {
        let settings = MailerSettings {
            smtp_url: smtp_url.map(|url| Secret::new(url.to_owned())),
            mail_from: mail_from.map(str::to_owned),
            mailbox,
            ..MailerSettings::default()
        };
        Mailer::open(&settings)
            .map(|mailer| mailer.kind())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_mailer_is_a_server_or_the_mailbox_or_none() {
        let (url, from) = (Some("smtps://mail.example.com"), Some("Acme <privacy@acme.example>"));
        assert_eq!(open(url, from, false), Ok(MailerKind::Smtp));
        assert_eq!(open(None, None, true), Ok(MailerKind::Mailbox));
        assert_eq!(open(None, from, true), Ok(MailerKind::Mailbox));
        assert_eq!(open(None, from, false), Ok(MailerKind::None));
        assert!(open(url, from, true).unwrap_err().contains("both"));
        assert!(open(url, None, false).unwrap_err().contains("mail_from"));
        assert!(open(url, Some("Acme"), false).unwrap_err().starts_with("mail_from: "));
        assert!(open(Some("smtp://"), from, false).unwrap_err().starts_with("smtp_url "));
    }

    #[test]
    fn an_authority_that_is_none_is_refused() {
        let settings = MailerSettings {
            smtp_url: Some(Secret::new("smtps://mail.example.com".to_owned())),
            mail_from: Some("a@example.com".to_owned()),
            extra_ca: vec![b"not a certificate".to_vec()],
            ..MailerSettings::default()
        };
        assert!(matches!(Mailer::open(&settings), Err(MailerError::NotACa)));
    }
}
