//! The network: the manager's way out leads into the vendor's router, with faults between.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, extract::ConnectInfo};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use rightful_http::client::{Body, Transport, TransportError};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{
    dice::Dice,
    gate,
    pace::Meter,
    time::{WorldTime, later},
    trace::Trace,
    weather::{Fault, Weather},
};

/// How long the manager waits for an answer (`http_timeout`).
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// The vendor's API, by its host and what comes before an account in it.
pub(super) const VENDOR: &str = "vendor.test";

/// Everything between the two services.
pub(super) struct Network {
    pub(super) vendor: Router,
    pub(super) time: WorldTime,
    pub(super) trace: Trace,
    dice: Dice,
    inner: Mutex<Inner>,
}

struct Inner {
    weather: Weather,
    /// Calls whose effect is still to come.
    late: Vec<(Timestamp, Request<Bytes>)>,
    effects: Vec<Effect>,
    meters: BTreeMap<String, Meter>,
    calls: u64,
    faults: u64,
}

/// A job that the vendor has taken.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// The vendor's id.
    pub(super) job: i64,
    pub(super) is_deletion: bool,
    /// About whom: never printed.
    pub(super) identifier: String,
    /// When it was sent.
    pub(super) sent_at: Timestamp,
}

impl Network {
    pub(super) fn new(vendor: Router, time: &WorldTime, seed: u64, loud: bool) -> Arc<Self> {
        Arc::new(Self {
            vendor,
            time: time.clone(),
            trace: Trace::new(time, loud),
            dice: Dice::new(seed, "wire"),
            inner: Mutex::new(Inner {
                weather: Weather::CLEAR,
                late: Vec::new(),
                effects: Vec::new(),
                meters: BTreeMap::new(),
                calls: 0,
                faults: 0,
            }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_weather(&self, weather: Weather) {
        self.inner().weather = weather;
    }

    /// How many calls there were, and how many went wrong.
    pub(super) fn counts(&self) -> (u64, u64) {
        let inner = self.inner();
        (inner.calls, inner.faults)
    }

    /// Watches how often this host is called.
    pub(super) fn meter(&self, host: &str, meter: Meter) {
        self.inner().meters.insert(host.to_owned(), meter);
    }

    /// The manager's clock was set: what it counts begins anew.
    pub(super) fn forget_pace(&self) {
        self.inner().meters.values_mut().for_each(Meter::forget);
    }

    /// Calls that came too early, as the meters saw them.
    pub(super) fn too_fast(&self) -> Option<String> {
        let inner = self.inner();
        inner
            .meters
            .iter()
            .find_map(|(host, meter)| meter.fault().map(|fault| format!("{host}: {fault}")))
    }

    /// The jobs that the vendor has taken since the last time somebody asked.
    pub(super) fn take_effects(&self) -> Vec<Effect> {
        std::mem::take(&mut self.inner().effects)
    }

    /// When the next late effect comes.
    pub(super) fn next_late(&self) -> Option<Timestamp> {
        self.inner().late.iter().map(|(at, _)| *at).min()
    }

    /// Lets what is late take effect by now.
    pub(super) async fn deliver_late(&self) {
        let now = self.time.now();
        let due: Vec<Request<Bytes>> = {
            let mut inner = self.inner();
            let (due, rest) = std::mem::take(&mut inner.late)
                .into_iter()
                .partition(|(at, _)| *at <= now);
            inner.late = rest;
            let due: Vec<(Timestamp, Request<Bytes>)> = due;
            due.into_iter().map(|(_, request)| request).collect()
        };
        for request in due {
            let what = words(&request);
            let (status, ..) = self.deliver(request).await;
            self.trace.note(format_args!("late: {what} -> {status}"));
        }
    }

    /// The vendor answers.
    async fn deliver(&self, request: Request<Bytes>) -> (StatusCode, http::HeaderMap, Bytes) {
        let asked = (request.method() == Method::POST && request.uri().path() == "/v2/subject-access-requests")
            .then(|| request.body().clone());
        let sent_at = self.time.now();
        let answer = call(&self.vendor, request).await;
        if let Some(asked) = asked.filter(|_| answer.0.is_success()) {
            let asked: Value = serde_json::from_slice(&asked).unwrap_or_default();
            let taken: Value = serde_json::from_slice(&answer.2).unwrap_or_default();
            self.inner().effects.push(Effect {
                job: taken["id"].as_i64().unwrap_or_default(),
                is_deletion: asked["request_type"] == "delete",
                identifier: asked["identifier"].as_str().unwrap_or_default().to_owned(),
                sent_at,
            });
        }
        answer
    }

    fn next_fault(&self, host: &str, path: &str) -> Option<Fault> {
        let mut inner = self.inner();
        inner.calls += 1;
        let now = self.time.now();
        if path.starts_with("/v2/")
            && gate::is_a_jobs_work()
            && let Some(meter) = inner.meters.get_mut(host)
        {
            meter.count(now);
        }
        let fault = inner.weather.fault(&self.dice);
        inner.faults += u64::from(fault.is_some());
        fault
    }
}

/// Sends a request into a router and reads all of the answer.
pub(super) async fn call(router: &Router, request: Request<Bytes>) -> (StatusCode, http::HeaderMap, Bytes) {
    let (mut parts, body) = request.into_parts();
    if let Some(host) = parts
        .uri
        .authority()
        .and_then(|host| HeaderValue::from_str(host.as_str()).ok())
    {
        parts.headers.insert(header::HOST, host);
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse().unwrap_or_default();
    if !body.is_empty() {
        parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    }
    parts
        .extensions
        .insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 443))));
    let request = Request::from_parts(parts, axum::body::Body::from(body));
    let (head, body) = match router.clone().oneshot(request).await {
        Ok(answer) => answer.into_parts(),
        Err(never) => match never {},
    };
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    (head.status, head.headers, body)
}

/// One manager process's way out.
pub(super) struct Wire {
    pub(super) network: Arc<Network>,
    /// The process's name in the trace.
    pub(super) name: String,
}

#[async_trait::async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        gate::pause(None).await;
        let host = request.uri().host().unwrap_or_default().to_owned();
        let fault = self.network.next_fault(&host, request.uri().path());
        let what = words(&request);
        let told = match fault {
            None => what.clone(),
            Some(fault) => format!("{what} [{fault:?}]"),
        };
        let answer = self.carry(request, fault, &host).await;
        let said = match &answer {
            Ok(answer) => answer.status().to_string(),
            Err(error) => error.to_string(),
        };
        self.network.trace.note(format_args!("{}: {told} -> {said}", self.name));
        gate::pause(None).await;
        answer
    }
}

impl Wire {
    async fn carry(
        &self,
        request: Request<Bytes>,
        fault: Option<Fault>,
        host: &str,
    ) -> Result<Response<Body>, TransportError> {
        let lost = |reason: &str| {
            Err(TransportError::Unknown {
                host: host.to_owned(),
                reason: reason.to_owned(),
            })
        };
        let now = self.network.time.now();
        match fault {
            None => Ok(whole(self.network.deliver(request).await)),
            Some(Fault::NotSent) => Err(TransportError::NotSent {
                host: host.to_owned(),
                reason: "nobody listens there".to_owned(),
            }),
            Some(Fault::LostBefore) => lost("the connection was reset"),
            Some(Fault::LostAfter) => {
                self.network.deliver(request).await;
                lost("the connection was reset")
            }
            Some(Fault::Throttled(wait)) => Ok(throttled(wait)),
            Some(Fault::FailedBefore) => Ok(failed()),
            Some(Fault::FailedAfter) => {
                self.network.deliver(request).await;
                Ok(failed())
            }
            Some(Fault::ProxyBefore) => Ok(page(StatusCode::BAD_GATEWAY)),
            Some(Fault::ProxyAfter) => {
                self.network.deliver(request).await;
                Ok(page(StatusCode::GATEWAY_TIMEOUT))
            }
            Some(Fault::Portal) => Ok(page(StatusCode::OK)),
            Some(Fault::Torn) => Ok(torn(self.network.deliver(request).await, host)),
            Some(Fault::Slow(by)) => {
                let answer = self.network.deliver(request).await;
                gate::pause(Some(later(now, by))).await;
                Ok(whole(answer))
            }
            Some(Fault::TimedOut) => {
                self.network.deliver(request).await;
                gate::pause(Some(later(now, PATIENCE))).await;
                lost("no answer in time")
            }
            Some(Fault::TimedOutLate(by)) => {
                let at = later(later(now, PATIENCE), by);
                self.network.inner().late.push((at, request));
                gate::pause(Some(later(now, PATIENCE))).await;
                lost("no answer in time")
            }
            Some(Fault::ResetLate(by)) => {
                self.network.inner().late.push((later(now, by), request));
                lost("the connection was reset")
            }
        }
    }
}

/// A call without anything personal or secret: numbers stand for themselves, a query is left out.
fn words(request: &Request<Bytes>) -> String {
    format!("{} {}", request.method(), request.uri().path())
}

fn whole((status, headers, body): (StatusCode, http::HeaderMap, Bytes)) -> Response<Body> {
    let mut answer = Response::new(Body::full(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn torn((status, headers, body): (StatusCode, http::HeaderMap, Bytes), host: &str) -> Response<Body> {
    let error = TransportError::Unknown {
        host: host.to_owned(),
        reason: "the answer broke off".to_owned(),
    };
    let half = body.slice(..body.len() / 2);
    let pieces = stream::iter([Ok(half), Err(error)]).boxed();
    let mut answer = Response::new(Body::from_stream(pieces));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn throttled(wait: Option<u64>) -> Response<Body> {
    let mut answer = failed();
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    if let Some(wait) = wait {
        answer.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    answer
}

fn failed() -> Response<Body> {
    let mut answer = Response::new(Body::full(
        r#"{"code": "internal_error", "message": "Something broke"}"#,
    ));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}

fn page(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::full("<html><body>A word from our proxy</body></html>"));
    *answer.status_mut() = status;
    let html = HeaderValue::from_static("text/html");
    answer.headers_mut().insert(header::CONTENT_TYPE, html);
    answer
}
