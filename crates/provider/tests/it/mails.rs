//! Mails that the provider writes: read in its mailbox, or at a real mail server.

use mail::Filter;
use provider::Settings;

use crate::{sink::Sink, world::World};

/// A mail as somebody reads it.
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl World {
    /// Works off what is due, then looks at the newest mail.
    pub(crate) async fn newest_mail(&self) -> Letter {
        self.provider.runner().drain().await.unwrap();
        let mut read = self.provider.store().read().await.unwrap();
        let listed = mail::list(&mut read, &Filter::default()).await.unwrap();
        let mail = mail::read(&mut read, self.provider.vault(), listed.first().expect("a mail").id)
            .await
            .unwrap();
        Letter {
            to: mail.to.reveal().to_owned(),
            subject: mail.subject.into_revealed(),
            text: mail.text.into_revealed(),
        }
    }

    /// Works off what is due, then counts the mails.
    pub(crate) async fn mails(&self) -> usize {
        self.provider.runner().drain().await.unwrap();
        let mut read = self.provider.store().read().await.unwrap();
        mail::list(&mut read, &Filter::default()).await.unwrap().len()
    }
}

impl Letter {
    /// The path of the link that stands alone on a line, which leads to our own public address.
    pub(crate) fn link(&self) -> String {
        let mut lines = self.text.lines();
        lines
            .find_map(|line| line.strip_prefix(crate::world::ISSUER))
            .unwrap_or_else(|| panic!("no link: {}", self.text))
            .to_owned()
    }
}

/// Mails go to `sink`, whose authority is trusted.
pub(crate) fn by_mail_server(settings: &mut Settings, sink: &Sink, folder: &std::path::Path) {
    let ca = folder.join("mail-ca.pem");
    std::fs::write(&ca, &sink.ca).unwrap();
    settings.smtp_url = Some(crate::world::secret(&format!("smtp://localhost:{}", sink.port)));
    settings.mail_from = Some("Vendor <no-reply@vendor.test>".to_owned());
    settings.extra_ca = Some(ca);
}
