//! Pages of a list: `page` and `per_page`, and the links to the others.

use http::{HeaderMap, HeaderValue, header};
use rightful_http::extract::QueryPairs;
use url::Url;

use super::error::ApiError;
use crate::{Provider, app::subject_access::PageNumber};

const DEFAULT_PER_PAGE: i64 = 25;
const MOST_PER_PAGE: i64 = 100;

/// The only value of a query parameter; twice is refused, absent is `None`.
pub(super) fn one<'a>(query: &'a QueryPairs, name: &str) -> Result<Option<&'a str>, ApiError> {
    let mut values = query.0.iter().filter(|(field, _)| field == name);
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(ApiError::field(name, "is given twice")),
        (value, None) => Ok(value.map(|(_, value)| value.as_str())),
    }
}

/// Which page is asked for.
pub(super) fn page_number(query: &QueryPairs) -> Result<PageNumber, ApiError> {
    let number = |name, default, most| match one(query, name)? {
        None => Ok(default),
        Some(text) => match text.parse::<i64>() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ if most == i64::MAX => Err(ApiError::field(name, "must be a whole number from 1")),
            _ => Err(ApiError::field(
                name,
                format!("must be a whole number from 1 to {most}"),
            )),
        },
    };
    Ok(PageNumber {
        page: number("page", 1, i64::MAX)?,
        per_page: number("per_page", DEFAULT_PER_PAGE, MOST_PER_PAGE)?,
    })
}

/// `Link` (RFC 8288). The relation is not quoted, because a client of the vendor looks for the text `rel=last`; it pages
/// as long as it finds it, so the last page has none.
pub(super) fn links(uri: &Url, query: &QueryPairs, page: PageNumber, total: i64) -> Option<HeaderValue> {
    let last = total.max(1).saturating_add(page.per_page - 1) / page.per_page;
    let mut links = Vec::new();
    let mut link = |number: i64, relation: &str| {
        let mut uri = uri.clone();
        let others = query.0.iter().filter(|(name, _)| name != "page" && name != "per_page");
        uri.query_pairs_mut()
            .extend_pairs(others)
            .append_pair("page", &number.to_string())
            .append_pair("per_page", &page.per_page.to_string());
        links.push(format!("<{uri}>; rel={relation}"));
    };
    if page.page > 1 {
        link(1, "first");
        link((page.page - 1).min(last), "prev");
    }
    if page.page < last {
        link(page.page + 1, "next");
        link(last, "last");
    }
    if links.is_empty() {
        return None;
    }
    HeaderValue::from_str(&links.join(", ")).ok()
}

/// `path` of the API under the host by which the caller came, if it is one of ours.
pub(super) fn own_url(provider: &Provider, headers: &HeaderMap, path: &str) -> Url {
    let settings = provider.settings();
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let api = settings
        .api_url
        .as_ref()
        .filter(|url| authority(url).as_deref() == host);
    let mut url = api.unwrap_or(&settings.public_url).clone();
    url.set_path(&format!("/v2{path}"));
    url
}

fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> QueryPairs {
        QueryPairs(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    #[test]
    fn pages_are_whole_numbers_within_limits() {
        for (text, expected) in [
            ("", Some((1, 25))),
            ("page=3&per_page=100", Some((3, 100))),
            ("other=1", Some((1, 25))),
            ("page=9223372036854775807", Some((i64::MAX, 25))),
            ("page=0", None),
            ("page=-1", None),
            ("page=x", None),
            ("page=", None),
            ("page=1.0", None),
            ("page=99999999999999999999", None),
            ("per_page=0", None),
            ("per_page=101", None),
            ("page=1&page=2", None),
        ] {
            let page = page_number(&query(text)).ok();
            assert_eq!(page.map(|page| (page.page, page.per_page)), expected, "{text}");
        }
    }

    #[test]
    fn links_lead_to_the_pages_there_are() {
        let uri: Url = "https://vendor.test/v2/x".parse().unwrap();
        for (number, total, expected) in [
            (1, 0, None),
            (1, 10, None),
            (
                1,
                11,
                Some(
                    "<https://vendor.test/v2/x?status=pending&page=2&per_page=10>; rel=next, \
                      <https://vendor.test/v2/x?status=pending&page=2&per_page=10>; rel=last",
                ),
            ),
            (
                2,
                11,
                Some(
                    "<https://vendor.test/v2/x?status=pending&page=1&per_page=10>; rel=first, \
                      <https://vendor.test/v2/x?status=pending&page=1&per_page=10>; rel=prev",
                ),
            ),
        ] {
            let page = PageNumber {
                page: number,
                per_page: 10,
            };
            let links = links(&uri, &query("page=1&status=pending"), page, total);
            assert_eq!(links.as_ref().map(|links| links.to_str().unwrap()), expected);
        }
    }
}
