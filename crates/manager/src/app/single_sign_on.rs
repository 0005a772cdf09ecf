//! Single sign-on: OpenID Connect Core 1.0, the authorization code flow with PKCE.

mod claims;
mod keys;
mod provider;

use jiff::SignedDuration;
use oauth::{Secret, Verifier};
use privacy::audit::{Detail, Event, Fact};
use rightful_http::{client::TransportError, session::SessionToken};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx, retried};
use url::Url;
use vault::{Place, random_bytes};

use self::claims::Claims;
use super::sign_in::{Entered, Visitor, ticket};
use crate::{
    Manager, Role,
    app::operators::normal,
    rows::{self, operator::OperatorRow, ticket::Purpose},
};

/// How long somebody may take at the identity provider.
const AWAY: SignedDuration = SignedDuration::from_mins(10);
/// Where they come back to.
pub(crate) const CALLBACK: &str = "/login/single-sign-on/callback";

/// Why nobody is let in through single sign-on.
#[derive(Debug, thiserror::Error)]
pub enum SingleSignOnError {
    /// Nothing is set up.
    #[error("single sign-on is not set up here")]
    NotConfigured,
    /// The identity provider can't be used.
    #[error("the identity provider can't be used just now: {reason}")]
    Provider {
        /// In plain words.
        reason: String,
    },
    /// The identity provider said no.
    #[error("the identity provider did not log you in ({code})")]
    Refused {
        /// Its code.
        code: String,
    },
    /// The answer does not belong to a log-in of this browser, or came too late.
    #[error("this log-in was not begun in this browser, or took too long: please begin once more")]
    Foreign,
    /// The ID token is not what it should be.
    #[error("the identity provider's answer was not accepted: {reason}")]
    Token {
        /// What is wrong with it; nothing of its contents.
        reason: &'static str,
    },
    /// Nobody invited them.
    #[error("there is no account for you here: ask an administrator for an invitation")]
    NotInvited,
    /// They were deactivated.
    #[error("your account was deactivated: ask an administrator")]
    Deactivated,
    /// The database failed.
    #[error("could not log in")]
    Store(#[from] StoreError),
}

impl SingleSignOnError {
    /// The word of it in the audit log; none where it says nothing about a person.
    const fn word(&self) -> Option<&'static str> {
        match self {
            Self::Refused { .. } => Some("sso_refused"),
            Self::Foreign => Some("sso_foreign"),
            Self::Token { .. } => Some("sso_token"),
            Self::NotInvited => Some("sso_not_invited"),
            Self::Deactivated => Some("sso_deactivated"),
            Self::NotConfigured | Self::Provider { .. } | Self::Store(_) => None,
        }
    }
}

impl From<TransportError> for SingleSignOnError {
    fn from(error: TransportError) -> Self {
        Self::Provider {
            reason: error.to_string(),
        }
    }
}

/// What is remembered until somebody comes back, sealed.
#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    /// The hash of the browser's cookie.
    browser: String,
    /// Where they go on to.
    next: String,
    /// They must prove who they are, even if the identity provider knows them already.
    again: bool,
}

/// What comes back from the identity provider.
#[derive(Debug, Default)]
pub struct CameBack {
    /// The `state`.
    pub state: String,
    /// The code, or none.
    pub code: Option<Secret>,
    /// The error, or none.
    pub error: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
}

impl Manager {
    /// Where the browser that holds `token` is sent to log in; `next` is where it goes on to afterwards. With `again` the
    /// person must prove who they are once more.
    pub async fn begin_single_sign_on(
        &self,
        token: &SessionToken,
        next: &str,
        again: bool,
    ) -> Result<Url, SingleSignOnError> {
        let client = provider::Client::of(self.settings()).ok_or(SingleSignOnError::NotConfigured)?;
        let described = provider::describe(&**self.transport(), &client).await?;
        let random = || random_bytes::<32>(&**self.store().entropy());
        let verifier = Verifier::from_entropy(random());
        let begun = Begun {
            nonce: crate::hex::hex(&random()),
            verifier: verifier.reveal().to_owned(),
            browser: crate::hex::hex(&token.hash()),
            next: next.to_owned(),
            again,
        };
        let text = serde_json::to_vec(&begun).unwrap_or_default();
        let sealed = self.vault().seal(&PLACE, &text);
        let issued = retried(|| async {
            let mut tx = self.store().write().await?;
            let issued = ticket::issue(&mut tx, Purpose::SingleSignOn, None, Some(sealed.clone()), AWAY).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(issued)
        });
        let (state, _) = issued.await?;
        let mut url = described.authorization_endpoint;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", &self.settings().page(CALLBACK))
            .append_pair("scope", "openid email")
            .append_pair("state", state.reveal())
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &verifier.challenge().to_string())
            .append_pair("code_challenge_method", "S256");
        if again {
            url.query_pairs_mut()
                .append_pair("prompt", "login")
                .append_pair("max_age", "0");
        }
        Ok(url)
    }

    /// Lets in who came back from the identity provider, and says where they go on to.
    pub async fn finish_single_sign_on(
        &self,
        token: &SessionToken,
        back: CameBack,
        visitor: &Visitor,
    ) -> Result<(Entered, String), SingleSignOnError> {
        let finished = self.try_single_sign_on(token, back, visitor).await;
        if let Some(word) = finished.as_ref().err().and_then(SingleSignOnError::word) {
            let facts = [(Detail::Reason, Fact::Word(word))];
            let refused = visitor
                .as_stranger()
                .event(Event::SessionRefused, "session".to_owned(), facts);
            let recorded = retried(|| async {
                let mut tx = self.store().write().await?;
                tx.audit(refused.clone());
                tx.commit().await
            });
            recorded.await?;
        }
        finished
    }

    async fn try_single_sign_on(
        &self,
        token: &SessionToken,
        back: CameBack,
        visitor: &Visitor,
    ) -> Result<(Entered, String), SingleSignOnError> {
        let client = provider::Client::of(self.settings()).ok_or(SingleSignOnError::NotConfigured)?;
        let begun = self.used_up(&Secret::new(back.state), token).await?;
        if back.iss.is_some_and(|iss| iss != client.issuer) {
            return Err(SingleSignOnError::Foreign);
        }
        if let Some(code) = back.error {
            let is_code = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let code = if is_code { code } else { "an unknown error".to_owned() };
            return Err(SingleSignOnError::Refused { code });
        }
        let code = back.code.ok_or(SingleSignOnError::Foreign)?;
        let transport = &**self.transport();
        let described = provider::describe(transport, &client).await?;
        let redirect_uri = self.settings().page(CALLBACK);
        let verifier = Secret::new(begun.verifier);
        let tokens = provider::exchange(transport, &client, &described, &code, &redirect_uri, &verifier).await?;
        let keys = provider::keys(transport, &described).await?;
        let now = self.now();
        let mut claims = claims::verified(&tokens.id_token, &keys, &client, &begun.nonce, now)?;
        if begun.again {
            claims.must_be_recent(now)?;
        }
        if claims.email.is_none() {
            let told = provider::userinfo(transport, &described, &tokens.access_token).await?;
            claims.take_email(told)?;
        }
        let next = begun.next;
        let entered = retried(|| self.let_in_once(token, &client.issuer, &claims, visitor)).await?;
        Ok((entered, next))
    }

    async fn let_in_once(
        &self,
        token: &SessionToken,
        issuer: &str,
        claims: &Claims,
        visitor: &Visitor,
    ) -> Result<Entered, SingleSignOnError> {
        let mut tx = self.store().write().await?;
        let mut operator = self.recognised(&mut tx, issuer, claims, visitor).await?;
        // The session that the browser had, if any, is worth nothing from now on (SEC-9).
        rows::session::end(&mut tx, &token.hash()).await?;
        let token = self
            .begin_session(&mut tx, &mut operator, visitor, "single_sign_on")
            .await?;
        tx.commit().await?;
        let device = self.new_device(operator.id);
        Ok(Entered::In { token, device })
    }

    /// What was remembered for this state, in the browser that it was begun in; once.
    async fn used_up(&self, state: &Secret, token: &SessionToken) -> Result<Begun, SingleSignOnError> {
        retried(|| self.used_up_once(state, token)).await
    }

    async fn used_up_once(&self, state: &Secret, token: &SessionToken) -> Result<Begun, SingleSignOnError> {
        let mut tx = self.store().write().await?;
        let found = ticket::find(&mut tx, state, Purpose::SingleSignOn).await?;
        let found = found.ok_or(SingleSignOnError::Foreign)?;
        let sealed = found.contents.as_deref().unwrap_or_default();
        let opened = self
            .vault()
            .open(&PLACE, sealed)
            .map_err(|_| SingleSignOnError::Foreign)?;
        let begun: Begun = serde_json::from_slice(&opened).map_err(|_| SingleSignOnError::Foreign)?;
        if begun.browser != crate::hex::hex(&token.hash()) || !rows::ticket::use_up(&mut tx, &found.hash).await? {
            return Err(SingleSignOnError::Foreign);
        }
        tx.commit().await?;
        Ok(begun)
    }

    /// Who it is: by issuer and subject, once they are known; the first time by the mail address (SEC-23).
    async fn recognised(
        &self,
        tx: &mut Tx,
        issuer: &str,
        claims: &Claims,
        visitor: &Visitor,
    ) -> Result<OperatorRow, SingleSignOnError> {
        tx.lock("sign-in", "operators").await?;
        let mut operator = match rows::operator::by_subject(tx, issuer, &claims.sub).await? {
            Some(operator) => operator,
            None => self.first_time(tx, issuer, claims, visitor).await?,
        };
        if operator.deactivated_at.is_some() {
            return Err(SingleSignOnError::Deactivated);
        }
        if operator.activated_at.is_none() {
            operator.activated_at = Some(tx.now());
            rows::ticket::withdraw(tx, operator.id, Purpose::Invitation).await?;
            rows::operator::save(tx, &operator).await?;
        }
        Ok(operator)
    }

    async fn first_time(
        &self,
        tx: &mut Tx,
        issuer: &str,
        claims: &Claims,
        visitor: &Visitor,
    ) -> Result<OperatorRow, SingleSignOnError> {
        let email = claims.vouched_email()?;
        let email = normal(email);
        let known = rows::operator::by_email(tx, &self.email_index(&email)).await?;
        let mut operator = match known {
            // Somebody else of the identity provider had this address before.
            Some(operator) if operator.sso_subject.is_some() => return Err(SingleSignOnError::NotInvited),
            Some(operator) => operator,
            None if self.settings().is_oidc_domain(&email) => {
                let (row, index) = self
                    .prepare_invited(&email, Role::Viewer)
                    .map_err(|_| SingleSignOnError::NotInvited)?;
                rows::operator::insert(tx, &row, &index).await?;
                let facts = [(Detail::Role, Fact::Word(row.role.name()))];
                tx.audit(
                    visitor
                        .as_operator(row.id)
                        .event(Event::UserCreated, row.id.object(), facts),
                );
                row
            }
            None => return Err(SingleSignOnError::NotInvited),
        };
        if operator.deactivated_at.is_some() {
            return Err(SingleSignOnError::Deactivated);
        }
        operator.sso_issuer = Some(issuer.to_owned());
        operator.sso_subject = Some(claims.sub.clone());
        rows::operator::save(tx, &operator).await?;
        let by = visitor.as_operator(operator.id);
        tx.audit(by.event(Event::UserSingleSignOnBound, operator.id.object(), []));
        Ok(operator)
    }
}

const PLACE: Place<'static> = Place {
    table: "ticket",
    column: "contents",
    row: "single_sign_on",
};
