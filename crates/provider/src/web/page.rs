//! Pages: the frame around them, and what is shown when there is none to show.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, StatusCode, header};
use oauth::authorize::PageRefusal;
use rightful_http::{
    RequestId,
    csrf::CsrfError,
    extract::Refusal,
    pages::{Layout, Link, NavItem, Shell, User},
};
use store::StoreError;

use super::{oauth::Onward, visitor::Visitor};
use crate::{Provider, app::throttles::Throttled};

/// What the account menu leads to.
const ACCOUNT_LINKS: [Link<'static>; 2] = [
    Link {
        label: "Password",
        href: "/accountsettings/password",
    },
    Link {
        label: "Two-step log-in",
        href: "/accountsettings/two-step",
    },
];

/// A page under the bar, for somebody who has logged in (or, without a session, for anybody).
pub(crate) fn page(provider: &Provider, visitor: &Visitor, title: &str, body: &impl Template) -> Response {
    page_as(Layout::Wide, provider, visitor, title, body)
}

/// The same for text: as wide as is good to read.
pub(crate) fn reading_page(provider: &Provider, visitor: &Visitor, title: &str, body: &impl Template) -> Response {
    page_as(Layout::Reading, provider, visitor, title, body)
}

fn page_as(layout: Layout, provider: &Provider, visitor: &Visitor, title: &str, body: &impl Template) -> Response {
    let brand = &provider.settings().brand_name;
    let Some(session) = &visitor.session else {
        return framed(provider, title, Layout::Narrow, body);
    };
    let here = visitor.path.as_str();
    let mut nav = vec![item("Applications", "/accountsettings/apps", here)];
    if session.must_set_up_two_step() {
        nav.clear();
    } else if session.is_administrator() {
        nav.push(item("Developers", "/accountsettings/apps/developers", here));
        nav.push(item("Users", "/accountsettings/users", here));
        let mut requests = item("Privacy requests", "/accountsettings/privacy-requests", here);
        // What internal teams have to do belongs to them.
        requests.current |= here.starts_with("/accountsettings/team-requests");
        nav.push(requests);
    }
    let mut shell = Shell::new(brand, title).layout(layout);
    shell.nav = &nav;
    shell.user = Some(User {
        name: session.profile.email.reveal(),
        role: session.current.role.as_str(),
        links: &ACCOUNT_LINKS,
        logout: "/logout",
        csrf: visitor.csrf(provider, "/logout"),
    });
    shell.accent = provider.settings().brand_color;
    visitor.answer(shell.around(body))
}

/// One card under the brand's name: log-in, consent.
pub(crate) fn card(provider: &Provider, visitor: &Visitor, title: &str, body: &impl Template) -> Response {
    visitor.answer(framed(provider, title, Layout::Narrow, body))
}

fn framed(provider: &Provider, title: &str, layout: Layout, body: &impl Template) -> Response {
    let mut shell = Shell::new(&provider.settings().brand_name, title).layout(layout);
    shell.accent = provider.settings().brand_color;
    shell.around(body)
}

fn item<'a>(label: &'a str, href: &'a str, here: &str) -> NavItem<'a> {
    let below = here.strip_prefix(href);
    // The developers' pages lie below the applications', but are not part of them.
    let current =
        below.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && !rest.starts_with("/developers")));
    NavItem { label, href, current }
}

/// Why a page is not shown. It becomes one in [`refusals_as_pages`].
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum PageError {
    /// Log in first, then come back to this path.
    #[error("nobody is logged in")]
    LogIn { return_to: String },
    /// Give the password once more, then come back to this path.
    #[error("the password has to be given again")]
    Prove { return_to: String },
    /// Set two-step log-in up first, then go on there.
    #[error("two-step log-in has to be set up")]
    SetUpTwoStep(Onward),
    /// A mailed link that does nothing any more.
    #[error("this link was used already, or has run out")]
    LinkGone,
    /// The user's role does not reach so far.
    #[error("only administrators of the account may do this")]
    Administrators,
    /// Or it is not theirs.
    #[error("there is nothing at this address")]
    NotFound,
    /// The form was not ours, or not this session's.
    #[error(transparent)]
    Forged(#[from] CsrfError),
    /// The form or the address cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// Nobody proven asks for authorization (AS-4).
    #[error(transparent)]
    Unproven(#[from] PageRefusal),
    /// The authorization request is over.
    #[error("this authorization request is no longer open")]
    RequestGone,
    /// Too many attempts.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database failed.
    #[error("the page could not be made")]
    Store(#[source] Arc<StoreError>),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<Refusal> for PageError {
    fn from(refusal: Refusal) -> Self {
        if refusal.status == StatusCode::NOT_FOUND {
            Self::NotFound
        } else {
            Self::Unreadable(refusal.sentence())
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Renders what handlers and extractors refuse.
pub(crate) async fn refusals_as_pages(State(provider): State<Provider>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().copied();
    let response = next.run(request).await;
    let refusal = response.extensions().get::<Refusal>().cloned().map(PageError::from);
    let Some(error) = response.extensions().get::<PageError>().cloned().or(refusal) else {
        return response;
    };
    error.show(&provider, id)
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    title: &'a str,
    text: String,
    reference: Option<String>,
    home: bool,
}

impl PageError {
    fn show(self, provider: &Provider, id: Option<RequestId>) -> Response {
        if let Self::LogIn { return_to } = &self {
            let query = oauth::encode_form([("return_to", return_to.as_str())]);
            return Redirect::to(&format!("/login?{query}")).into_response();
        }
        if let Self::Prove { return_to } = &self {
            let query = oauth::encode_form([("return_to", return_to.as_str())]);
            return Redirect::to(&format!("/accountsettings/confirm?{query}")).into_response();
        }
        if let Self::SetUpTwoStep(onward) = &self {
            return Redirect::to(&onward.by_way_of("/accountsettings/two-step")).into_response();
        }
        if let Self::Store(error) = &self {
            tracing::error!(error = error as &dyn std::error::Error, "a page could not be made");
        }
        let (status, title, text) = self.words();
        let body = Refused {
            title,
            text,
            reference: id.filter(|_| status.is_server_error()).map(|id| id.to_string()),
            home: matches!(self, Self::Administrators | Self::NotFound | Self::LinkGone),
        };
        let mut response = (status, framed(provider, title, Layout::Narrow, &body)).into_response();
        if let Self::Throttled(throttled) = self {
            let after = HeaderValue::from(throttled.retry_after());
            response.headers_mut().insert(header::RETRY_AFTER, after);
        }
        response
    }

    fn words(&self) -> (StatusCode, &'static str, String) {
        let (status, title, text) = match self {
            Self::LogIn { .. } | Self::Prove { .. } | Self::SetUpTwoStep(_) => {
                (StatusCode::UNAUTHORIZED, "Log in", "Log in to see this page.")
            }
            Self::LinkGone => (
                StatusCode::GONE,
                "This link does nothing any more",
                "It was used already, was replaced by a newer one, or has run out. Ask for a new one.",
            ),
            Self::Administrators => (
                StatusCode::FORBIDDEN,
                "For administrators",
                "Only administrators of this account can do this. Ask one of them.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Page not found",
                "There is nothing at this address.",
            ),
            Self::Forged(error) => {
                return (
                    StatusCode::FORBIDDEN,
                    "Please send the form again",
                    sentence(&error.to_string()),
                );
            }
            Self::Unreadable(reason) => {
                return (StatusCode::BAD_REQUEST, "That could not be read", sentence(reason));
            }
            Self::Unproven(refusal) => {
                let text = format!(
                    "{} Nothing was sent anywhere. If an application brought you here, tell the people who run it.",
                    sentence(&refusal.to_string())
                );
                return (StatusCode::BAD_REQUEST, "This request cannot be trusted", text);
            }
            Self::RequestGone => (
                StatusCode::BAD_REQUEST,
                "This request is no longer open",
                "It was answered already, or has waited too long. Go back to the application and start again.",
            ),
            Self::Throttled(throttled) => {
                let text = format!(
                    "Too many attempts came from your network. Please wait {} seconds and try again.",
                    throttled.retry_after()
                );
                return (StatusCode::TOO_MANY_REQUESTS, "Please wait a moment", text);
            }
            Self::Store(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Not available just now",
                "Something that this page needs does not answer. Please try again in a moment.",
            ),
        };
        (status, title, text.to_owned())
    }
}

/// With a capital letter and a period, for people.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    format!("{}{}.", first.to_uppercase(), characters.as_str().trim_end_matches('.'))
}
