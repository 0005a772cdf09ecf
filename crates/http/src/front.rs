//! What stands in front of a whole service: the layers every request goes through.

mod access_log;
mod last_resort;
mod request_id;

use axum::{Router, extract::Request, middleware};
use url::Url;
use vault::SharedEntropy;

pub use request_id::RequestId;

use crate::{
    client_address::{ClientAddress, TrustedProxies},
    headers, problem,
};

/// What the layers need to know.
#[derive(Clone)]
pub struct Front {
    /// The service's name, for error pages.
    pub brand: std::sync::Arc<str>,
    /// Where the service is reached from outside.
    pub public_url: Url,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: TrustedProxies,
    /// Gives request ids.
    pub entropy: SharedEntropy,
}

impl Front {
    /// Puts the layers before `router`. Outermost first: request id and access log, security headers, absolute problem
    /// types, and an answer where a handler panicked or no route was found. Afterwards [`RequestId`] and
    /// [`ClientAddress`] can be extracted.
    pub fn before(&self, router: Router) -> Router {
        let router = last_resort::layered(router, std::sync::Arc::clone(&self.brand));
        let router = problem::with_public_url(router, &self.public_url);
        let router = headers::secured(router, self.public_url.scheme() == "https");
        let router = router.layer(middleware::from_fn(access_log::logged));
        let (trusted, entropy) = (self.trusted_proxies.clone(), self.entropy.clone());
        router.layer(middleware::map_request(move |mut request: Request| {
            let caller = ClientAddress::of(&trusted, request.extensions(), request.headers());
            let id = RequestId::generate(&*entropy);
            request.extensions_mut().insert(caller);
            request.extensions_mut().insert(id);
            std::future::ready(request)
        }))
    }
}
