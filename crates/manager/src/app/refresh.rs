//! Access tokens that are good now: refreshed ahead of their end, once, whoever asks (CL-11 to CL-18).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use oauth::{RefreshExchange, RefreshFailure, Secret, TokenResponse, classify_refresh_failure};
use privacy::audit::{Detail, Event, Fact};
use rightful_http::client::TransportError;
use store::{Tx, retried};
use tracing::warn;
use vault::random_bytes;

use super::{
    ConnectionState,
    access::AccessError,
    adopt_grant::refresh_due,
    connection_jobs::park,
    credentials::{Endpoints, Tokens},
    token_endpoint::{self, Answer},
};
use crate::{
    By, ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
};

/// How long somebody who finds another process refreshing leaves it alone.
const PATIENCE: SignedDuration = SignedDuration::from_secs(1);

/// The fault of a token endpoint that can't be reached or makes no sense.
const REFRESH_FAILED: &str = "refresh_failed";

/// A connection with an access token that is good as far as we know.
pub(crate) struct Live {
    pub(crate) row: ConnectionRow,
    pub(crate) access_token: Secret,
}

/// What the one who refreshes goes out with.
struct Claim {
    lease: String,
    generation: i64,
    tokens: Tokens,
    refresh_token: Secret,
    endpoints: Endpoints,
    client_secret: Secret,
    row: ConnectionRow,
}

enum Claimed {
    Live(Box<Live>),
    Refresh(Box<Claim>),
}

impl Manager {
    /// An access token that is not about to end and is newer than the generation `refused`, where one was refused.
    pub(crate) async fn live(&self, id: ConnectionId, refused: Option<i64>) -> Result<Live, AccessError> {
        if let Some(live) = self.usable(id, refused).await? {
            return Ok(live);
        }
        // Within a process one caller refreshes a connection and the others wait for it.
        let lock = self.refresh_locks().of(id);
        let _turn = lock.lock().await;
        if let Some(live) = self.usable(id, refused).await? {
            return Ok(live);
        }
        match self.claim_refresh(id, refused).await? {
            Claimed::Live(live) => Ok(*live),
            Claimed::Refresh(claim) => self.refresh(*claim, refused).await,
        }
    }

    async fn usable(&self, id: ConnectionId, refused: Option<i64>) -> Result<Option<Live>, AccessError> {
        let mut read = self.store().read().await?;
        let row = rows::connection::by_id(&mut read, id)
            .await?
            .ok_or(AccessError::NotFound)?;
        drop(read);
        self.usable_row(&row, refused)
    }

    fn usable_row(&self, row: &ConnectionRow, refused: Option<i64>) -> Result<Option<Live>, AccessError> {
        if row.state != ConnectionState::Connected {
            return Err(AccessError::NotReady { state: row.state });
        }
        let fresh = match refused {
            Some(generation) => row.generation > generation,
            None => self.now() < refresh_due(row),
        };
        if !fresh {
            return Ok(None);
        }
        let tokens = self.keyring(row)?.tokens(row)?;
        Ok(tokens.map(|tokens| live(row, tokens)))
    }

    /// Says in the row that this process refreshes now, so that no other one does.
    async fn claim_refresh(&self, id: ConnectionId, refused: Option<i64>) -> Result<Claimed, AccessError> {
        retried(|| self.claim_refresh_once(id, refused)).await
    }

    async fn claim_refresh_once(&self, id: ConnectionId, refused: Option<i64>) -> Result<Claimed, AccessError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let mut row = row.ok_or(AccessError::NotFound)?;
        // The loser of a race between processes finds the winner's token here (CL-14).
        if let Some(live) = self.usable_row(&row, refused)? {
            return Ok(Claimed::Live(Box::new(live)));
        }
        let keyring = self.keyring(&row)?;
        let Some(tokens) = keyring.tokens(&row)? else {
            self.lose_grant(&mut tx, &mut row, "grant_gone", "there is no grant".to_owned())
                .await?;
            tx.commit().await?;
            return Err(AccessError::NotReady { state: row.state });
        };
        let still_good = refused.is_none() && row.token_expires_at.is_some_and(|end| tx.now() < end);
        if row.refresh_lease.is_some() && row.refresh_lease_until > tx.now() {
            if still_good {
                return Ok(Claimed::Live(Box::new(live(&row, tokens))));
            }
            let later = tx.now().saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
            let retry_at = later.min(row.refresh_lease_until);
            return Err(AccessError::Busy { retry_at });
        }
        let Some(refresh_token) = tokens.refresh.clone() else {
            if still_good {
                return Ok(Claimed::Live(Box::new(live(&row, tokens))));
            }
            let message = "the access token has ended and the vendor gave no refresh token".to_owned();
            self.lose_grant(&mut tx, &mut row, "no_refresh_token", message).await?;
            tx.commit().await?;
            return Err(AccessError::NotReady { state: row.state });
        };
        let lease = URL_SAFE_NO_PAD.encode(random_bytes::<16>(&**tx.entropy()));
        // Longer than the call can take: connecting, the answer's head, its body.
        let longest = self.settings().http_connect_timeout.signed() + self.settings().http_timeout.signed() * 2;
        row.refresh_lease = Some(lease.clone());
        row.refresh_lease_until = tx.now().saturating_add(longest).unwrap_or(Timestamp::MAX);
        rows::connection::save(&mut tx, &row).await?;
        let endpoints = Endpoints::parse(row.endpoints.as_deref().unwrap_or_default())?;
        let client_secret = keyring.client_secret(&row)?;
        tx.commit().await?;
        Ok(Claimed::Refresh(Box::new(Claim {
            lease,
            generation: row.generation,
            tokens,
            refresh_token,
            endpoints,
            client_secret,
            row,
        })))
    }

    async fn refresh(&self, claim: Claim, refused: Option<i64>) -> Result<Live, AccessError> {
        let exchange = RefreshExchange {
            refresh_token: &claim.refresh_token,
        };
        let client = claim.endpoints.client(&claim.row.client_id, &claim.client_secret);
        let answer = token_endpoint::post(&**self.transport(), &claim.endpoints.token, exchange.call(&client)).await;

        // The vendor may have given a new refresh token for the old one: a conflict must not cost it.
        retried(|| self.take_in_once(&claim, &answer, refused)).await
    }

    /// Stores what the vendor answered.
    async fn take_in_once(
        &self,
        claim: &Claim,
        answer: &Result<Answer, TransportError>,
        refused: Option<i64>,
    ) -> Result<Live, AccessError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, claim.row.id).await?;
        let mut row = row.ok_or(AccessError::NotFound)?;
        if row.refresh_lease.as_deref() != Some(claim.lease.as_str()) || row.generation != claim.generation {
            // We took too long, or somebody authorized anew meanwhile: what is stored is newer than what we have.
            return self
                .usable_row(&row, refused)?
                .ok_or(AccessError::Busy { retry_at: tx.now() });
        }
        row.refresh_lease = None;
        let keyring = self.keyring(&row)?;
        match judge(answer) {
            Judgement::Tokens(response) => {
                let received_at = tx.now();
                let tokens = Tokens {
                    access: response.access_token.clone(),
                    // CL-11: an answer without a refresh token keeps the one in hand.
                    refresh: response.refresh_token.clone().or_else(|| claim.tokens.refresh.clone()),
                };
                row.tokens = Some(keyring.seal_tokens(&tokens));
                row.generation += 1;
                row.token_received_at = Some(received_at);
                row.token_expires_at = received_at.checked_add(response.life()).ok().or(Some(Timestamp::MAX));
                // An API that is down is none the better for it.
                if row.error_code.as_deref() == Some(REFRESH_FAILED) {
                    row.forget_trouble();
                }
                tx.audit(By::automation().event(Event::ConnectionRefreshed, row.id.object(), []));
                // CL-12: stored before it is used.
                rows::connection::save(&mut tx, &row).await?;
                tx.commit().await?;
                row.version += 1;
                Ok(live(&row, tokens))
            }
            Judgement::Gone => {
                let message = "the vendor says that the authorization was taken back or has ended".to_owned();
                self.lose_grant(&mut tx, &mut row, "grant_revoked", message).await?;
                tx.commit().await?;
                Err(AccessError::NotReady { state: row.state })
            }
            Judgement::Misconfigured(reason) => {
                row.state = ConnectionState::Misconfigured;
                row.note_trouble(&mut tx, "client_refused", reason);
                let facts = [(Detail::Cause, Fact::Word("client_refused"))];
                tx.audit(By::automation().event(Event::ConnectionMisconfigured, row.id.object(), facts));
                park(&mut tx, row.id);
                rows::connection::save(&mut tx, &row).await?;
                tx.commit().await?;
                Err(AccessError::NotReady { state: row.state })
            }
            Judgement::Passing(reason) => {
                warn!(connection.id = %row.id, reason, "a token could not be refreshed, will try again");
                row.note_trouble(&mut tx, REFRESH_FAILED, reason.clone());
                let still_good = refused.is_none() && row.token_expires_at.is_some_and(|end| tx.now() < end);
                rows::connection::save(&mut tx, &row).await?;
                tx.commit().await?;
                row.version += 1;
                if still_good {
                    return Ok(live(&row, claim.tokens.clone()));
                }
                Err(AccessError::Passing { reason })
            }
        }
    }

    /// The grant is gone: the connection waits for a person, and with it its tasks (CL-17).
    pub(crate) async fn lose_grant(
        &self,
        tx: &mut Tx,
        row: &mut ConnectionRow,
        code: &'static str,
        message: String,
    ) -> Result<(), AccessError> {
        row.state = ConnectionState::NeedsReconnect;
        row.refresh_lease = None;
        row.note_trouble(tx, code, message);
        let facts = [(Detail::Cause, Fact::Word(code))];
        tx.audit(By::automation().event(Event::ConnectionNeedsReconnect, row.id.object(), facts));
        park(tx, row.id);
        rows::connection::save(tx, row).await?;
        Ok(())
    }
}

fn live(row: &ConnectionRow, tokens: Tokens) -> Live {
    Live {
        row: row.clone(),
        access_token: tokens.access,
    }
}

/// What an answer of the token endpoint means.
pub(crate) enum Judgement {
    /// It gave tokens.
    Tokens(TokenResponse),
    /// The grant (or code) is no good.
    Gone,
    /// The client is no good; the reason is in words.
    Misconfigured(String),
    /// It will pass; the reason is in words.
    Passing(String),
}

/// Judges what came of a call to the token endpoint.
pub(crate) fn judge(answer: &Result<Answer, TransportError>) -> Judgement {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Judgement::Passing(error.to_string()),
    };
    let fault = match TokenResponse::parse(answer.status, &answer.body) {
        Ok(response) => return Judgement::Tokens(response),
        Err(fault) => fault,
    };
    match classify_refresh_failure(answer.status, answer.content_type.as_deref(), &answer.body) {
        RefreshFailure::Gone => Judgement::Gone,
        RefreshFailure::Misconfigured => Judgement::Misconfigured(misconfigured(&answer.body)),
        RefreshFailure::Passing => Judgement::Passing(fault.to_string()),
    }
}

fn misconfigured(body: &[u8]) -> String {
    let code = oauth::ErrorBody::parse(body).and_then(|body| body.code());
    match code {
        Some(oauth::ErrorCode::InvalidClient) => {
            "the vendor does not accept the client ID and client secret".to_owned()
        }
        Some(code) => format!("the vendor refuses this client: {}", code.as_str()),
        None => "the vendor refuses this client".to_owned(),
    }
}
