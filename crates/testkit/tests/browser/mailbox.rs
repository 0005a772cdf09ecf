//! The mails that the manager keeps instead of sending them, as their readers have them.

use anyhow::{Context as _, Result};
use mail::Filter;
use store::MasterKeySource;
use testkit::open_raw;

use crate::{services::Services, window::until};

impl Services {
    /// The link in the newest mail of this kind to this address, when there is one.
    pub(crate) async fn link_mailed_to(&self, address: &str, event: &str) -> Result<String> {
        let data = self.company.data();
        let store = open_raw(data, self.database.as_deref(), "manager").await?;
        let key = data.join("master.key");
        let vault = store.unlock_vault(MasterKeySource::File(&key)).await?;
        let text = until(format!("the mail {event} to {address}"), async || {
            let mut read = store.read().await?;
            for listed in mail::list(&mut read, &Filter::default()).await? {
                if listed.event == event {
                    let mail = mail::read(&mut read, &vault, listed.id).await?;
                    if mail.to.reveal() == address {
                        return Ok(mail.text.reveal().to_owned());
                    }
                }
            }
            anyhow::bail!("there is no such mail")
        });
        let text = text.await?;
        store.close().await;
        let own = self.manager("/");
        let link = text.lines().find(|line| line.starts_with(&own));
        Ok(link.with_context(|| format!("no link in {text}"))?.to_owned())
    }
}
