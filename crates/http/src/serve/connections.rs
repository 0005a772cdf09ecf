//! A bound on open connections.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use bytes::Bytes;
use http::Request;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service;

/// Makes one [`Connection`] per accepted connection, and waits while too many are open.
#[derive(Clone)]
pub(super) struct Limited {
    router: Router,
    free: Arc<Semaphore>,
}

impl Limited {
    pub(super) fn new(router: Router, connections: usize) -> Self {
        Self {
            router,
            free: Arc::new(Semaphore::new(connections)),
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
        let (router, free) = (self.router.clone(), Arc::clone(&self.free));
        // The semaphore is never closed, so a permit always comes in the end.
        Box::pin(async move {
            Ok(Connection {
                router,
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
        self.router.call(request.map(Body::new))
    }
}
