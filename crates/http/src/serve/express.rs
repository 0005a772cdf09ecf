//! What is asked so often that even the layers of a router would be felt.

use std::{convert::Infallible, net::SocketAddr, pin::Pin, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request},
    response::Response,
    routing::future::RouteFuture,
};
use futures_util::future::Either;
use http::{Method, Uri};
use tower::Service as _;

/// An answer on its way, or the request again where it has to go the usual way.
pub type Underway = Pin<Box<dyn Future<Output = Result<Response, Request>> + Send>>;

/// Answers some requests without the router. It must answer them as the router would.
pub trait Express: Send + Sync + 'static {
    /// Whether such a request is worth trying.
    fn takes(&self, method: &Method, uri: &Uri) -> bool;

    /// Tries to answer a request that `peer` sent.
    fn answer(self: Arc<Self>, request: Request, peer: SocketAddr) -> Underway;
}

/// What a server answers with: a router, and what goes before it.
#[derive(Clone)]
pub struct Answers {
    router: Router,
    express: Option<Arc<dyn Express>>,
}

/// An answer that will come.
pub type Answering =
    Either<RouteFuture<Infallible>, Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>>;

impl Answers {
    /// The router's, but for what `express` answers.
    pub fn with_express(router: Router, express: impl Express) -> Self {
        Self {
            router,
            express: Some(Arc::new(express)),
        }
    }

    /// Answers a request that `peer` sent, of whose body `most` bytes are read where a route does not set its own
    /// `DefaultBodyLimit`.
    pub fn answer(&mut self, request: Request, peer: SocketAddr, most: usize) -> Answering {
        let express = self.express.as_ref();
        let Some(express) = express.filter(|express| express.takes(request.method(), request.uri())) else {
            return Either::Left(routed(&mut self.router, request, peer, most));
        };
        let (express, mut router) = (Arc::clone(express), self.router.clone());
        Either::Right(Box::pin(async move {
            match express.answer(request, peer).await {
                Ok(response) => Ok(response),
                Err(request) => routed(&mut router, request, peer, most).await,
            }
        }))
    }
}

fn routed(router: &mut Router, mut request: Request, peer: SocketAddr, most: usize) -> RouteFuture<Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    // Not as layers of the router: each of those costs every request several allocations.
    DefaultBodyLimit::max(most).apply(&mut request);
    router.call(request)
}

impl From<Router> for Answers {
    fn from(router: Router) -> Self {
        Self { router, express: None }
    }
}
