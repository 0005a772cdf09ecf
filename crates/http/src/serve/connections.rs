//! A bound on open connections.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, DefaultBodyLimit},
    response::Response,
};
use bytes::Bytes;
use http::Request;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service;
use tower_http::timeout::TimeoutBody;

use super::Limits;

/// Makes one [`Connection`] per accepted connection, and waits while too many are open.
#[derive(Clone)]
pub(super) struct Limited {
    router: Router,
    limits: Limits,
    free: Arc<Semaphore>,
}

impl Limited {
    pub(super) fn new(router: Router, limits: Limits) -> Self {
        Self {
            router,
            limits,
            free: Arc::new(Semaphore::new(limits.connections)),
        }
    }
}

impl Service<SocketAddr> for Limited {
    type Response = Connection;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, peer: SocketAddr) -> Self::Future {
        let (router, limits, free) = (self.router.clone(), self.limits, Arc::clone(&self.free));
        // The semaphore is never closed, so a permit always comes in the end.
        Box::pin(async move {
            Ok(Connection {
                router,
                limits,
                peer,
                _permit: free.acquire_owned().await.ok().map(Arc::new),
            })
        })
    }
}

/// Serves the requests of one connection; holds its place until it is dropped.
#[derive(Clone)]
pub(super) struct Connection {
    router: Router,
    limits: Limits,
    peer: SocketAddr,
    _permit: Option<Arc<OwnedSemaphorePermit>>,
}

impl<B> Service<Request<B>> for Connection
where
    B: axum::body::HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = axum::routing::future::RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(())) // a router always is
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        // Not as layers of the router: each of those costs every request several allocations.
        DefaultBodyLimit::max(self.limits.body).apply(&mut request);
        let pause = self.limits.body_pause;
        self.router.call(request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(TimeoutBody::new(pause, body))
            }
        }))
    }
}
