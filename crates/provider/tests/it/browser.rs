//! A small browser: it keeps cookies, reads forms and follows redirects to its own host.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Request, StatusCode, header};

use crate::world::{Answer, App, CALLBACK, World, come_from, form};

/// A browser of one person.
pub(crate) struct Browser<'w> {
    world: &'w World,
    cookies: BTreeMap<String, String>,
    address: std::net::IpAddr,
}

/// A form of a page: where it goes and what it would send by itself.
#[derive(Debug, Clone)]
pub(crate) struct PageForm {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
            address: "127.0.0.1".parse().unwrap(),
        }
    }

    /// The same person somewhere else.
    pub(crate) fn at(mut self, address: &str) -> Self {
        self.address = address.parse().unwrap();
        self
    }

    pub(crate) fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    pub(crate) fn take_cookies_of(&mut self, other: &Browser<'_>) {
        self.cookies = other.cookies.clone();
    }

    pub(crate) fn take_cookies(&mut self, cookies: BTreeMap<String, String>) {
        self.cookies = cookies;
    }

    /// One request, redirects not followed.
    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request
                .headers_mut()
                .insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        come_from(&mut request, self.address);
        let answer = self.world.send(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(path, fields)).await
    }

    /// Sends a form with its hidden fields and these; a field that is in both is sent as given.
    pub(crate) async fn submit(&mut self, page: &PageForm, given: &[(&str, &str)]) -> Answer {
        let own = page
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| given.iter().all(|(other, _)| other != name));
        let fields: Vec<_> = own.chain(given.iter().copied()).collect();
        self.post(&page.action, &fields).await
    }

    /// Sends a form of the page at `path`.
    pub(crate) async fn fill_in(&mut self, path: &str, action: &str, given: &[(&str, &str)]) -> Answer {
        let form = self.get(path).await.form(action);
        self.submit(&form, given).await
    }

    pub(crate) async fn try_log_in(&mut self, email: &str, password: &str) -> Answer {
        self.fill_in("/login", "/login", &[("email", email), ("password", password)])
            .await
    }

    pub(crate) async fn log_in(&mut self, email: &str, password: &str) {
        let answer = self.try_log_in(email, password).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    }

    /// The consent page for `app`, of somebody who has logged in.
    pub(crate) async fn asked_by(&mut self, app: &App) -> Answer {
        self.get(&authorize_path(app, &[])).await
    }

    /// Accepts what a consent page asks.
    pub(crate) async fn decide(&mut self, page: &Answer, decision: &str) -> Answer {
        let form = page.form("/oauth2/consent/");
        self.submit(&form, &[("decision", decision)]).await
    }

    /// Authorizes `app`; returns the code.
    pub(crate) async fn authorize(&mut self, app: &App) -> String {
        self.authorize_with(app, &[]).await
    }

    /// Authorizes `app` with further parameters; returns the code.
    pub(crate) async fn authorize_with(&mut self, app: &App, more: &[(&str, &str)]) -> String {
        let page = self.get(&authorize_path(app, more)).await;
        assert_eq!(page.status, StatusCode::OK, "{} {}", page.location(), page.text);
        let answer = self.decide(&page, "accept").await;
        answer
            .answered("code")
            .unwrap_or_else(|| panic!("no code: {} {}", answer.status, answer.location()))
    }
}

/// `/oauth2/authorize` with the usual parameters for the code grant; given ones take their place, empty ones theirs away.
pub(crate) fn authorize_path(app: &App, more: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", app.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scopes", "all"),
        ("state", "xyz"),
    ];
    let kept = usual
        .into_iter()
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let given = more.iter().copied().filter(|(_, value)| !value.is_empty());
    format!("/oauth2/authorize?{}", oauth::encode_form(kept.chain(given)))
}

impl Answer {
    /// The form of the page with this action, or else the first one whose action begins so.
    pub(crate) fn form(&self, action: &str) -> PageForm {
        let forms = self.forms();
        let exact = forms.iter().find(|form| form.action == action);
        exact
            .or_else(|| forms.iter().find(|form| form.action.starts_with(action)))
            .cloned()
            .unwrap_or_else(|| panic!("no form to {action}: {} {}", self.status, self.text))
    }

    /// All forms of the page.
    pub(crate) fn forms(&self) -> Vec<PageForm> {
        let forms = self.text.split("<form ").skip(1);
        forms
            .map(|rest| {
                let (head, rest) = rest.split_once('>').unwrap();
                let body = rest.split("</form>").next().unwrap();
                let inputs = body
                    .split("<input ")
                    .skip(1)
                    .map(|rest| rest.split('>').next().unwrap());
                let sent = inputs.filter(|tag| {
                    let kind = attribute(tag, "type").unwrap_or_default();
                    kind == "hidden" || (matches!(kind.as_str(), "radio" | "checkbox") && tag.contains(" checked"))
                });
                PageForm {
                    action: attribute(head, "action").unwrap_or_default(),
                    fields: sent
                        .map(|tag| {
                            (
                                attribute(tag, "name").unwrap_or_default(),
                                attribute(tag, "value").unwrap_or_default(),
                            )
                        })
                        .collect(),
                }
            })
            .collect()
    }

    /// The text of the element with this id, for values that are shown once.
    pub(crate) fn shown(&self, id: &str) -> String {
        let (_, rest) = self
            .text
            .split_once(&format!("id=\"{id}\""))
            .unwrap_or_else(|| panic!("no {id}: {} {}", self.status, self.text));
        let (_, rest) = rest.split_once('>').unwrap();
        unescaped(rest.split('<').next().unwrap())
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(unescaped)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}
