//! Who looks at a page.

use std::{convert::Infallible, net::IpAddr};

use axum::{extract::FromRequestParts, response::Response};
use http::{header, request::Parts};
use rightful_http::{
    ClientAddress, csrf,
    pages::parts::Csrf,
    session::{SessionCookie, SessionToken},
};

use super::{denied::Known, oauth::Onward, page::PageError};
use crate::{Actor, Provider, app::sessions::Session};

/// The provider's cookie. The manager's, on the same host, is called differently.
pub(crate) const COOKIE: SessionCookie = SessionCookie::named("__Host-rightful-provider");

/// Somebody with a browser, whether or not they have logged in.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// What the cookie holds. Before log-in it is stored nowhere; forms are bound to it all the same.
    pub(crate) token: SessionToken,
    /// The browser has no cookie yet.
    fresh: bool,
    /// Who, once they have logged in.
    pub(crate) session: Option<Session>,
    /// From where.
    pub(crate) origin: IpAddr,
    /// The path they are at.
    pub(crate) path: String,
}

impl FromRequestParts<Provider> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, provider: &Provider) -> Result<Self, PageError> {
        let ClientAddress(origin) = ClientAddress::from_request_parts(parts, provider)
            .await
            .unwrap_or_else(|never: Infallible| match never {});
        let sent = COOKIE.read(&parts.headers);
        let session = match &sent {
            Some(token) => provider.session(token).await?,
            None => None,
        };
        if let (Some(session), Some(known)) = (&session, parts.extensions.get::<Known>()) {
            known.is(session.actor(origin));
        }
        Ok(Self {
            fresh: sent.is_none(),
            token: sent.unwrap_or_else(|| SessionToken::generate(&**provider.store().entropy())),
            session,
            origin,
            path: parts.uri.path().to_owned(),
        })
    }
}

impl Visitor {
    /// The hidden field for a form that posts to `action`. A token is good for that path alone (AS-14).
    pub(crate) fn csrf(&self, provider: &Provider, action: &str) -> Csrf {
        Csrf::new(csrf::token(provider.csrf(), &self.token, action))
    }

    /// The same page with a cookie, where the browser has none.
    pub(crate) fn answer(&self, mut response: Response) -> Response {
        if self.fresh {
            response
                .headers_mut()
                .append(header::SET_COOKIE, COOKIE.set(&self.token));
        }
        response
    }

    /// Their session, or the way to the log-in page and back here; or to two-step log-in, where they have to set it up
    /// first (SEC-6).
    pub(crate) fn session(&self) -> Result<&Session, PageError> {
        let session = self.logged_in()?;
        if session.must_set_up_two_step() {
            Err(PageError::SetUpTwoStep(Onward::read("", &self.path)))
        } else {
            Ok(session)
        }
    }

    /// Their session, even before two-step log-in is set up that they need.
    pub(crate) fn logged_in(&self) -> Result<&Session, PageError> {
        self.session.as_ref().ok_or_else(|| PageError::LogIn {
            return_to: self.path.clone(),
        })
    }

    /// The session in which they answer an application; without it the request is over.
    pub(crate) fn answering(&self) -> Result<&Session, PageError> {
        if self.session.is_none() {
            return Err(PageError::RequestGone);
        }
        self.session()
    }

    /// Their session as an administrator of the account they look at.
    pub(crate) fn administrator(&self) -> Result<&Session, PageError> {
        let session = self.session()?;
        session
            .is_administrator()
            .then_some(session)
            .ok_or(PageError::Administrators)
    }

    /// Their session, if they have given their password a short while ago; else the way to give it and back to
    /// `return_to` (SEC-12).
    pub(crate) fn proven(&self, provider: &Provider, return_to: &str) -> Result<&Session, PageError> {
        let session = self.session()?;
        if provider.is_recently_proven(session) {
            Ok(session)
        } else {
            Err(PageError::Prove {
                return_to: return_to.to_owned(),
            })
        }
    }

    /// The same browser with another cookie, which it is given by the next page.
    pub(crate) fn with_token(&self, token: SessionToken) -> Self {
        Self {
            token,
            fresh: true,
            session: None,
            origin: self.origin,
            path: self.path.clone(),
        }
    }

    /// Who acts, for the audit log.
    pub(crate) fn actor(&self) -> Actor {
        match &self.session {
            Some(session) => session.actor(self.origin),
            None => Actor::nobody(Some(self.origin)),
        }
    }
}
