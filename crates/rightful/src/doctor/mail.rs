//! The mail server.

use std::time::Duration;

use anyhow::{Context as _, bail};
use manager::Settings;
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};
use url::Url;

use super::Findings;

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(findings: &mut Findings, settings: &Settings) {
    let Some(url) = &settings.smtp_url else {
        return findings.note(
            "mail",
            "smtp_url is not set",
            "without it no mail goes out: no verification, no Direct Contact, no delivery by mail",
        );
    };
    if settings.mail_from.is_none() {
        findings.bad("mail", "mail_from is not set", "set the sender's address");
    }
    match greeting(url).await {
        Ok(host) => findings.ok("mail", &format!("{host} answers")),
        Err(error) => {
            let (detail, _) = super::words(&error);
            findings.bad(
                "mail",
                &detail,
                "smtp_url is smtp://, or smtps://, USER:PASSWORD@HOST:PORT",
            );
        }
    }
}

/// Connects, and over plain SMTP hears the greeting. Nothing is logged in or sent. No word of the URL is repeated but
/// the host: a password stands in it.
async fn greeting(url: &str) -> anyhow::Result<String> {
    let url = Url::parse(url).map_err(|_| anyhow::anyhow!("smtp_url is no URL"))?;
    let host = url.host_str().context("smtp_url names no host")?.to_owned();
    let (usual, implicit_tls) = match url.scheme() {
        "smtp" => (587, false),
        "smtps" => (465, true),
        _ => bail!("smtp_url is neither smtp:// nor smtps://"),
    };
    let place = (host.as_str(), url.port().unwrap_or(usual));
    let unreachable = || format!("{host}:{} could not be reached", place.1);
    let mut stream = timeout(PATIENCE, TcpStream::connect(place))
        .await
        .with_context(unreachable)?
        .with_context(unreachable)?;
    if !implicit_tls {
        let mut code = [0; 3];
        let heard = timeout(PATIENCE, stream.read_exact(&mut code)).await;
        if !matches!(heard, Ok(Ok(_))) || &code != b"220" {
            bail!("{host}:{} is no mail server", place.1);
        }
    }
    Ok(host)
}
