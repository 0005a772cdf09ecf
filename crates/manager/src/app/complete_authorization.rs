//! What the vendor's answer to an authorization leads to.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use connectors::{Call, ConnectorError, Vendor, Whose};
use jiff::SignedDuration;
use oauth::{Callback, CallbackError, CallbackOutcome, CodeExchange, IssuerRule, Secret, Verifier};
use privacy::audit::{Detail, Event, Fact};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx, retried};
use vault::random_bytes;

use super::{
    ConnectionState,
    begin_authorization::digest,
    connection_jobs::park,
    credentials::{Endpoints, Grant, Keyring, Pending, Tokens},
    refresh::{Judgement, judge},
    token_endpoint,
};
use crate::{
    By, ConnectionId, Manager,
    rows::{self, authorization::FlowRow, connection::ConnectionRow},
};

/// How long the page that tells the outcome can be looked at.
const OUTCOME_TTL: SignedDuration = SignedDuration::from_mins(10);

/// How an authorization ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// A stable word: `connected`, `needs_confirmation`, `denied`, `vendor_error`, `wrong_issuer`, `exchange_failed`,
    /// `client_refused`, `check_failed`, `wrong_account`.
    pub code: String,
    /// In plain words. It may quote a stranger: escape it.
    pub message: String,
}

/// An authorization that has ended, well or not.
#[derive(Debug, Clone)]
pub struct Completed {
    /// The connection.
    pub connection: ConnectionId,
    /// How it ended.
    pub outcome: Outcome,
    /// Shows the outcome, for ten minutes, to whoever has it.
    pub ticket: String,
}

/// Why a callback is not followed up: no call was made.
#[derive(Debug, thiserror::Error)]
pub enum CallbackRefused {
    /// It can't be read.
    #[error(transparent)]
    Unreadable(#[from] CallbackError),
    /// Its state belongs to no authorization that is under way: never begun, too old, or used.
    #[error("this authorization was not begun here, is too old, or has been used already")]
    UnknownState,
    /// It was begun in another browser session.
    #[error("this authorization was begun in another browser or by somebody else")]
    OtherSession,
    /// The database failed.
    #[error("the authorization could not be completed")]
    Store(#[from] StoreError),
}

/// What a code led to, still to be stored.
enum Found {
    Grant(Box<Grant>),
    Failed(Outcome),
}

impl Manager {
    /// Follows up a callback, given as its query string: takes its flow, exchanges the code at once, asks whose the grant
    /// is, and takes it into use. `session` is the hash of the browser session that it came with.
    pub async fn complete_authorization(
        &self,
        query: &str,
        session: Option<[u8; 32]>,
    ) -> Result<Completed, CallbackRefused> {
        let callback = Callback::parse(query)?;
        let (flow, row, keyring) = self.take_flow(&callback.state, session).await?;
        let vendor = keyring.vendor(&row)?;
        let endpoints = Endpoints::parse(&flow.endpoints)?;
        let issuer = IssuerRule {
            issuer: &endpoints.issuer,
            advertised: endpoints.iss_advertised,
        };
        let found = match (issuer.check(callback.iss.as_deref()), callback.outcome) {
            // CL-3, CL-4: not even an error of a stranger is believed.
            (Err(error), _) => Found::Failed(outcome("wrong_issuer", error.to_string())),
            (Ok(()), CallbackOutcome::Error { error, description }) => {
                Found::Failed(vendor_error(system(&row), &error, description.as_deref()))
            }
            (Ok(()), CallbackOutcome::Code(code)) => {
                let verifier = Verifier::parse(&keyring.open("verifier", &flow.verifier)?);
                let verifier = verifier.map_err(|error| StoreError::Corrupt {
                    what: "authorization flow",
                    reason: error.to_string(),
                })?;
                let exchange = CodeExchange {
                    code: &code,
                    redirect_uri: &flow.redirect_uri,
                    verifier: &verifier,
                };
                let client_secret = keyring.client_secret(&row)?;
                self.exchange(&row, &exchange, &client_secret, endpoints, &*vendor)
                    .await
            }
        };
        // The code is used up and the tokens are here alone: a conflict must not cost them.
        retried(|| self.store_outcome(&flow, &found)).await
    }

    /// How an authorization ended, for the page that says so.
    pub async fn authorization_outcome(&self, ticket: &str) -> Result<Option<(ConnectionId, Outcome)>, StoreError> {
        let mut read = self.store().read().await?;
        let found = rows::authorization::outcome(&mut read, &digest(ticket)).await?;
        Ok(found.and_then(|(id, text)| Some((id, serde_json::from_str(&text).ok()?))))
    }

    async fn take_flow(
        &self,
        state: &Secret,
        session: Option<[u8; 32]>,
    ) -> Result<(FlowRow, ConnectionRow, Keyring), CallbackRefused> {
        let taken = retried(|| async {
            let mut tx = self.store().write().await?;
            let flow = rows::authorization::take(&mut tx, &digest(state.reveal())).await?;
            let row = match &flow {
                Some(flow) => rows::connection::by_id(&mut tx, flow.connection).await?,
                None => None,
            };
            // Taken is taken, whatever follows.
            tx.commit().await?;
            Ok::<_, StoreError>((flow, row))
        });
        let (flow, row) = taken.await?;
        let (Some(flow), Some(row)) = (flow, row) else {
            return Err(CallbackRefused::UnknownState);
        };
        if flow.session_hash.is_some() && flow.session_hash.as_deref() != session.as_ref().map(<[u8; 32]>::as_slice) {
            return Err(CallbackRefused::OtherSession);
        }
        let keyring = self.keyring(&row)?;
        Ok((flow, row, keyring))
    }

    async fn exchange(
        &self,
        row: &ConnectionRow,
        exchange: &CodeExchange<'_>,
        client_secret: &Secret,
        endpoints: Endpoints,
        vendor: &dyn Vendor,
    ) -> Found {
        let system = system(row);
        let call = exchange.call(&endpoints.client(&row.client_id, client_secret));
        let answer = token_endpoint::post(&**self.transport(), &endpoints.token, call).await;
        let response = match judge(&answer) {
            Judgement::Tokens(response) => response,
            Judgement::Gone => {
                return Found::Failed(outcome(
                    "exchange_failed",
                    format!("{system} does not accept its own code"),
                ));
            }
            Judgement::Misconfigured(reason) => return Found::Failed(outcome("client_refused", reason)),
            Judgement::Passing(reason) => {
                return Found::Failed(outcome("exchange_failed", format!("{system} gave no tokens: {reason}")));
            }
        };
        let received_at = self.now();
        let expires_at = received_at.checked_add(response.life()).unwrap_or(jiff::Timestamp::MAX);
        let tokens = Tokens {
            access: response.access_token,
            refresh: response.refresh_token,
        };
        let call = Call {
            transport: &**self.transport(),
            access_token: &tokens.access,
            account_id: None,
            now: received_at,
        };
        match vendor.check(&call).await {
            Ok(whose) => Found::Grant(Box::new(Grant {
                tokens,
                received_at,
                expires_at,
                endpoints,
                whose,
            })),
            Err(error @ ConnectorError::WrongAccount { .. }) => {
                self.revoke(row, &tokens, Some(&endpoints), client_secret).await;
                Found::Failed(outcome("wrong_account", error.to_string()))
            }
            Err(error) => Found::Failed(outcome("check_failed", error.to_string())),
        }
    }

    async fn store_outcome(&self, flow: &FlowRow, found: &Found) -> Result<Completed, CallbackRefused> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, flow.connection).await?;
        let mut row = row.ok_or(CallbackRefused::UnknownState)?;
        let keyring = self.keyring(&row)?;
        let by = By {
            actor: flow.begun_by.parse().unwrap_or(privacy::Actor::Automation),
            origin: None,
        };
        let outcome = match found {
            Found::Grant(grant) if same_person(&row, &grant.whose) => {
                self.adopt_grant(&mut tx, &mut row, &keyring, grant, &by).await?;
                connected(&grant.whose)
            }
            Found::Grant(grant) => {
                let outcome = needs_confirmation(&row, &grant.whose);
                let pending = Pending {
                    previous: previous_state(&row, &keyring)?,
                    grant: Grant::clone(grant),
                };
                row.pending = Some(keyring.seal_pending(&pending));
                row.state = ConnectionState::NeedsConfirmation;
                row.note_trouble(&mut tx, "needs_confirmation", outcome.message.clone());
                let facts = [(Detail::Target, Fact::code(&pending.grant.whose.account_id))];
                tx.audit(by.event(Event::ConnectionNeedsConfirmation, row.id.object(), facts));
                park(&mut tx, row.id);
                outcome
            }
            Found::Failed(outcome) => {
                note_failure(&mut tx, &mut row, outcome, &by);
                outcome.clone()
            }
        };
        rows::connection::save(&mut tx, &row).await?;
        let ticket = URL_SAFE_NO_PAD.encode(random_bytes::<24>(&**tx.entropy()));
        let expires_at = tx.now().saturating_add(OUTCOME_TTL).unwrap_or(tx.now());
        let text = serde_json::json!(outcome).to_string();
        rows::authorization::keep_outcome(&mut tx, &digest(&ticket), row.id, &text, expires_at).await?;
        tx.commit().await?;
        Ok(Completed {
            connection: flow.connection,
            outcome,
            ticket,
        })
    }
}

fn system(row: &ConnectionRow) -> &'static str {
    connectors::connector(&row.connector).map_or("The vendor", connectors::Connector::title)
}

/// CL-30: a connection that has worked for one account must not silently delete in another.
fn same_person(row: &ConnectionRow, whose: &Whose) -> bool {
    let same = |known: &Option<String>, now: &String| known.as_ref().is_none_or(|known| known == now);
    same(&row.account_id, &whose.account_id) && same(&row.user_id, &whose.user_id)
}

fn previous_state(row: &ConnectionRow, keyring: &Keyring) -> Result<ConnectionState, StoreError> {
    // Authorized twice without a decision: what was before the first counts.
    Ok(match keyring.pending(row)? {
        Some(pending) => pending.previous,
        None => row.state,
    })
}

fn note_failure(tx: &mut Tx, row: &mut ConnectionRow, outcome: &Outcome, by: &By) {
    let facts = [(Detail::Cause, Fact::code(&outcome.code))];
    tx.audit(by.event(Event::ConnectionAuthorizationFailed, row.id.object(), facts));
    // A connection that works goes on working, whatever came of authorizing it once more.
    if row.state == ConnectionState::Connected {
        return;
    }
    if outcome.code == "client_refused" {
        row.state = ConnectionState::Misconfigured;
        let facts = [(Detail::Cause, Fact::Word("client_refused"))];
        tx.audit(by.event(Event::ConnectionMisconfigured, row.id.object(), facts));
    }
    row.note_trouble(tx, &outcome.code, outcome.message.clone());
}

fn outcome(code: &str, message: String) -> Outcome {
    Outcome {
        code: code.to_owned(),
        message,
    }
}

fn account(id: &str, name: Option<&str>) -> String {
    name.map_or_else(|| format!("account {id}"), |name| format!("{name} (account {id})"))
}

fn connected(whose: &Whose) -> Outcome {
    let account = account(&whose.account_id, whose.account_name.as_deref());
    outcome("connected", format!("The connection works for {account}."))
}

fn needs_confirmation(row: &ConnectionRow, whose: &Whose) -> Outcome {
    let new = account(&whose.account_id, whose.account_name.as_deref());
    let old = account(row.account_id.as_deref().unwrap_or("-"), row.account_name.as_deref());
    let message = if row.account_id.as_deref() == Some(whose.account_id.as_str()) {
        format!("Another user than before authorized {new}. Somebody has to confirm that this is meant.")
    } else {
        format!(
            "Until now this was {old}; the new authorization is for {new}. Somebody has to confirm that this is meant."
        )
    };
    outcome("needs_confirmation", message)
}

/// A stranger's words, made short and printable; pages escape them (CL-6).
fn vendor_error(system: &str, error: &str, description: Option<&str>) -> Outcome {
    let tame = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    if error == "access_denied" {
        return outcome("denied", format!("Somebody declined the authorization at {system}."));
    }
    let description = description.map(tame).filter(|text| !text.is_empty());
    let description = description.map_or_else(String::new, |text| format!(" ({text})"));
    outcome(
        "vendor_error",
        format!("{system} answered with the error {}{description}.", tame(error)),
    )
}
