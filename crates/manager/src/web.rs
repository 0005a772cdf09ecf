//! What is served: portal, API, the OAuth callback, health.

mod accent;
pub(crate) mod api;
mod callback;
mod contact;
mod faults;
mod metrics;
mod outside;
mod portal;
mod problems;
mod public;
mod reader;
#[cfg(test)]
mod translations;

use std::sync::Arc;

use axum::{Router, routing::get};
use rightful_http::{
    Front, TrustedProxies,
    health::{self, Check},
    pages::assets,
};
use tracing::warn;

use self::{faults::FaultPages, portal::page_error};
use crate::Manager;

/// Everything that a manager serves.
pub(crate) fn router(manager: Manager) -> Router {
    let settings = manager.settings();
    let trusted = settings.trusted_proxies.parse::<TrustedProxies>();
    let front = Front {
        brand: settings.brand.as_str().into(),
        public_url: settings.public_url.clone(),
        trusted_proxies: trusted.unwrap_or_else(|error| {
            warn!(error = &error as &dyn std::error::Error, "no proxy is trusted");
            TrustedProxies::default()
        }),
        entropy: manager.store().entropy().clone(),
        error_pages: Some(Arc::new(FaultPages(manager.clone()))),
    };
    let asked = manager.clone();
    let ready = move || {
        let manager = asked.clone();
        async move { vec![database(&manager).await] }
    };
    let pages = portal::router()
        .merge(callback::router())
        .merge(public::router(&manager))
        .merge(contact::router(&manager))
        .merge(problems::router());
    let pages = portal::denied::recorded(pages, &manager);
    let counted = manager.metrics().clone();
    let router = Router::new()
        .nest("/api/v1", portal::denied::recorded(api::router(), &manager))
        .route("/api/docs", get(api::docs::show))
        .route("/metrics", get(metrics::show))
        .merge(page_error::branded(pages, &settings.brand))
        .merge(health::routes(ready))
        .merge(assets::routes(None))
        .merge(accent::router())
        .with_state(manager);
    front.before(counted.measured(router))
}

async fn database(manager: &Manager) -> Check {
    let fault = match manager.has_operators().await {
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    Check {
        name: "database",
        fault,
    }
}
