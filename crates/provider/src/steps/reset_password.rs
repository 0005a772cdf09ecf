//! Mailing a link to choose a new password, where somebody has the address that was given.

use mail::{Language, Letter, MailAddress, PostError};
use oauth::Secret;
use serde::Deserialize;
use serde_json::json;
use store::{
    StoreError, Tx,
    jobs::{Lease, StepError},
};

use super::{broken, tidy};
use crate::{
    Actor, Provider,
    app::{
        forgotten_password::{LASTS, MOST},
        profile::Profile,
        tokens::{self, LINK},
    },
    rows::{self, user::StoredUser},
};

#[derive(Deserialize)]
struct About {
    address: [u8; 32],
}

pub(super) async fn run(provider: &Provider, lease: &Lease) -> Result<(), StepError> {
    let About { address } = lease.payload()?;
    let mut tx = provider.store().write().await?;
    if let Some(user) = asked(&mut tx, address).await? {
        mail_link(provider, &mut tx, &user).await?;
    }
    tx.finish(lease).await?;
    Ok(tx.commit().await?)
}

/// Who has that address, unless they have had links enough.
async fn asked(tx: &mut Tx, address: [u8; 32]) -> Result<Option<StoredUser>, StoreError> {
    let user = rows::user::by_email(tx, address).await?;
    let Some(user) = user.filter(|user| user.deactivated_at.is_none()) else {
        return Ok(None);
    };
    let since = tx.now().saturating_sub(LASTS).unwrap_or(jiff::Timestamp::MIN);
    let mailed = rows::password_reset::count_since(tx, user.id, since).await?;
    Ok((mailed < MOST).then_some(user))
}

async fn mail_link(provider: &Provider, tx: &mut Tx, user: &StoredUser) -> Result<(), StepError> {
    let profile = Profile::open(provider.vault(), user.id, &user.sealed_profile)?;
    let token = tokens::random(LINK, &**tx.entropy());
    let until = tx.now().saturating_add(LASTS).unwrap_or(jiff::Timestamp::MAX);
    let letter = Letter::PasswordReset {
        // The public URL, never what a request called us (SEC-8).
        link: Secret::new(format!(
            "{}/login/password/{}",
            provider.settings().issuer(),
            token.reveal()
        )),
        until,
    };
    let to = MailAddress::parse("to", profile.email.reveal()).map_err(|error| broken(&error))?;
    let brand = &provider.settings().brand_name;
    let mail = letter
        .compose(Language::English, brand, to)
        .map_err(|error| broken(&error))?;
    let object = format!("user:{}", user.id);
    match mail::post(tx, provider.vault(), provider.mailer(), mail.about(object.clone())).await {
        Ok(_) => {}
        Err(PostError::NoMailer) => return Ok(()),
        Err(PostError::Store(error)) => return Err(error.into()),
    }
    rows::password_reset::insert(tx, tokens::hash(&token), user.id, until).await?;
    tidy::enqueue(tx);
    tx.audit(Actor::SYSTEM.did("password_reset.mailed", object, json!({})));
    Ok(())
}
