//! What stands in front of a whole service: what every request goes through. On the way in it gets an id and its
//! caller's address; on the way out an answer where a handler panicked or no route was found, absolute problem types,
//! the security headers, and a line in the access log.

mod access_log;
mod error_pages;
mod last_resort;
mod request_id;

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, thread};

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tracing::Instrument as _;
use url::Url;
use vault::SharedEntropy;

use self::access_log::{Line, Route};
pub use self::{
    error_pages::{Asked, ErrorPages},
    request_id::RequestId,
};

use crate::{
    client_address::{ClientAddress, TrustedProxies},
    headers,
    problem::{self, Problem},
};

/// What it needs to know.
#[derive(Clone)]
pub struct Front {
    /// The service's name, for error pages.
    pub brand: Arc<str>,
    /// Where the service is reached from outside.
    pub public_url: Url,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: TrustedProxies,
    /// Gives request ids.
    pub entropy: SharedEntropy,
    /// Pages of the service's own for errors that nothing else has answered.
    pub error_pages: Option<Arc<dyn ErrorPages>>,
}

impl Front {
    /// Puts itself before `router`. Afterwards [`RequestId`] and [`ClientAddress`] can be extracted.
    pub fn before(&self, router: Router) -> Router {
        let front = self.ready();
        // One layer that does it all: each one costs every request several allocations.
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let front = front.clone();
            async move { front.answer(request, next).await }
        }))
    }

    /// Itself, for what is answered without a router.
    pub fn ready(&self) -> ReadyFront {
        ReadyFront(Arc::new(Known {
            https: self.public_url.scheme() == "https",
            problems: self.public_url.as_str().trim_end_matches('/').to_owned(),
            front: self.clone(),
        }))
    }
}

/// The front of a service that is being served. Cheap to clone.
#[derive(Clone)]
pub struct ReadyFront(Arc<Known>);

/// The front, and what follows from it.
struct Known {
    front: Front,
    https: bool,
    /// What the types of problems begin with.
    problems: String,
}

impl ReadyFront {
    /// Whose request this is.
    pub fn caller(&self, peer: SocketAddr, headers: &HeaderMap) -> ClientAddress {
        ClientAddress(self.0.front.trusted_proxies.caller(peer.ip(), headers))
    }

    /// What `answering` answers, as it leaves the service, or what it gives instead of an answer. The route is for the
    /// log.
    pub async fn express<Instead>(
        &self,
        method: Method,
        route: &'static str,
        answering: impl Future<Output = Result<Response, Instead>>,
    ) -> Result<Response, Instead> {
        let line = Line::begin(method, Route::Express(route));
        let name = RequestId::generate(&*self.0.front.entropy).to_string();
        let answered = AssertUnwindSafe(answering).catch_unwind();
        let answered = match answered.instrument(line.span(&name)).await {
            Ok(answer) => Ok(answer?),
            Err(panic) => Err(panic),
        };
        Ok(self.finished(answered, &name, line, None))
    }

    async fn answer(&self, mut request: Request, next: Next) -> Response {
        let front = &self.0.front;
        let caller = ClientAddress::of(&front.trusted_proxies, request.extensions(), request.headers());
        let id = RequestId::generate(&*front.entropy);
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(id);
        let name = id.to_string();
        let route = Route::Matched(request.extensions().get().cloned());
        let line = Line::begin(request.method().clone(), route);
        let asked = last_resort::wants_page(&request).then(|| Asked::of(&request));

        let answered = if names_several_hosts(request.headers()) {
            Ok(Problem::new(StatusCode::BAD_REQUEST, "invalid-request")
                .detail("the request names several hosts")
                .into_response())
        } else {
            let answered = AssertUnwindSafe(next.run(request)).catch_unwind();
            answered.instrument(line.span(&name)).await
        };
        self.finished(answered, &name, line, asked.as_ref())
    }

    fn finished(&self, answered: thread::Result<Response>, name: &str, line: Line, asked: Option<&Asked>) -> Response {
        let Known { front, https, problems } = &*self.0;
        let response = last_resort::answered(answered, front, name, asked);
        let mut response = problem::completed(response, problems, name);
        headers::secure(&mut response, *https);
        if let Ok(name) = HeaderValue::from_str(name) {
            response.headers_mut().insert("x-request-id", name);
        }
        line.end(name, &response);
        response
    }
}

/// RFC 9112 section 3.2: whoever stands in front of us may have looked at another of them than we would.
pub fn names_several_hosts(headers: &HeaderMap) -> bool {
    headers.get_all(header::HOST).iter().nth(1).is_some()
}
