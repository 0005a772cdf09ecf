//! Who is looking, the frame around what they see, and the forms that they send.

use askama::Template;
use axum::{
    Extension,
    extract::{FromRequest, FromRequestParts, Request},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, Method, header, request::Parts};
use rightful_http::{
    ClientAddress, csrf,
    extract::FormPairs,
    headers::ContentPolicy,
    pages::{
        Layout, Link, NavItem, Shell, Side, User,
        parts::{Csrf, LIVE_HEADER, Toast},
    },
    session::{SessionCookie, SessionToken},
};

use super::{PageError, denied::Caller, guest, settings};
use crate::{By, Manager, OperatorId, Permission, Role, SessionId, app::Visitor};

/// The portal's cookie.
pub(crate) const COOKIE: SessionCookie = SessionCookie::named("__Host-rightful-manager");

/// The cookie that carries what was just done to the next page.
pub(super) const TOAST: &str = "__Host-rightful-manager-toast";

/// The place in the navigation that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Home,
    Requests,
    Connections,
    /// One of the [`settings::PLACES`]: its path.
    Settings(&'static str),
    Audit,
    /// One's own pages, that stand in the account menu.
    Profile,
}

impl Section {
    fn is_settings(self) -> bool {
        matches!(self, Self::Settings(_))
    }
}

/// The operator who is logged in. Extracting it sends others to the log-in page.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) id: OperatorId,
    pub(crate) role: Role,
    pub(crate) email: String,
    /// For use cases: who does it, and from where.
    pub(crate) by: By,
    /// Their browser.
    pub(crate) visitor: Visitor,
    /// Their session, as it is listed.
    pub(crate) session_id: SessionId,
    /// Whether they must set an authenticator up before anything else.
    pub(crate) must_enrol: bool,
    is_recent: bool,
    token: SessionToken,
    toast: Option<Toast>,
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

    /// Has them prove who they are where they have not done so lately, and sends them to the page `next` afterwards
    /// (SEC-12). For what a session that was left open should not be enough for.
    pub(crate) fn require_recent(&self, next: &str) -> Result<(), PageError> {
        if self.is_recent {
            Ok(())
        } else {
            Err(PageError::Confirm(next.to_owned()))
        }
    }

    /// The hidden field of a form that posts to the path `action`.
    pub(crate) fn csrf(&self, action: &str) -> Csrf {
        Csrf::new(csrf::token(&self.manager.vault().mac("csrf"), &self.token, action))
    }

    /// Whether a form with this token was sent from our own page to the path `action`.
    pub(crate) fn check_form(&self, action: &str, presented: &str, headers: &HeaderMap) -> Result<(), PageError> {
        let key = self.manager.vault().mac("csrf");
        let public_url = &self.manager.settings().public_url;
        csrf::check(&key, &self.token, action, presented, headers, public_url)
            .map_err(|error| PageError::Forged(error.to_string()))
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
        self.framed(section, title, layout, false, body)
    }

    /// The same for a page with parts that bring themselves up to date.
    pub(crate) fn live_page(&self, section: Section, title: &str, body: &impl Template) -> Response {
        let policy = ContentPolicy::default().with_own_scripts();
        (Extension(policy), self.framed(section, title, Layout::Wide, true, body)).into_response()
    }

    /// The answer to a form: on to `path`, where `toast` is shown.
    pub(crate) fn see(path: &str, toast: &Toast) -> Response {
        ([(header::SET_COOKIE, toast.set(TOAST))], Redirect::to(path)).into_response()
    }

    fn framed(&self, section: Section, title: &str, layout: Layout, live: bool, body: &impl Template) -> Response {
        let places: Vec<_> = settings::PLACES
            .iter()
            .filter(|place| self.may(place.permission))
            .collect();
        let mut nav = vec![
            ("Overview", "/", section == Section::Home),
            ("Requests", "/requests", section == Section::Requests),
            ("Connections", "/connections", section == Section::Connections),
        ];
        if !places.is_empty() {
            nav.push(("Settings", "/settings", section.is_settings()));
        }
        if self.may(Permission::ReadAudit) {
            nav.push(("Audit", "/audit", section == Section::Audit));
        }
        let item = |(label, href, current)| NavItem { label, href, current };
        let nav: Vec<_> = nav.into_iter().map(item).collect();
        let here = |place: &&settings::Place| (place.label, place.path, section == Section::Settings(place.path));
        let places: Vec<_> = places.iter().map(here).map(item).collect();
        let profile = [Link {
            label: "Your profile",
            href: "/profile",
        }];
        let brand = self.manager.company_as_known().brand.clone();
        let mut shell = Shell::new(&brand.name, title).layout(layout);
        shell.accent = brand.accent();
        shell.nav = &nav;
        shell.live = live;
        shell.toast = self.toast.as_ref();
        shell.side = section.is_settings().then_some(Side {
            label: "Settings",
            items: &places,
        });
        shell.user = Some(User {
            name: &self.email,
            role: self.role.title(),
            links: &profile,
            logout: "/logout",
            csrf: self.csrf("/logout"),
        });
        let page = shell.around(body);
        match self.toast {
            Some(_) => (AppendHeaders([(header::SET_COOKIE, Toast::clear(TOAST))]), page).into_response(),
            None => page,
        }
    }
}

impl FromRequestParts<Manager> for Operator {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, manager: &Manager) -> Result<Self, PageError> {
        let token = COOKIE.read(&parts.headers);
        // What a page asks for by itself keeps nobody logged in (SEC-10).
        let by_itself = parts.headers.contains_key(LIVE_HEADER);
        let found = match &token {
            Some(token) if by_itself => manager.session_of(token).await?,
            Some(token) => manager.logged_in(token).await?,
            None => None,
        };
        let (Some(token), Some(operator)) = (token, found) else {
            if by_itself {
                return Err(PageError::Reload);
            }
            // A form that was sent is lost; its page is not.
            let next = (parts.method == Method::GET).then(|| parts.uri.path().to_owned());
            return Err(PageError::LogIn(next.unwrap_or_default()));
        };
        let by = By::operator(operator.id, origin(parts, manager).await);
        if let Some(caller) = parts.extensions.get::<Caller>() {
            caller.is(&by);
        }
        let path = parts.uri.path();
        if operator.must_enrol && path != "/logout" && path != "/confirm" && !path.starts_with("/profile") {
            return Err(PageError::Enrol);
        }
        // Brand and names of laws on the page that follows are as they are now.
        manager.company().await?;
        Ok(Self {
            id: operator.id,
            role: operator.role,
            email: operator.email,
            by,
            visitor: guest::visitor(parts, manager).await,
            session_id: operator.session,
            must_enrol: operator.must_enrol,
            is_recent: operator.is_recent,
            token,
            toast: Toast::read(TOAST, &parts.headers),
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
        Ok(self.raw(name)?.trim())
    }
}

impl Submitted {
    /// A field as it was typed: for passwords, where every space counts.
    pub(crate) fn raw(&self, name: &str) -> Result<&str, PageError> {
        let field = self.fields.one(name).map_err(|refusal| PageError::Refused {
            status: refusal.status,
            reason: refusal.sentence(),
        })?;
        Ok(field.unwrap_or_default())
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
        operator
            .check_form(&action, presented.unwrap_or_default(), &headers)
            .map_err(axum::response::IntoResponse::into_response)?;
        Ok(Self { operator, fields })
    }
}
