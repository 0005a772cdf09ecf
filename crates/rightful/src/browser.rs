//! A small browser: cookies, redirects and forms over HTTPS, as much as a log-in and a consent need. The demo drives
//! both services with it, and so do the tests.

mod cookies;
mod form;
mod html;

use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use rightful_http::client::SharedTransport;
use url::Url;

use cookies::Cookies;
pub use form::Form;

/// How many redirects in a row are followed.
const MOST_REDIRECTS: usize = 10;
/// No page of ours is longer, in bytes.
const LONGEST_PAGE: usize = 4 * 1024 * 1024;

/// A browser with its own cookies.
pub struct Browser {
    transport: SharedTransport,
    cookies: Mutex<Cookies>,
}

/// A page that has been loaded.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it came from, after all redirects.
    pub url: Url,
    /// The HTTP status.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: http::HeaderMap,
    /// The HTML.
    pub body: String,
}

impl Browser {
    /// A browser without cookies.
    pub fn new(transport: SharedTransport) -> Self {
        Self {
            transport,
            cookies: Mutex::default(),
        }
    }

    /// Opens an address and follows redirects.
    pub async fn open(&self, url: &Url) -> anyhow::Result<Page> {
        self.follow(Method::GET, url.clone(), None).await
    }

    /// Sends a form of `page` and follows redirects.
    pub async fn submit(&self, page: &Page, form: &Form) -> anyhow::Result<Page> {
        let target = page.url.join(form.action()).context("a form's action is no address")?;
        if form.is_post() {
            return self.follow(Method::POST, target, Some((page, form.encoded()))).await;
        }
        let mut target = target;
        target.set_query(Some(&form.encoded()));
        self.follow(Method::GET, target, None).await
    }

    async fn follow(&self, method: Method, url: Url, form: Option<(&Page, String)>) -> anyhow::Result<Page> {
        let mut page = self.once(method, url, form).await?;
        for _ in 0..MOST_REDIRECTS {
            let Some(next) = redirect(&page)? else {
                return Ok(page);
            };
            page = self.once(Method::GET, next, None).await?;
        }
        bail!("{} redirects without end", without_query(&page.url))
    }

    /// One request and its answer, redirects not followed.
    pub async fn once(&self, method: Method, url: Url, form: Option<(&Page, String)>) -> anyhow::Result<Page> {
        let mut request = Request::builder().method(method).uri(url.as_str());
        let cookies = self.jar().header_for(&url);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        let body = match form {
            Some((from, body)) => {
                request = request
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(header::ORIGIN, from.url.origin().ascii_serialization())
                    .header("sec-fetch-site", "same-origin")
                    .header("sec-fetch-mode", "navigate");
                Bytes::from(body)
            }
            None => Bytes::new(),
        };
        let answer = self.transport.send(request.body(body)?).await?;
        let (parts, body) = answer.into_parts();
        self.jar().take(&url, &parts.headers);
        let body = body.read(LONGEST_PAGE).await?;
        Ok(Page {
            url,
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, Cookies> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Page {
    /// The first form that has a field of this name.
    pub fn form_with(&self, field: &str) -> anyhow::Result<Form> {
        form::read(&self.body)
            .into_iter()
            .find(|form| form.has(field))
            .with_context(|| {
                format!(
                    "{} ({}) has no form with a field {field}",
                    without_query(&self.url),
                    self.heading()
                )
            })
    }

    /// The first form that is sent to an address that ends so.
    pub fn form_to(&self, ending: &str) -> anyhow::Result<Form> {
        form::read(&self.body)
            .into_iter()
            .find(|form| form.action().ends_with(ending))
            .with_context(|| format!("{} ({}) has no such form", without_query(&self.url), self.heading()))
    }

    /// The page's words, without markup.
    pub fn text(&self) -> String {
        html::text(&self.body)
    }

    /// The page's first heading or title, to say in an error where one is.
    pub fn heading(&self) -> String {
        ["h1", "title"]
            .iter()
            .find_map(|name| html::element_text(&self.body, name))
            .unwrap_or_else(|| self.status.to_string())
    }
}

fn redirect(page: &Page) -> anyhow::Result<Option<Url>> {
    let Some(location) = page
        .headers
        .get(header::LOCATION)
        .filter(|_| page.status.is_redirection())
    else {
        return Ok(None);
    };
    let location = location.to_str().context("a redirect leads nowhere")?;
    Ok(Some(page.url.join(location).context("a redirect leads nowhere")?))
}

/// An address as messages may show it: codes and states stand in queries.
fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}
