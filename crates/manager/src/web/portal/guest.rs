//! Somebody who is not logged in, and the forms they send.

use askama::Template;
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use oauth::Secret;
use rightful_http::{
    ClientAddress, csrf,
    extract::FormPairs,
    pages::{
        Layout, Shell,
        parts::{Csrf, Toast},
    },
    session::SessionToken,
};

use super::{
    PageError,
    frame::{COOKIE, TOAST},
};
use crate::{
    Manager,
    app::{Entered, Visitor},
};

/// What a browser keeps after a log-in, so that it is known again.
const DEVICE: &str = "__Host-rightful-manager-device";
/// For how long: half a year.
const DEVICE_SECONDS: i64 = 180 * 24 * 3600;

/// Somebody at the door. Their forms are bound to a cookie that they have before they log in, so that nobody can be
/// logged in as somebody else by another site.
pub(super) struct Guest {
    pub(super) visitor: Visitor,
    pub(super) token: SessionToken,
    fresh: bool,
    toast: Option<Toast>,
    pub(super) manager: Manager,
}

impl Guest {
    /// The hidden field of a form that posts to the path `action`.
    pub(super) fn csrf(&self, action: &str) -> Csrf {
        Csrf::new(csrf::token(&self.manager.vault().mac("csrf"), &self.token, action))
    }

    /// One card under the brand's name.
    pub(super) fn page(&self, status: StatusCode, title: &str, body: &impl Template) -> Response {
        let company = self.manager.company_as_known();
        let mut shell = Shell::new(&company.brand.name, title).layout(Layout::Narrow);
        shell.accent = company.brand.accent();
        shell.toast = self.toast.as_ref();
        let mut cookies = Vec::new();
        if self.fresh {
            cookies.push((header::SET_COOKIE, COOKIE.set(&self.token)));
        }
        if self.toast.is_some() {
            cookies.push((header::SET_COOKIE, Toast::clear(TOAST)));
        }
        (status, AppendHeaders(cookies), shell.around(body)).into_response()
    }
}

impl Guest {
    /// The answer, with the cookie that the next step is bound to.
    pub(super) fn with_cookie(&self, answer: Response) -> Response {
        if self.fresh {
            ([(header::SET_COOKIE, COOKIE.set(&self.token))], answer).into_response()
        } else {
            answer
        }
    }
}

impl FromRequestParts<Manager> for Guest {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, manager: &Manager) -> Result<Self, PageError> {
        let known = COOKIE.read(&parts.headers);
        Ok(Self {
            fresh: known.is_none(),
            token: known.unwrap_or_else(|| SessionToken::generate(&**manager.store().entropy())),
            toast: Toast::read(TOAST, &parts.headers),
            visitor: visitor(parts, manager).await,
            manager: manager.clone(),
        })
    }
}

/// Who sends a request, whoever they may be.
pub(super) async fn visitor(parts: &mut Parts, manager: &Manager) -> Visitor {
    let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, manager).await;
    Visitor {
        address,
        agent: agent(&parts.headers),
        device: cookie(&parts.headers, DEVICE),
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';'));
    let found = pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(Secret::new(found.to_owned()))
}

/// Lets the browser in: a new session, and what it is known by next time.
pub(super) fn let_in(token: &SessionToken, device: Option<&Secret>, to: &str) -> Response {
    let mut cookies = vec![(header::SET_COOKIE, COOKIE.set(token))];
    let device = device.map(|device| {
        let device = device.reveal();
        format!("{DEVICE}={device}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age={DEVICE_SECONDS}")
    });
    if let Some(Ok(value)) = device.map(|device| HeaderValue::from_str(&device)) {
        cookies.push((header::SET_COOKIE, value));
    }
    (AppendHeaders(cookies), Redirect::to(to)).into_response()
}

/// A form of our own, from somebody who is not logged in.
pub(super) struct GuestForm {
    pub(super) guest: Guest,
    fields: FormPairs,
}

impl GuestForm {
    /// A field as it was sent; absent is empty, twice is refused.
    pub(super) fn field(&self, name: &str) -> Result<&str, PageError> {
        let field = self.fields.one(name).map_err(|refusal| PageError::Refused {
            status: refusal.status,
            reason: refusal.sentence(),
        })?;
        Ok(field.unwrap_or_default())
    }

    /// A password or a code.
    pub(super) fn secret(&self, name: &str) -> Result<Secret, PageError> {
        Ok(Secret::new(self.field(name)?.to_owned()))
    }
}

impl FromRequest<Manager> for GuestForm {
    type Rejection = Response;

    async fn from_request(request: Request, manager: &Manager) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let guest = Guest::from_request_parts(&mut parts, manager)
            .await
            .map_err(IntoResponse::into_response)?;
        if guest.fresh {
            let reason =
                "your browser did not send our cookie: go back, load the page again and send the form once more";
            return Err(PageError::Forged(reason.to_owned()).into_response());
        }
        let (action, headers) = (parts.uri.path().to_owned(), parts.headers.clone());
        let fields = FormPairs::from_request(Request::from_parts(parts, body), manager)
            .await
            .map_err(IntoResponse::into_response)?;
        let presented = fields.one(csrf::FIELD).map_err(IntoResponse::into_response)?;
        csrf::check(
            &manager.vault().mac("csrf"),
            &guest.token,
            &action,
            presented.unwrap_or_default(),
            &headers,
            &manager.settings().public_url,
        )
        .map_err(|error| PageError::Forged(error.to_string()).into_response())?;
        Ok(Self { guest, fields })
    }
}

/// The browser in words that its owner recognises; what it calls itself is not repeated.
fn agent(headers: &HeaderMap) -> String {
    let text = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let has = |word: &str| text.contains(word);
    // The order matters: most name those after them as well.
    let systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"];
    let system = systems.into_iter().find(|word| has(word)).unwrap_or_default();
    let browsers = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let browser = browsers.into_iter().find(|(word, _)| has(word)).map(|(_, name)| name);
    let system = match system {
        "iPhone" | "iPad" => "iOS",
        "Mac OS" => "macOS",
        other => other,
    };
    match (browser, system) {
        (Some(browser), "") => browser.to_owned(),
        (Some(browser), system) => format!("{browser} on {system}"),
        (None, _) => "An unknown browser".to_owned(),
    }
}

/// The answer to a log-in that went well so far.
pub(super) fn entered(entered: &Entered, to: &str) -> Option<Response> {
    match entered {
        Entered::In { token, device } => Some(let_in(token, Some(device), to)),
        Entered::NeedsCode { .. } => None,
    }
}
