//! Who is looking, the frame around what they see, and the forms that they send.

use askama::Template;
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse as _, Response},
};
use http::{Method, request::Parts};
use rightful_http::{
    ClientAddress, csrf,
    extract::FormPairs,
    pages::{Layout, NavItem, Shell, User, parts::Csrf},
    session::{SessionCookie, SessionToken},
};

use super::PageError;
use crate::{By, Manager, OperatorId, Permission, Role};

/// The portal's cookie.
pub(crate) const COOKIE: SessionCookie = SessionCookie::named("__Host-rightful-manager");

/// The place in the navigation that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Home,
    Requests,
    Connections,
}

/// The operator who is logged in. Extracting it sends others to the log-in page.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) id: OperatorId,
    pub(crate) role: Role,
    pub(crate) email: String,
    /// For use cases: who does it, and from where.
    pub(crate) by: By,
    token: SessionToken,
    manager: Manager,
}

impl Operator {
    /// Whether their role allows it.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.role.allows(permission)
    }

    /// Refuses whoever may not do it.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), PageError> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(PageError::Forbidden)
        }
    }

    /// The hidden field of a form that posts to the path `action`.
    pub(crate) fn csrf(&self, action: &str) -> Csrf {
        Csrf::new(csrf::token(&self.manager.vault().mac("csrf"), &self.token, action))
    }

    /// The hash of their session, that an authorization is bound to.
    pub(crate) fn session(&self) -> [u8; 32] {
        self.token.hash()
    }

    /// Their session itself.
    pub(crate) const fn token(&self) -> &SessionToken {
        &self.token
    }

    /// The whole page around `body`, with bar and navigation.
    pub(crate) fn page(&self, section: Section, title: &str, body: &impl Template) -> Response {
        self.page_in(section, title, Layout::Wide, body)
    }

    /// The same in another layout.
    pub(crate) fn page_in(&self, section: Section, title: &str, layout: Layout, body: &impl Template) -> Response {
        let item = |label, href, of| NavItem {
            label,
            href,
            current: of == section,
        };
        let nav = [
            item("Overview", "/", Section::Home),
            item("Requests", "/requests", Section::Requests),
            item("Connections", "/connections", Section::Connections),
        ];
        let mut shell = Shell::new(&self.manager.settings().brand, title).layout(layout);
        shell.nav = &nav;
        shell.user = Some(User {
            name: &self.email,
            logout: "/logout",
            csrf: self.csrf("/logout"),
        });
        shell.around(body)
    }
}

impl FromRequestParts<Manager> for Operator {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, manager: &Manager) -> Result<Self, PageError> {
        let token = COOKIE.read(&parts.headers);
        let found = match &token {
            Some(token) => manager.logged_in(token).await?,
            None => None,
        };
        let (Some(token), Some(operator)) = (token, found) else {
            // A form that was sent is lost; its page is not.
            let next = (parts.method == Method::GET).then(|| parts.uri.path().to_owned());
            return Err(PageError::LogIn(next.unwrap_or_default()));
        };
        Ok(Self {
            id: operator.id,
            role: operator.role,
            email: operator.email,
            by: By::operator(operator.id, origin(parts, manager).await),
            token,
            manager: manager.clone(),
        })
    }
}

/// From which address a request comes, for the record.
pub(crate) async fn origin(parts: &mut Parts, manager: &Manager) -> Option<String> {
    match ClientAddress::from_request_parts(parts, manager).await {
        Ok(ClientAddress(address)) => Some(address.to_string()),
    }
}

/// A form that the operator sent from our own page to this very path.
pub(crate) struct Submitted {
    pub(crate) operator: Operator,
    pub(crate) fields: FormPairs,
}

impl Submitted {
    /// A field without surrounding space; absent is empty, twice is refused.
    pub(crate) fn field(&self, name: &str) -> Result<&str, PageError> {
        let field = self.fields.one(name).map_err(|refusal| PageError::Refused {
            status: refusal.status,
            reason: refusal.sentence(),
        })?;
        Ok(field.unwrap_or_default().trim())
    }
}

impl FromRequest<Manager> for Submitted {
    type Rejection = Response;

    async fn from_request(request: Request, manager: &Manager) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let operator = Operator::from_request_parts(&mut parts, manager)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let (action, headers) = (parts.uri.path().to_owned(), parts.headers.clone());
        let fields = FormPairs::from_request(Request::from_parts(parts, body), manager)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let presented = fields
            .one(csrf::FIELD)
            .map_err(axum::response::IntoResponse::into_response)?;
        csrf::check(
            &manager.vault().mac("csrf"),
            &operator.token,
            &action,
            presented.unwrap_or_default(),
            &headers,
            &manager.settings().public_url,
        )
        .map_err(|error| PageError::Forged(error.to_string()).into_response())?;
        Ok(Self { operator, fields })
    }
}
