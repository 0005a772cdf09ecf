//! Errors on pages for people without an account: in their language, in calm words, with what to do next.

use askama::Template;
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use rightful_http::{Asked, ErrorPages, RequestId, extract::Refusal, pages::Layout};

use super::{
    outside::{Audience, Outside},
    page_error::PageError,
    public::{Fault, Texts},
    reader::{Reader, in_language},
};
use crate::Manager;

/// Pages for what no handler has answered: addresses that do not exist, methods that do not fit, our own faults.
pub(super) struct FaultPages(pub(super) Manager);

impl ErrorPages for FaultPages {
    fn page(&self, asked: &Asked, status: StatusCode, id: &str) -> Option<Response> {
        let place = Place::of(asked.uri.path())?;
        let reader = Reader::of(&self.0, asked.uri.query(), asked.languages.as_ref());
        Some(page(&self.0, reader, place, status, id))
    }
}

/// Says what `router`'s handlers refuse, and where they fail, in the reader's language.
pub(super) fn told(router: Router<Manager>, manager: &Manager) -> Router<Manager> {
    router.layer(middleware::from_fn_with_state(manager.clone(), tell))
}

async fn tell(State(manager): State<Manager>, id: RequestId, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let wishes = request.headers().get(header::ACCEPT_LANGUAGE).cloned();
    let response = next.run(request).await;
    let is_fault =
        response.extensions().get::<PageError>().is_some() || response.extensions().get::<Refusal>().is_some();
    match Place::of(uri.path()).filter(|_| is_fault) {
        Some(place) => {
            let reader = Reader::of(&manager, uri.query(), wishes.as_ref());
            page(&manager, reader, place, response.status(), &id.to_string())
        }
        None => response,
    }
}

/// Where something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place<'a> {
    audience: Audience,
    /// What can be opened there, in another language too.
    path: &'a str,
    /// Whether a link of a mail leads there.
    is_linked: bool,
}

impl<'a> Place<'a> {
    /// None where pages are not for people without an account.
    fn of(path: &'a str) -> Option<Self> {
        let linked = |audience, root: &str| {
            let token = path.strip_prefix(root)?;
            let token = token.split('/').next().filter(|token| !token.is_empty())?;
            let path = path.get(..root.len() + token.len())?;
            Some(Self {
                audience,
                path,
                is_linked: true,
            })
        };
        let other = |audience, root: &str| {
            let rest = path.strip_prefix(root)?;
            (rest.is_empty() || rest.starts_with('/')).then_some(Self {
                audience,
                path,
                is_linked: false,
            })
        };
        linked(Audience::Subjects, "/privacy/requests/")
            .or_else(|| linked(Audience::Subjects, "/d/"))
            .or_else(|| linked(Audience::Processors, "/c/"))
            .or_else(|| other(Audience::Subjects, "/privacy"))
            .or_else(|| other(Audience::Subjects, "/d"))
            .or_else(|| other(Audience::Processors, "/c"))
    }
}

#[derive(Template)]
#[template(path = "public/fault.html")]
struct FaultPage<'a> {
    fault: &'a Fault,
    texts: &'a Texts,
    /// The form, where beginning anew helps.
    form: Option<String>,
    contact: Option<&'a str>,
    /// What our log calls it.
    id: Option<&'a str>,
}

fn page(manager: &Manager, reader: Reader, place: Place<'_>, status: StatusCode, id: &str) -> Response {
    let language = match place.audience {
        Audience::Subjects => reader.language,
        Audience::Processors => reader.or(reader.language),
    };
    let texts = Texts::of(language);
    let fault = texts.fault(status, place.is_linked);
    let company = manager.company_as_known();
    let has_form = place.audience == Audience::Subjects && !status.is_server_error() && manager.takes_forms(&company);
    let body = FaultPage {
        fault,
        texts,
        form: has_form.then(|| format!("/privacy{}", in_language(language))),
        contact: company.privacy_centre.contact.as_deref(),
        id: status.is_server_error().then_some(id),
    };
    let outside = Outside {
        audience: place.audience,
        path: place.path,
        language,
    };
    let mut answer = outside.page(manager, Layout::Narrow, status, fault.title, &body);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_people_without_an_account_are_told_from_others() {
        for (path, expected) in [
            ("/privacy", Some((Audience::Subjects, "/privacy", false))),
            (
                "/privacy/nowhere",
                Some((Audience::Subjects, "/privacy/nowhere", false)),
            ),
            (
                "/privacy/requests/abc/verify",
                Some((Audience::Subjects, "/privacy/requests/abc", true)),
            ),
            (
                "/privacy/requests/",
                Some((Audience::Subjects, "/privacy/requests/", false)),
            ),
            ("/d/abc", Some((Audience::Subjects, "/d/abc", true))),
            ("/d", Some((Audience::Subjects, "/d", false))),
            ("/c/abc/files/1/remove", Some((Audience::Processors, "/c/abc", true))),
            ("/connections", None),
            ("/privacyx", None),
            ("/", None),
        ] {
            let place = Place::of(path).map(|place| (place.audience, place.path, place.is_linked));
            assert_eq!(place, expected, "{path}");
        }
    }
}
