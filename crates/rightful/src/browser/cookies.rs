//! Cookies as browsers keep them: by host, whatever the port.

use std::collections::BTreeMap;

use http::{HeaderMap, header};
use url::Url;

#[derive(Default)]
pub(super) struct Cookies(BTreeMap<(String, String), String>);

impl Cookies {
    /// What `Set-Cookie` says. A cookie that is taken away comes empty or with `Max-Age=0`.
    pub(super) fn take(&mut self, url: &Url, headers: &HeaderMap) {
        let host = url.host_str().unwrap_or_default();
        for line in headers.get_all(header::SET_COOKIE) {
            let mut parts = line.to_str().unwrap_or_default().split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let key = (host.to_owned(), name.to_owned());
            if value.is_empty() || parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
                self.0.remove(&key);
            } else {
                self.0.insert(key, value.to_owned());
            }
        }
    }

    /// The `Cookie` header for a request, empty where there is none.
    pub(super) fn header_for(&self, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let own = self.0.iter().filter(|((of, _), _)| of == host);
        let pairs: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_belong_to_a_host_and_all_its_ports() {
        let mut cookies = Cookies::default();
        let url = |text: &str| Url::parse(text).unwrap();
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, "__Host-a=1; Path=/; Secure".parse().unwrap());
        headers.append(header::SET_COOKIE, "__Host-b=2; Path=/; Secure".parse().unwrap());
        cookies.take(&url("https://localhost:1/"), &headers);
        assert_eq!(
            cookies.header_for(&url("https://localhost:2/")),
            "__Host-a=1; __Host-b=2"
        );
        assert_eq!(cookies.header_for(&url("https://127.0.0.1:1/")), "");

        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, "__Host-a=; Max-Age=0; Path=/".parse().unwrap());
        cookies.take(&url("https://localhost:3/"), &headers);
        assert_eq!(cookies.header_for(&url("https://localhost:1/")), "__Host-b=2");
    }
}
