//! A bound on open connections.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::Request;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service;
use tower_http::timeout::TimeoutBody;

use super::{Answering, Answers, Limits};

/// Makes one [`Connection`] per accepted connection, and waits while too many are open.
#[derive(Clone)]
pub(super) struct Limited {
    answers: Answers,
    limits: Limits,
    free: Arc<Semaphore>,
}

impl Limited {
    pub(super) fn new(answers: Answers, limits: Limits) -> Self {
        Self {
            answers,
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
        let (answers, limits, free) = (self.answers.clone(), self.limits, Arc::clone(&self.free));
        // The semaphore is never closed, so a permit always comes in the end.
        Box::pin(async move {
            Ok(Connection {
                answers,
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
    answers: Answers,
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
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(())) // a router always is
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Limits { body_pause, body, .. } = self.limits;
        let request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(TimeoutBody::new(body_pause, body))
            }
        });
        self.answers.answer(request, self.peer, body)
    }
}
