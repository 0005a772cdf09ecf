//! Making, changing and removing webhooks.

use std::{net::IpAddr, time::Duration};

use jiff::{SignedDuration, Timestamp};
use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::client::{AddressClass, classify};
use store::{StoreError, Tx, jobs::LaneLimits, retried};
use url::{Host, Url};

use super::{Because, DeliveryCause, Subscribed, lane, secret};
use crate::{
    By, Manager, WebhookId,
    rows::{self, webhook::WebhookRow},
};

/// How many webhooks there may be: each is asked about at every event.
const MOST: usize = 50;
/// For how long a secret that was replaced may still sign.
const LONGEST_OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many deliveries to one webhook are under way at once.
const LIMITS: LaneLimits = LaneLimits {
    interval: Duration::ZERO,
    burst: 1,
    most_in_flight: 4,
};

/// A webhook to make.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// Where events are sent.
    pub url: String,
    /// What people call it; may be empty.
    pub description: String,
    /// Which events.
    pub events: Subscribed,
    /// Whether it takes part from now on.
    pub enabled: bool,
}

/// A webhook with its secret, known once.
#[derive(Debug, Clone)]
pub struct WebhookMade {
    /// Its id.
    pub id: WebhookId,
    /// What its receiver checks signatures with: `whsec_…`.
    pub secret: Secret,
}

/// What is to be different; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookChanges {
    /// Where events are sent.
    pub url: Option<String>,
    /// What people call it.
    pub description: Option<String>,
    /// Which events.
    pub events: Option<Subscribed>,
    /// Whether it takes part.
    pub enabled: Option<bool>,
}

/// Why a webhook is not as it was wished.
#[derive(Debug, thiserror::Error)]
pub enum ChangeWebhookError {
    /// There is none such.
    #[error("there is no such webhook")]
    NotFound,
    /// A value can't be taken.
    #[error("{field} {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// It takes no part.
    #[error("the webhook is disabled: enable it first")]
    Disabled,
    /// There are enough.
    #[error("there are {MOST} webhooks already: remove one first")]
    TooMany,
    /// The database failed.
    #[error("the webhook could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Makes a webhook. Its secret is returned once; it is kept sealed.
    pub async fn create_webhook(&self, new: NewWebhook, by: &By) -> Result<WebhookMade, ChangeWebhookError> {
        let new = NewWebhook {
            url: self.webhook_url(&new.url)?,
            description: description(&new.description)?,
            ..new
        };
        retried(|| self.create_webhook_once(&new, by)).await
    }

    async fn create_webhook_once(&self, new: &NewWebhook, by: &By) -> Result<WebhookMade, ChangeWebhookError> {
        let mut tx = self.store().write().await?;
        tx.lock("webhook", "new").await?;
        if rows::webhook::all(&mut tx).await?.len() >= MOST {
            return Err(ChangeWebhookError::TooMany);
        }
        let id = WebhookId::from(tx.new_id());
        let now = tx.now();
        let (keyring, wrapped) = self.new_webhook_keyring(id);
        let secret = secret::new(&**tx.entropy());
        let row = WebhookRow {
            id,
            url: new.url.clone(),
            description: new.description.clone(),
            events: new.events.clone(),
            key: wrapped.into_bytes(),
            secret: keyring.seal(&secret),
            previous_secret: None,
            previous_until: None,
            created_at: now,
            disabled_at: (!new.enabled).then_some(now),
            disabled_because: (!new.enabled).then_some(Because::Person),
            last_success_at: None,
            failing_since: None,
            given_up_at: None,
        };
        rows::webhook::save(&mut tx, &row).await?;
        tx.set_lane(&lane(id), LIMITS).await?;
        tx.audit(by.event(Event::WebhookCreated, id.object(), []));
        tx.commit().await?;
        Ok(WebhookMade { id, secret })
    }

    /// Changes a webhook. What was to be sent to one that is disabled is given up; it can be sent again later.
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        changes: WebhookChanges,
        by: &By,
    ) -> Result<(), ChangeWebhookError> {
        retried(|| self.change_webhook_once(id, &changes, by)).await
    }

    async fn change_webhook_once(
        &self,
        id: WebhookId,
        changes: &WebhookChanges,
        by: &By,
    ) -> Result<(), ChangeWebhookError> {
        let mut tx = self.store().write().await?;
        let mut row = found(&mut tx, id).await?;
        if let Some(url) = &changes.url {
            row.url = self.webhook_url(url)?;
        }
        if let Some(text) = &changes.description {
            row.description = description(text)?;
        }
        if let Some(events) = &changes.events {
            row.events = events.clone();
        }
        let word = match changes.enabled {
            Some(false) if row.disabled_at.is_none() => {
                row.disabled_at = Some(tx.now());
                row.disabled_because = Some(Because::Person);
                rows::webhook_delivery::give_up(&mut tx, id, DeliveryCause::Disabled).await?;
                "disabled"
            }
            Some(true) if row.disabled_at.is_some() => {
                (row.disabled_at, row.disabled_because) = (None, None);
                // It begins anew.
                (row.failing_since, row.given_up_at) = (None, None);
                "enabled"
            }
            _ => "settings",
        };
        rows::webhook::save(&mut tx, &row).await?;
        tx.audit(by.event(Event::WebhookChanged, id.object(), [(Detail::Reason, Fact::Word(word))]));
        Ok(tx.commit().await?)
    }

    /// Gives a webhook another secret. For `overlap` the one before signs as well, so that the receiver can change
    /// over in its own time.
    pub async fn rotate_webhook_secret(
        &self,
        id: WebhookId,
        overlap: SignedDuration,
        by: &By,
    ) -> Result<(Secret, Timestamp), ChangeWebhookError> {
        if overlap < SignedDuration::ZERO || overlap > LONGEST_OVERLAP {
            return Err(field("overlap", "must be between \"0s\" and \"7d\""));
        }
        retried(|| self.rotate_webhook_secret_once(id, overlap, by)).await
    }

    async fn rotate_webhook_secret_once(
        &self,
        id: WebhookId,
        overlap: SignedDuration,
        by: &By,
    ) -> Result<(Secret, Timestamp), ChangeWebhookError> {
        let mut tx = self.store().write().await?;
        let mut row = found(&mut tx, id).await?;
        let secret = secret::new(&**tx.entropy());
        let until = tx.now().saturating_add(overlap).unwrap_or(Timestamp::MAX);
        let sealed = self.webhook_keyring(&row)?.seal(&secret);
        let before = std::mem::replace(&mut row.secret, sealed);
        row.previous_secret = (overlap > SignedDuration::ZERO).then_some(before);
        row.previous_until = row.previous_secret.is_some().then_some(until);
        rows::webhook::save(&mut tx, &row).await?;
        tx.audit(by.event(Event::WebhookChanged, id.object(), [(Detail::Reason, "secret".into())]));
        tx.commit().await?;
        Ok((secret, until))
    }

    /// Removes a webhook, with all that was sent to it; false where there is none.
    pub async fn remove_webhook(&self, id: WebhookId, by: &By) -> Result<bool, StoreError> {
        let removed = retried(|| self.remove_webhook_once(id, by)).await?;
        if removed {
            self.store().forget_deleted().await?;
        }
        Ok(removed)
    }

    async fn remove_webhook_once(&self, id: WebhookId, by: &By) -> Result<bool, StoreError> {
        let mut tx = self.store().write().await?;
        if rows::webhook::locked(&mut tx, id).await?.is_none() {
            return Ok(false);
        }
        rows::webhook::remove(&mut tx, id).await?;
        tx.audit(by.event(Event::WebhookRemoved, id.object(), []));
        tx.commit().await?;
        Ok(true)
    }

    /// An https URL that may be called, as far as that can be told from its text (SEC-33); names are judged at each call.
    fn webhook_url(&self, text: &str) -> Result<String, ChangeWebhookError> {
        let wrong = |reason: &str| field("url", reason);
        let text = text.trim();
        if text.is_empty() {
            return Err(wrong("is missing"));
        }
        let url = Url::parse(text).map_err(|_| wrong("must be a URL, such as https://hooks.example.com/rightful"))?;
        // As it is kept: an international name is longer there than as it was typed.
        if url.as_str().len() > 2000 {
            return Err(wrong("must have at most 2000 characters"));
        }
        if url.scheme() != "https" {
            return Err(wrong("must begin with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("must carry no user name or password"));
        }
        if url.fragment().is_some() {
            return Err(wrong("must have no part after #"));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(wrong("names no host")),
        };
        if let Some(AddressClass::NotPublic(class)) = address.map(classify)
            && !self.may_be_private(url.host_str().unwrap_or_default())
        {
            return Err(wrong(&format!(
                "leads to an address that is {class}, not public; name the host in allow_private_hosts if that is meant"
            )));
        }
        Ok(url.into())
    }

    fn may_be_private(&self, host: &str) -> bool {
        let bare = |host: &str| host.trim_start_matches('[').trim_end_matches(']').to_owned();
        self.settings()
            .private_hosts()
            .iter()
            .any(|allowed| bare(allowed) == bare(host))
    }
}

async fn found(tx: &mut Tx, id: WebhookId) -> Result<WebhookRow, ChangeWebhookError> {
    let row = rows::webhook::locked(tx, id).await?;
    row.ok_or(ChangeWebhookError::NotFound)
}

fn description(text: &str) -> Result<String, ChangeWebhookError> {
    let text = text.trim();
    if text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err(field(
            "description",
            "must have at most 200 characters, all of them printable",
        ));
    }
    Ok(text.to_owned())
}

fn field(field: &'static str, reason: impl Into<String>) -> ChangeWebhookError {
    ChangeWebhookError::Field {
        field,
        reason: reason.into(),
    }
}
