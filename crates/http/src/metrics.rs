//! What a service counts, as Prometheus reads it (text format 0.0.4).
//!
//! Labels hold routes, methods, classes of status and hosts: nothing that somebody could make up, so their number stays
//! small, and nothing personal.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};

use crate::{
    TrustedProxies,
    client::{Body, SharedTransport, Transport, TransportError},
};

/// Upper ends of the classes of latency, in seconds.
const CLASSES: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The counters of one process. Cheap to clone; all clones count together.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    /// By method, route and class of status.
    requests: BTreeMap<(String, String, &'static str), u64>,
    /// By route.
    latencies: BTreeMap<String, Latency>,
    /// By host and class of status.
    calls: BTreeMap<(String, &'static str), u64>,
}

#[derive(Default)]
struct Latency {
    classes: [u64; CLASSES.len()],
    count: u64,
    sum: Duration,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(..)")
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

impl Metrics {
    /// Counts the requests that `router` answers.
    pub fn measured(&self, router: Router) -> Router {
        let metrics = self.clone();
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let metrics = metrics.clone();
            async move {
                let began = Instant::now();
                let method = match *request.method() {
                    Method::GET | Method::HEAD | Method::POST | Method::PATCH | Method::PUT | Method::DELETE => {
                        request.method().to_string()
                    }
                    _ => "other".to_owned(),
                };
                let route = request.extensions().get::<MatchedPath>();
                let route = route.map_or("unmatched", MatchedPath::as_str).to_owned();
                let response = next.run(request).await;
                metrics.answered(method, route, response.status(), began.elapsed());
                response
            }
        }))
    }

    /// Counts the calls that go out through `transport`.
    pub fn measuring(&self, transport: SharedTransport) -> SharedTransport {
        Arc::new(Measuring {
            metrics: self.clone(),
            inner: transport,
        })
    }

    fn answered(&self, method: String, route: String, status: StatusCode, took: Duration) {
        self.with(|counts| {
            *counts
                .requests
                .entry((method, route.clone(), class(status)))
                .or_default() += 1;
            let latency = counts.latencies.entry(route).or_default();
            for (upper, count) in CLASSES.iter().zip(&mut latency.classes) {
                *count += u64::from(took.as_secs_f64() <= *upper);
            }
            latency.count += 1;
            latency.sum += took;
        });
    }

    fn called(&self, host: String, result: &'static str) {
        self.with(|counts| *counts.calls.entry((host, result)).or_default() += 1);
    }

    fn with<T>(&self, count: impl FnOnce(&mut Counts) -> T) -> T {
        // Counting does not panic half-way; what was counted before a panic elsewhere is right.
        count(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything counted so far, with `gauges` of the service's own behind it.
    pub fn text(&self, gauges: &[Gauge]) -> String {
        let mut text = String::new();
        self.with(|counts| {
            head(
                &mut text,
                "rightful_http_requests_total",
                "counter",
                "Requests that were answered",
            );
            for ((method, route, class), count) in &counts.requests {
                let labels = [("method", method.as_str()), ("route", route), ("status", class)];
                line(&mut text, "rightful_http_requests_total", &labels, count);
            }
            let name = "rightful_http_request_duration_seconds";
            head(&mut text, name, "histogram", "How long answering took");
            for (route, latency) in &counts.latencies {
                for (upper, count) in CLASSES.iter().zip(&latency.classes) {
                    let upper = upper.to_string();
                    line(
                        &mut text,
                        &format!("{name}_bucket"),
                        &[("route", route), ("le", &upper)],
                        count,
                    );
                }
                line(
                    &mut text,
                    &format!("{name}_bucket"),
                    &[("route", route), ("le", "+Inf")],
                    &latency.count,
                );
                line(
                    &mut text,
                    &format!("{name}_sum"),
                    &[("route", route)],
                    &latency.sum.as_secs_f64(),
                );
                line(&mut text, &format!("{name}_count"), &[("route", route)], &latency.count);
            }
            let name = "rightful_outgoing_calls_total";
            head(
                &mut text,
                name,
                "counter",
                "Calls to other systems, by the class of the answer's status",
            );
            for ((host, class), count) in &counts.calls {
                line(&mut text, name, &[("host", host), ("status", class)], count);
            }
        });
        for gauge in gauges {
            head(&mut text, gauge.name, "gauge", gauge.help);
            for (label, count) in &gauge.values {
                match gauge.label {
                    Some(name) => line(&mut text, gauge.name, &[(name, label)], count),
                    None => line(&mut text, gauge.name, &[], count),
                }
            }
        }
        text
    }

    /// The page itself, with `gauges` behind what was counted.
    pub fn page(&self, gauges: &[Gauge]) -> Response {
        let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
        (content_type, self.text(gauges)).into_response()
    }
}

/// Numbers of how things stand, that the service looks up when it is asked.
#[derive(Debug, Clone)]
pub struct Gauge {
    /// Its name, `rightful_…`.
    pub name: &'static str,
    /// What it counts, in words.
    pub help: &'static str,
    /// What the values differ by; none where there is one value.
    pub label: Option<&'static str>,
    /// The values, each with its label.
    pub values: Vec<(String, u64)>,
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} {kind}");
}

fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: &dyn fmt::Display) {
    let written = labels.iter().map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    });
    let labels = written.collect::<Vec<_>>().join(",");
    let _ = if labels.is_empty() {
        writeln!(text, "{name} {value}")
    } else {
        writeln!(text, "{name}{{{labels}}} {value}")
    };
}

struct Measuring {
    metrics: Metrics,
    inner: SharedTransport,
}

#[async_trait::async_trait]
impl Transport for Measuring {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let answered = self.inner.send(request).await;
        let result = match &answered {
            Ok(answer) => class(answer.status()),
            Err(TransportError::NotSent { .. }) => "not_sent",
            Err(TransportError::Forbidden { .. }) => "forbidden",
            Err(_) => "no_answer",
        };
        self.metrics.called(host, result);
        answered
    }
}

/// Whether a caller may see the counts (SEC-50): this machine, and the networks that a setting names. Somebody behind a
/// proxy that we do not know is not this machine, though the proxy may be.
pub fn may_see(address: IpAddr, headers: &HeaderMap, networks: &TrustedProxies) -> bool {
    let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    let here = address.to_canonical().is_loopback() && !forwarded;
    here || networks.contains(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_written_as_prometheus_reads_it() {
        let metrics = Metrics::default();
        let route = || "/requests/{id}".to_owned();
        metrics.answered("GET".to_owned(), route(), StatusCode::OK, Duration::from_millis(7));
        metrics.answered("GET".to_owned(), route(), StatusCode::NOT_FOUND, Duration::from_secs(9));
        metrics.called("api.example".to_owned(), "2xx");
        let gauge = Gauge {
            name: "rightful_requests",
            help: "Requests",
            label: Some("state"),
            values: vec![("a\"b".to_owned(), 3)],
        };
        let text = metrics.text(&[gauge]);
        for line in [
            "# TYPE rightful_http_requests_total counter",
            r#"rightful_http_requests_total{method="GET",route="/requests/{id}",status="2xx"} 1"#,
            r#"rightful_http_request_duration_seconds_bucket{route="/requests/{id}",le="0.005"} 0"#,
            r#"rightful_http_request_duration_seconds_bucket{route="/requests/{id}",le="0.01"} 1"#,
            r#"rightful_http_request_duration_seconds_bucket{route="/requests/{id}",le="+Inf"} 2"#,
            r#"rightful_http_request_duration_seconds_count{route="/requests/{id}"} 2"#,
            r#"rightful_outgoing_calls_total{host="api.example",status="2xx"} 1"#,
            r#"rightful_requests{state="a\"b"} 3"#,
        ] {
            assert!(text.lines().any(|written| written == line), "{line}\n{text}");
        }
    }

    #[test]
    fn only_this_machine_and_named_networks_see_it() {
        // SEC-50
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let (none, some) = (
            TrustedProxies::default(),
            "10.0.0.0/8".parse::<TrustedProxies>().unwrap(),
        );
        let bare = HeaderMap::new();
        let forwarded: HeaderMap = [(
            http::HeaderName::from_static("x-forwarded-for"),
            "1.2.3.4".parse().unwrap(),
        )]
        .into_iter()
        .collect();
        assert!(may_see(address("127.0.0.1"), &bare, &none));
        assert!(may_see(address("::1"), &bare, &none));
        assert!(!may_see(address("10.1.2.3"), &bare, &none));
        assert!(may_see(address("10.1.2.3"), &bare, &some));
        assert!(!may_see(address("127.0.0.1"), &forwarded, &none));
        assert!(!may_see(address("192.0.2.1"), &bare, &some));
    }
}
