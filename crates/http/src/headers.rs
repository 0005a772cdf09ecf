//! The headers every answer carries, and the few a page may change.

use std::fmt::Write as _;

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::{Host, Url};

/// What a page may load and where its forms may lead. Put one into a response's extensions
/// (`(Extension(ContentPolicy::default().form_to(&url)), page)`) to widen the default: our own stylesheet and images,
/// forms to ourselves, no script, no frame.
#[derive(Debug, Clone, Default)]
pub struct ContentPolicy {
    form_targets: Vec<String>,
    own_scripts: bool,
    widget: Vec<String>,
}

impl ContentPolicy {
    /// Lets a form's answer lead to `url`. Chromium applies `form-action` to redirects too, so a consent form needs the
    /// client's redirect URI here.
    #[must_use]
    pub fn form_to(mut self, url: &Url) -> Self {
        let scheme = format!("{}:", url.scheme());
        self.form_targets.push(match (url.scheme(), url.host()) {
            // CSP has no way to write an IPv6 literal, and private-use schemes (RFC 8252) have no origin.
            ("http" | "https", Some(Host::Domain(_) | Host::Ipv4(_))) => url.origin().ascii_serialization(),
            _ => scheme,
        });
        self
    }

    /// Lets the page run scripts that we serve as files, and lets them call us. For API documentation only.
    #[must_use]
    pub fn with_own_scripts(mut self) -> Self {
        self.own_scripts = true;
        self
    }

    /// Lets the page run a widget of somebody else's: its script, its style, its frame and its calls, from these origins
    /// (`https://widget.example`, `https://*.widget.example`). What is no origin is left out.
    #[must_use]
    pub fn with_widget_from(mut self, origins: impl IntoIterator<Item = String>) -> Self {
        self.widget
            .extend(origins.into_iter().filter(|origin| is_origin(origin)));
        self
    }

    fn to_header(&self) -> HeaderValue {
        let mut policy = POLICY.to_owned();
        let widget = self.widget.iter().fold(String::new(), |all, origin| all + " " + origin);
        if !widget.is_empty() {
            policy = policy.replace("style-src 'self'", &format!("style-src 'self'{widget}"));
        }
        for target in &self.form_targets {
            policy.push(' ');
            policy.push_str(target);
        }
        if self.own_scripts || !widget.is_empty() {
            let _ = write!(policy, "; script-src 'self'{widget}; connect-src 'self'{widget}");
        }
        if !widget.is_empty() {
            let _ = write!(policy, "; frame-src{widget}");
        }
        // Origins and schemes of a parsed URL are ASCII without spaces or semicolons.
        HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    }
}

/// Whether this is an https origin as a content policy writes it, with or without `*` for a first label.
pub fn is_origin(text: &str) -> bool {
    let Some(host) = text.strip_prefix("https://") else {
        return false;
    };
    let host = host.strip_prefix("*.").unwrap_or(host);
    let (name, port) = host
        .split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    name.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Adds the security headers (SEC-14) to an answer, and `no-store` (SEC-49) where it says nothing about caching. `https`
/// says whether the public URL is https: then HSTS (AS-75) is added.
pub(crate) fn secure(response: &mut Response, https: bool) {
    let policy = response.extensions().get::<ContentPolicy>();
    let policy = policy.map_or(HeaderValue::from_static(POLICY), ContentPolicy::to_header);
    let headers = response.headers_mut();
    headers.reserve(FIXED.len() + 3);
    add(headers, header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in FIXED {
        add(headers, name, HeaderValue::from_static(value));
    }
    if https {
        let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        add(headers, header::STRICT_TRANSPORT_SECURITY, value);
    }
}

/// What a page may do that says nothing about it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                      frame-ancestors 'none'; form-action 'self'";

const FIXED: [(HeaderName, &str); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
    (header::CACHE_CONTROL, "no-store"),
];

/// A handler that set the header itself knows better.
fn add(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}

#[cfg(test)]
mod tests {
    use axum::{Extension, response::IntoResponse};

    use super::*;

    fn headers_of(answer: impl IntoResponse) -> HeaderMap {
        let mut response = answer.into_response();
        secure(&mut response, true);
        response.headers().clone()
    }

    #[test]
    fn every_answer_is_locked_down() {
        // SEC-14, SEC-49, AS-13, AS-18, AS-75
        let headers = headers_of("text");
        let expected = [
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                 frame-ancestors 'none'; form-action 'self'",
            ),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ];
        for (name, value) in expected {
            assert_eq!(headers.get(name).unwrap(), value, "{name}");
        }
    }

    #[test]
    fn a_page_may_lead_its_form_elsewhere_and_say_how_it_is_cached() {
        let url = "https://client.example:8000/cb?secret=1".parse().unwrap();
        let policy = ContentPolicy::default().form_to(&url);
        let headers = headers_of((Extension(policy), [(header::CACHE_CONTROL, "max-age=60")], "page"));
        let policy = headers.get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
        assert!(
            policy.ends_with("form-action 'self' https://client.example:8000"),
            "{policy}"
        );
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "max-age=60");
    }

    #[test]
    fn a_page_may_show_a_widget_from_named_origins_and_nowhere_else() {
        let origins = [
            "https://*.widget.example",
            "https://a.example; script-src *",
            "http://b.example",
            "https://",
        ];
        let policy = ContentPolicy::default().with_widget_from(origins.map(str::to_owned));
        let headers = headers_of((Extension(policy), "page"));
        assert_eq!(
            headers.get(header::CONTENT_SECURITY_POLICY).unwrap(),
            "default-src 'none'; style-src 'self' https://*.widget.example; img-src 'self' data:; object-src 'none'; \
             base-uri 'none'; frame-ancestors 'none'; form-action 'self'; script-src 'self' https://*.widget.example; \
             connect-src 'self' https://*.widget.example; frame-src https://*.widget.example"
        );
    }

    #[test]
    fn form_targets_are_origins_or_schemes() {
        let table = [
            ("https://a.example/x?y", "https://a.example"),
            ("http://127.0.0.1:51234/cb", "http://127.0.0.1:51234"),
            ("http://[::1]:51234/cb", "http:"),
            ("com.example.app:/cb", "com.example.app:"),
        ];
        for (url, target) in table {
            assert_eq!(
                ContentPolicy::default().form_to(&url.parse().unwrap()).form_targets,
                [target]
            );
        }
    }
}
