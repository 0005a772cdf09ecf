//! What the manager has mailed.

use mail::{Filter, ReadMail};

use crate::app::TestApp;

impl TestApp {
    /// All mails, the oldest first.
    pub(crate) async fn mails(&self) -> Vec<ReadMail> {
        let listed = self.manager.mails(&Filter::default()).await.unwrap();
        let mut mails = Vec::new();
        for mail in listed.iter().rev() {
            mails.push(self.manager.read_mail(mail.id).await.unwrap());
        }
        mails
    }

    /// What was mailed to this address, by its events, the oldest first.
    pub(crate) async fn mailed_to(&self, address: &str) -> Vec<String> {
        let mails = self.mails().await;
        let to = mails.into_iter().filter(|mail| mail.to.reveal() == address);
        to.map(|mail| mail.listed.event).collect()
    }

    /// The last mail to this address.
    pub(crate) async fn last_mail_to(&self, address: &str) -> ReadMail {
        let mails = self.mails().await;
        let last = mails.into_iter().rfind(|mail| mail.to.reveal() == address);
        last.unwrap_or_else(|| panic!("no mail to {address}"))
    }
}

/// The link in a mail, as a path of the manager.
pub(crate) fn path_in(mail: &ReadMail) -> String {
    let text = mail.text.reveal();
    let link = text
        .lines()
        .find_map(|line| line.strip_prefix("https://localhost:8443"));
    link.unwrap_or_else(|| panic!("no link in {text}")).to_owned()
}
