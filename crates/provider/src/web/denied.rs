//! Recording who tried what they may not (SEC-44).

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::Response,
};
use http::StatusCode;
use serde_json::json;

use crate::{Actor, Provider};

/// A place in the request where whoever it comes from is noted as soon as that is known.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<OnceLock<Actor>>);

impl Known {
    /// It is they.
    pub(crate) fn is(&self, actor: Actor) {
        let _ = self.0.set(actor);
    }
}

/// Puts a record into the audit log of every answer of `router` that refuses somebody known.
pub(super) fn recorded(router: Router<Provider>, provider: &Provider) -> Router<Provider> {
    router.layer(middleware::from_fn_with_state(provider.clone(), record))
}

async fn record(State(provider): State<Provider>, mut request: Request, next: Next) -> Response {
    let known = Known::default();
    request.extensions_mut().insert(known.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN
        && let Some(actor) = known.0.get()
    {
        // The route, never the path: ids and what somebody typed stay out of it.
        let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
        let recorded = store::retried(|| async {
            let mut tx = provider.store().write().await?;
            tx.audit(actor.did("access.denied", format!("{method} {route}"), json!({})));
            tx.commit().await
        });
        if let Err(error) = recorded.await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a refusal could not be recorded"
            );
        }
    }
    response
}
