//! How often a form may be sent: from one address, and about one. Counted in the database, so all processes agree.

use std::{net::IpAddr, time::Duration};

use jiff::{SignedDuration, Timestamp};
use privacy::IdentityType;
use sha2::{Digest as _, Sha256};
use store::retried;

use super::{Checked, SubmitFormError};
use crate::{Manager, rows::form_use};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What shows that a person sends a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// All that was asked for.
    Strong,
    /// Less than that: such forms are taken more seldom.
    Weak,
}

impl Manager {
    /// Counts a form; false: there were enough about this address, and this one is passed over in silence.
    pub(super) async fn count_form(
        &self,
        checked: &Checked,
        sent: &[u8; 32],
        address: IpAddr,
        proof: Proof,
    ) -> Result<bool, SubmitFormError> {
        retried(|| self.count_form_once(checked, sent, address, proof)).await
    }

    async fn count_form_once(
        &self,
        checked: &Checked,
        sent: &[u8; 32],
        address: IpAddr,
        proof: Proof,
    ) -> Result<bool, SubmitFormError> {
        let settings = self.settings();
        let source = self.source(address);
        let mut tx = self.store().write().await?;
        let now = tx.now();
        let before = |window: SignedDuration| now.saturating_sub(window).unwrap_or(Timestamp::MIN);

        let uses = form_use::locked(&mut tx, &source, sent, before(HOUR)).await?;
        let most = match proof {
            Proof::Strong => settings.privacy_limit_per_source,
            Proof::Weak => settings
                .privacy_limit_without_script
                .min(settings.privacy_limit_per_source),
        };
        within(&uses, most, now)?;
        form_use::keep(&mut tx, &source, sent).await?;

        let email = checked.identities.email().map(|email| {
            let normal = IdentityType::Email.normalize(email.reveal());
            self.vault().blind_index("public-form/email", normal.reveal())
        });
        let mut may_mail = true;
        if let Some(email) = email {
            let uses = form_use::locked(&mut tx, &email, sent, before(DAY)).await?;
            may_mail = over(&uses, settings.privacy_limit_per_address).is_none();
            if may_mail {
                form_use::keep(&mut tx, &email, sent).await?;
            }
        }
        tx.commit().await?;
        Ok(may_mail)
    }

    /// Whether this very form was counted before.
    pub(super) async fn was_counted(&self, sent: &[u8; 32], address: IpAddr) -> Result<bool, SubmitFormError> {
        let mut tx = self.store().read().await?;
        Ok(form_use::is_kept(&mut tx, &self.source(address), sent).await?)
    }

    /// Counts an answer of somebody else's widget before it is verified, so that nobody makes us ask for ever.
    pub(super) async fn count_attempt(&self, answer: &str, address: IpAddr) -> Result<(), SubmitFormError> {
        let source = self.vault().blind_index("public-form/captcha", &network(address));
        let answer: [u8; 32] = Sha256::digest(answer).into();
        let mut tx = self.store().write().await?;
        let now = tx.now();
        let since = now.saturating_sub(HOUR).unwrap_or(Timestamp::MIN);
        let uses = form_use::locked(&mut tx, &source, &answer, since).await?;
        // People need more than one attempt.
        let most = self.settings().privacy_limit_per_source.saturating_mul(2);
        within(&uses, most, now)?;
        form_use::keep(&mut tx, &source, &answer).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whom a form comes from.
    fn source(&self, address: IpAddr) -> [u8; 32] {
        self.vault().blind_index("public-form/source", &network(address))
    }

    /// Whether a browser has to work before it sends a form.
    pub fn asks_for_work(&self) -> bool {
        self.settings().privacy_challenge.trim() == "proof_of_work"
    }
}

/// Refuses one use more where there are `most` within an hour.
fn within(uses: &[Timestamp], most: u32, now: Timestamp) -> Result<(), SubmitFormError> {
    let Some(oldest) = over(uses, most) else {
        return Ok(());
    };
    let free_at = oldest.saturating_add(HOUR).unwrap_or(Timestamp::MAX);
    let seconds = u64::try_from(free_at.duration_since(now).as_secs()).unwrap_or(0);
    Err(SubmitFormError::TooMany {
        retry_after: Duration::from_secs(seconds.saturating_add(1)),
    })
}

/// Where there are `most` uses or more: the one whose end makes room.
fn over(uses: &[Timestamp], most: u32) -> Option<Timestamp> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let index = uses.len().checked_sub(most)?;
    // A limit of nothing has no use that ends: the newest stands for it.
    uses.get(index)
        .or(uses.last())
        .copied()
        .or((most == 0).then_some(Timestamp::MAX))
}

/// Whom we take for one: an IPv4 address, or the /64 network that one household has.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
