//! The way that mails take.

use std::time::Duration;

use mail::{Cause, Mailer, MailerError, MailerKind, Trouble};
use tokio::time::timeout;
use url::Url;

use super::Findings;
use crate::{failure::find, service::Service};

/// Nobody waits for a diagnosis as long as for a mail.
const PATIENCE: Duration = Duration::from_secs(15);

/// Looks at the mailer that the settings make, and asks the server at `smtp_url` whether it would take mails from us.
/// No word of the URL is repeated but host and port: a password stands in it.
pub(super) async fn look(
    findings: &mut Findings,
    service: Service,
    mailer: anyhow::Result<Mailer>,
    smtp_url: Option<&str>,
) {
    let mailer = match mailer {
        Ok(mailer) => mailer,
        Err(error) => {
            let (detail, _) = super::words(&error);
            return findings.bad("mail", &detail, setting_hint(&error));
        }
    };
    match mailer.kind() {
        MailerKind::None => findings.note(
            "mail",
            "smtp_url is not set",
            "without it no mail goes out: no verification, no Direct Contact, no delivery by mail; set smtp_url and mail_from",
        ),
        MailerKind::Mailbox => findings.note(
            "mail",
            "the local mailbox is in use: mails stay here, none goes out",
            &format!(
                "`rightful {} mailbox list` shows them; smtp_url and mail_from have them sent",
                service.name()
            ),
        ),
        MailerKind::Smtp => {
            let server = place(smtp_url.unwrap_or_default());
            let answered = timeout(PATIENCE, mailer.check()).await;
            match answered.unwrap_or_else(|_| Err(Cause::Broken.into())) {
                Ok(()) => {
                    let sender = mailer.sender().map_or("", |sender| sender.reveal());
                    findings.ok("mail", &format!("{server} takes mails from {sender}"));
                }
                Err(trouble) => findings.bad("mail", &detail(&server, &trouble), trouble_hint(trouble.cause)),
            }
        }
    }
}

fn setting_hint(error: &anyhow::Error) -> &'static str {
    match find::<MailerError>(error) {
        Some(MailerError::Both) => "take mailbox away to send mails, or smtp_url to keep them here",
        Some(MailerError::NoSender | MailerError::Sender(_)) => {
            "set mail_from to the sender's address, such as `Acme Privacy <privacy@acme.example>`"
        }
        Some(MailerError::Url { .. }) => {
            "smtp_url is smtps://USER:PASSWORD@HOST:PORT with TLS, or smtp://USER:PASSWORD@HOST:PORT with STARTTLS"
        }
        Some(MailerError::NotACa) => "extra_ca names a PEM file with the certificate of the authority",
        _ => "look at smtp_url, mail_from, mailbox and extra_ca",
    }
}

/// What the server says is not repeated: it quotes addresses and names.
fn detail(server: &str, trouble: &Trouble) -> String {
    let status = trouble.status.as_ref().map(|status| format!(" ({status})"));
    format!("{server}: {}{}", trouble.cause.words(), status.unwrap_or_default())
}

const fn trouble_hint(cause: Cause) -> &'static str {
    match cause {
        Cause::Unreachable => "is the server running, and do host and port in smtp_url fit?",
        Cause::Broken => "does a firewall stand in between, and does the port in smtp_url fit its scheme?",
        Cause::Certificate => "does the host in smtp_url stand in the certificate, and is it valid still?",
        Cause::NoEncryption => {
            "smtps:// is for TLS from the first byte (port 465); smtp://HOST?tls=none is for a server on this machine"
        }
        Cause::Credentials => {
            "do user and password in smtp_url fit? What is special in a URL is escaped there: @ is %40, : is %3A"
        }
        Cause::Refused | Cause::AddressNotSupported => "may this user send as mail_from at that server?",
        Cause::Deferred => "look again later; if it stays so, the server's log says why",
        _ => "smtp:// is for STARTTLS (port 587), smtps:// for TLS from the first byte (port 465)",
    }
}

fn place(smtp_url: &str) -> String {
    let url = Url::parse(smtp_url.trim()).ok();
    let host = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host.to_owned(),
        None => "the mail server".to_owned(),
    }
}
