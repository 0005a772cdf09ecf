//! Handing one mail to the mail server.

mod trouble;

use std::{net::IpAddr, time::Duration};

use lettre::{
    address::Envelope,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::Mail,
        extension::ClientId,
        response::Response,
    },
};

use crate::{
    Cause, MailAddress, MailerError,
    server::{Accepted, MailServer, Outgoing, Trouble},
    smtp_url::{Security, SmtpUrl},
};

use trouble::{Stage, answer_of};

/// A mail server, and how to speak with it.
pub(crate) struct Server {
    host: String,
    port: u16,
    implicit: Option<TlsParameters>,
    starttls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
}

impl Server {
    pub(crate) fn new(url: SmtpUrl, hello: &str, extra_ca: &[Vec<u8>], timeout: Duration) -> Result<Self, MailerError> {
        let tls = match url.security {
            Security::Plain => None,
            Security::Implicit | Security::StartTls => Some(tls(&url.host, extra_ca)?),
        };
        let (implicit, starttls) = match url.security {
            Security::Implicit => (tls, None),
            Security::StartTls | Security::Plain => (None, tls),
        };
        let hello = match hello.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(hello.to_owned()),
        };
        Ok(Self {
            host: url.host,
            port: url.port,
            implicit,
            starttls,
            credentials: url
                .credentials
                .map(|(user, password)| Credentials::new(user, password.into_revealed())),
            hello,
            timeout,
        })
    }

    /// Connected, encrypted and logged in, as far as that is wanted.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, self.implicit.clone(), None)
                .await
                .map_err(|error| Trouble::at(Stage::Connecting, &error))?;
        if let Some(tls) = &self.starttls {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(Cause::NoEncryption.into());
            }
            connection
                .starttls(tls.clone(), &self.hello)
                .await
                .map_err(|error| Trouble::at(Stage::Connecting, &error))?;
        }
        if let Some(credentials) = &self.credentials {
            connection
                .auth(DEFAULT_MECHANISMS, credentials)
                .await
                .map_err(|error| Trouble::at(Stage::Authenticating, &error))?;
        }
        Ok(connection)
    }

    async fn converse(&self, envelope: &Envelope, message: &[u8]) -> Result<Response, Trouble> {
        let mut connection = self.connect().await?;
        let response = connection
            .send(envelope, message)
            .await
            .map_err(|error| Trouble::at(Stage::Sending, &error))?;
        // It is the server's now; whether it says good-bye does not matter.
        connection.abort().await;
        Ok(response)
    }

    async fn ask(&self, sender: &MailAddress) -> Result<(), Trouble> {
        let mut connection = self.connect().await?;
        let asked = connection
            .command(Mail::new(Some(sender.address().clone()), Vec::new()))
            .await;
        // Good-bye without a recipient: nothing was handed over.
        connection.abort().await;
        asked.map(drop).map_err(|error| Trouble::at(Stage::Sending, &error))
    }
}

#[async_trait::async_trait]
impl MailServer for Server {
    async fn deliver(&self, mail: &Outgoing) -> Result<Accepted, Trouble> {
        match tokio::time::timeout(self.timeout, self.converse(&mail.envelope, mail.message.reveal())).await {
            Ok(Ok(response)) => {
                let (status, answer) = answer_of(response.code(), &response.message().collect::<Vec<_>>().join(" "));
                Ok(Accepted { status, answer })
            }
            Ok(Err(trouble)) => Err(trouble),
            Err(_) => Err(Cause::Broken.into()),
        }
    }

    async fn check(&self, sender: &MailAddress) -> Result<(), Trouble> {
        match tokio::time::timeout(self.timeout, self.ask(sender)).await {
            Ok(answered) => answered,
            Err(_) => Err(Cause::Broken.into()),
        }
    }
}

fn tls(host: &str, extra_ca: &[Vec<u8>]) -> Result<TlsParameters, MailerError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    for pem in extra_ca {
        // Parsed here as well, because a text without any certificate is taken for an empty list.
        if !pem.windows(BEGIN.len()).any(|window| window == BEGIN) {
            return Err(MailerError::NotACa);
        }
        let authority = Certificate::from_pem(pem).map_err(|_| MailerError::NotACa)?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(MailerError::Tls)
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
