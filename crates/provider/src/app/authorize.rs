//! The user's decision about an application (RFC 6749 section 4.1.1).
//!
//! What is asked stays on the server as the query that asked it, and is read anew at each step: an application that was
//! deleted or changed meanwhile, or a redirect URI that was taken out, ends the request.

use std::{net::IpAddr, sync::Arc};

use jiff::SignedDuration;
use oauth::{
    AuthorizationCode, ClientId, ErrorCode, Parameters, ResponseType, Secret, TokenResponse,
    authorize::{AuthorizationRequest, PageRefusal, RedirectRefusal, named_client, prove_target},
};
use serde_json::json;
use store::{StoreError, Tx, retried};

use super::{
    grants,
    sessions::Session,
    throttles::Throttled,
    tokens::{self, AccessToken, CODE},
};
use crate::{
    AccountId, GrantId, Membership, Provider, RequestId,
    rows::{self, application::StoredApplication, code::Promised, grant::NewGrant},
    steps::tidy,
};

/// How long a user may think about it.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// A longer query is not kept. Browsers and proxies end well before.
const LONGEST_QUERY: usize = 16 * 1024;

/// An authorization request that was understood.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asks.
    pub application: AskingApplication,
    /// What is asked.
    pub request: AuthorizationRequest,
}

/// What a user needs to know of the application that asks.
#[derive(Debug, Clone)]
pub struct AskingApplication {
    /// Its public name in the protocol.
    pub id: ClientId,
    /// As people know it.
    pub name: String,
    /// The account that registered it.
    pub registered_by: String,
}

/// An authorization request that waits for its user.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Names it in the forms.
    pub id: RequestId,
    /// The query that asked. It holds the application's `state`.
    pub query: Secret,
    /// What is asked.
    pub asked: Asked,
    /// The account it is about; None while the user has to choose one of theirs.
    pub account: Option<Membership>,
}

/// Why an authorization request goes no further.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// Nobody proven asks: a page, no redirect (AS-4).
    #[error(transparent)]
    Page(#[from] PageRefusal),
    /// The application is told.
    #[error("the authorization request was refused")]
    Redirect(Box<RedirectRefusal>),
    /// The request was answered, has waited too long, or is another session's.
    #[error("this authorization request is no longer open")]
    Gone,
    /// It does not fit into an address bar either.
    #[error("the authorization request is too long")]
    TooLong,
    /// The application calls too often.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database failed.
    #[error("the authorization request could not be handled")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Understands the query of `/oauth2/authorize`.
    pub async fn read_authorization(&self, query: &str) -> Result<Asked, AuthorizeError> {
        if query.len() > LONGEST_QUERY {
            return Err(AuthorizeError::TooLong);
        }
        let parameters = Parameters::parse(query).map_err(PageRefusal::from)?;
        let client = named_client(&parameters)?;
        let application = self
            .authority()
            .application(self.authority().now().await?, client)
            .await?;
        let client = application.as_ref().map(|application| &application.client);
        let target = prove_target(&parameters, client)?;
        let request = target
            .request(&parameters, &self.settings().resource())
            .map_err(|refusal| AuthorizeError::Redirect(Box::new(refusal)))?;
        let application = application.ok_or(PageRefusal::UnknownClient)?;
        Ok(Asked {
            application: AskingApplication::from(&application),
            request,
        })
    }

    /// Counts a call of the authorization endpoint.
    pub(crate) async fn count_authorization(&self, client: ClientId, origin: IpAddr) -> Result<(), AuthorizeError> {
        self.throttles().take_named(client, origin).await
    }

    /// Keeps a request until its user has decided.
    pub async fn begin_authorization(
        &self,
        session: &Session,
        query: &str,
        asked: Asked,
    ) -> Result<Waiting, AuthorizeError> {
        let account = match (asked.request.account, session.memberships.as_slice()) {
            (Some(id), _) => Some(member(session, AccountId(id), &asked)?),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        };
        let chosen = account.as_ref().map(|membership| membership.account.id);
        let begun = retried(|| async {
            let mut tx = self.store().write().await?;
            let id = RequestId(random_id(&tx));
            rows::authorization_request::insert(&mut tx, id, session.token.hash(), query, chosen).await?;
            tidy::enqueue(&mut tx);
            tx.commit().await?;
            Ok::<_, StoreError>(id)
        });
        let id = begun.await?;
        Ok(Waiting {
            id,
            query: Secret::new(query.to_owned()),
            asked,
            account,
        })
    }

    /// A request of this session that waits.
    pub async fn waiting_authorization(&self, session: &Session, id: RequestId) -> Result<Waiting, AuthorizeError> {
        let stored =
            rows::authorization_request::by_id(&mut self.store().read().await?, id, session.token.hash()).await?;
        let patient = |created| self.clock().now().duration_since(created) < PATIENCE;
        let stored = stored
            .filter(|stored| patient(stored.created_at))
            .ok_or(AuthorizeError::Gone)?;
        let asked = self.read_authorization(&stored.query).await?;
        let account = match stored.account {
            Some(account) => Some(member(session, account, &asked)?),
            None => None,
        };
        Ok(Waiting {
            id,
            query: Secret::new(stored.query),
            asked,
            account,
        })
    }

    /// The user has chosen one of their accounts for the request.
    pub async fn choose_account(
        &self,
        session: &Session,
        waiting: &Waiting,
        account: AccountId,
    ) -> Result<(), AuthorizeError> {
        retried(|| self.choose_account_once(session, waiting, account)).await
    }

    async fn choose_account_once(
        &self,
        session: &Session,
        waiting: &Waiting,
        account: AccountId,
    ) -> Result<(), AuthorizeError> {
        if waiting.asked.request.account.is_some_and(|asked| asked != account.0) {
            return Err(AuthorizeError::Gone);
        }
        member(session, account, &waiting.asked)?;
        let mut tx = self.store().write().await?;
        rows::authorization_request::set_account(&mut tx, waiting.id, account).await?;
        Ok(tx.commit().await?)
    }

    /// The user accepts: a code, or for the implicit grant a token, is issued. Returns where the browser goes.
    pub async fn accept_authorization(
        &self,
        session: &Session,
        waiting: Waiting,
        origin: IpAddr,
    ) -> Result<Secret, AuthorizeError> {
        retried(|| self.accept_authorization_once(session, &waiting, origin)).await
    }

    async fn accept_authorization_once(
        &self,
        session: &Session,
        waiting: &Waiting,
        origin: IpAddr,
    ) -> Result<Secret, AuthorizeError> {
        let account = waiting.account.as_ref().ok_or(AuthorizeError::Gone)?.account.id;
        let request = &waiting.asked.request;
        let mut tx = self.store().write().await?;
        if !rows::authorization_request::take(&mut tx, waiting.id).await? {
            return Err(AuthorizeError::Gone);
        }
        let promised = Promised {
            grant: GrantId(tx.new_id()),
            user: session.user,
            account,
        };
        let (address, issuer) = (request.return_address(), self.settings().issuer());
        let answer = match request.response_type {
            ResponseType::Code => {
                let code = self.issue_code(&mut tx, request, promised).await?;
                address.with_code(&code, issuer)
            }
            ResponseType::Token => {
                let token = self.issue_implicit(&mut tx, request, promised).await?;
                address.with_token(&token, issuer)
            }
        };
        let detail = json!({
            "client": request.client.number(),
            "account": account,
            "response_type": request.response_type.as_str(),
        });
        tx.audit(
            session
                .actor(origin)
                .did("authorization.accepted", grants::object(promised.grant), detail),
        );
        tx.commit().await?;
        Ok(answer)
    }

    /// The user denies. Returns where the browser goes.
    pub async fn deny_authorization(
        &self,
        session: &Session,
        waiting: Waiting,
        origin: IpAddr,
    ) -> Result<Secret, AuthorizeError> {
        retried(|| self.deny_authorization_once(session, &waiting, origin)).await
    }

    async fn deny_authorization_once(
        &self,
        session: &Session,
        waiting: &Waiting,
        origin: IpAddr,
    ) -> Result<Secret, AuthorizeError> {
        let request = &waiting.asked.request;
        let mut tx = self.store().write().await?;
        if !rows::authorization_request::take(&mut tx, waiting.id).await? {
            return Err(AuthorizeError::Gone);
        }
        let object = format!("application:{}", request.client);
        tx.audit(session.actor(origin).did("authorization.denied", object, json!({})));
        tx.commit().await?;
        Ok(request.return_address().with_error(
            ErrorCode::AccessDenied,
            "the user denied access",
            self.settings().issuer(),
        ))
    }

    async fn issue_code(
        &self,
        tx: &mut Tx,
        request: &AuthorizationRequest,
        promised: Promised,
    ) -> Result<Secret, StoreError> {
        let code = tokens::random(CODE, &**self.store().entropy());
        let stored = AuthorizationCode {
            client: request.client,
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge,
            scope: request.scope,
            grant: promised,
            expires_at: later(tx, self.settings().authorization_code_ttl.signed()),
            redeemed_at: None,
        };
        rows::code::insert(tx, tokens::hash(&code), &stored).await?;
        Ok(code)
    }

    /// The grant ends with its only token: nothing can renew it (RFC 6749 section 4.2.2).
    async fn issue_implicit(
        &self,
        tx: &mut Tx,
        request: &AuthorizationRequest,
        promised: Promised,
    ) -> Result<TokenResponse, StoreError> {
        let expires_at = later(tx, self.settings().access_token_ttl.signed());
        let grant = NewGrant {
            id: promised.grant,
            client: request.client,
            user: promised.user,
            account: promised.account,
            expires_at: Some(expires_at),
        };
        rows::grant::insert(tx, grant).await?;
        let token = AccessToken {
            grant: promised.grant,
            issued_at: tx.now(),
            expires_at,
        };
        let token = self.tokens().issue_access(&token, &**self.store().entropy());
        Ok(TokenResponse::new(
            token,
            self.settings().access_token_ttl.duration().as_secs(),
        ))
    }
}

/// The user's membership of the account; who does not belong to it may not authorize anybody for it.
fn member(session: &Session, account: AccountId, asked: &Asked) -> Result<Membership, AuthorizeError> {
    session.membership(account).cloned().ok_or_else(|| {
        AuthorizeError::Redirect(Box::new(RedirectRefusal {
            to: asked.request.return_address(),
            error: ErrorCode::AccessDenied,
            description: "the user does not belong to this account".into(),
        }))
    })
}

/// Unlike a version 7 UUID it cannot be guessed from the time.
fn random_id(tx: &Tx) -> uuid::Uuid {
    uuid::Builder::from_random_bytes(vault::random_bytes(&**tx.entropy())).into_uuid()
}

pub(super) fn later(tx: &Tx, by: SignedDuration) -> jiff::Timestamp {
    tx.now().saturating_add(by).unwrap_or(jiff::Timestamp::MAX)
}

impl From<&Arc<StoredApplication>> for AskingApplication {
    fn from(stored: &Arc<StoredApplication>) -> Self {
        Self {
            id: stored.client.id,
            name: stored.name.clone(),
            registered_by: stored.account_name.clone(),
        }
    }
}
