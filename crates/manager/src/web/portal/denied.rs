//! Recording who tried what they may not (SEC-44).

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::Response,
};
use http::StatusCode;
use privacy::audit::{Detail, Event, Fact};

use crate::{By, Manager};

/// A place in the request where whoever it comes from is noted as soon as that is known.
#[derive(Clone, Default)]
pub(crate) struct Caller(Arc<OnceLock<By>>);

impl Caller {
    /// It is they.
    pub(crate) fn is(&self, by: &By) {
        let _ = self.0.set(by.clone());
    }
}

/// Puts a record into the audit log of every answer of `router` that refuses a known caller.
pub(crate) fn recorded(router: Router<Manager>, manager: &Manager) -> Router<Manager> {
    router.layer(middleware::from_fn_with_state(manager.clone(), record))
}

async fn record(State(manager): State<Manager>, mut request: Request, next: Next) -> Response {
    let caller = Caller::default();
    request.extensions_mut().insert(caller.clone());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN
        && let Some(by) = caller.0.get()
    {
        // Ids stay out of it, and braces are no characters of a code.
        let route = route.unwrap_or_default().replace('{', ":").replace('}', "");
        let what = format!("{method}:{route}");
        let facts = [(Detail::Target, Fact::code(&what))];
        let event = by.event(Event::AccessDenied, by.actor.to_string(), facts);
        let recorded = store::retried(|| async {
            let mut tx = manager.store().write().await?;
            tx.audit(event.clone());
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
