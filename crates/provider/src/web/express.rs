//! The two calls that come most often, answered without the router's layers: they cost more than the answers do.

use std::{net::SocketAddr, sync::Arc};

use axum::extract::Request;
use http::{Method, Uri};
use rightful_http::{
    ReadyFront,
    front::names_several_hosts,
    serve::{self, Underway},
};

use super::{api, oauth};
use crate::Provider;

const ME: &str = "/v2/me";
const TOKEN: &str = "/oauth2/token";

/// Answers both. What of `GET /v2/me` is not plain, a refusal above all, goes the usual way.
pub(super) struct Express {
    pub(super) provider: Provider,
    pub(super) front: ReadyFront,
}

impl serve::Express for Express {
    fn takes(&self, method: &Method, uri: &Uri) -> bool {
        match uri.path() {
            ME => method == Method::GET && uri.query().is_none(),
            TOKEN => method == Method::POST,
            _ => false,
        }
    }

    fn answer(self: Arc<Self>, request: Request, peer: SocketAddr) -> Underway {
        if names_several_hosts(request.headers()) {
            return Box::pin(std::future::ready(Err(request)));
        }
        // Each in a box of its own size.
        if request.method() == Method::GET {
            Box::pin(async move {
                let (head, body) = request.into_parts();
                let answering = async { api::plain_me(&self.provider, &head).await.ok_or(()) };
                let answer = self.front.express(Method::GET, ME, answering).await;
                answer.map_err(|()| Request::from_parts(head, body))
            })
        } else {
            Box::pin(async move {
                let caller = self.front.caller(peer, request.headers());
                let answering = async { Ok(oauth::token(&self.provider, request, caller).await) };
                self.front.express(Method::POST, TOKEN, answering).await
            })
        }
    }
}
