//! The `Retry-After` header (RFC 9110 section 10.2.3).

use std::time::Duration;

use http::{HeaderMap, header::RETRY_AFTER};
use jiff::Timestamp;

/// A vendor that asks for more is not believed beyond this: a typing error there must not stop us for years.
const LONGEST: Duration = Duration::from_hours(24);

/// How long the vendor asks to be left alone, counted from `now`; seconds or an HTTP date. Nothing readable is `None`,
/// a date gone by is zero.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Duration::try_from(date.duration_since(now)).unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    // CL-20
    #[test]
    fn seconds_and_dates_are_understood() {
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let table = [
            (Some("10"), Some(10)),
            (Some(" 0 "), Some(0)),
            (Some("Sun, 22 Nov 2026 08:01:30 GMT"), Some(90)),
            (Some("Sun, 22 Nov 2026 07:00:00 GMT"), Some(0)),
            (Some("99999999999999999999999"), Some(86_400)),
            (Some("Sun, 22 Nov 2099 08:01:30 GMT"), Some(86_400)),
            (Some("soon"), None),
            (Some("-5"), None),
            (Some(""), None),
            (None, None),
        ];
        for (value, expected) in table {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(RETRY_AFTER, value.parse().unwrap());
            }
            assert_eq!(
                retry_after(&headers, now),
                expected.map(Duration::from_secs),
                "{value:?}"
            );
        }
    }
}
