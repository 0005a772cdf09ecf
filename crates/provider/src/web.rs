//! What a browser or a client sees.

pub(crate) mod api;
mod denied;
mod export_store;
mod express;
pub(crate) mod form;
mod home;
mod invitation;
mod oauth;
pub(crate) mod page;
mod privacy_request;
mod privacy_requests;
mod settings;
mod team_requests;
pub(crate) mod visitor;

use axum::{Router, middleware};
use rightful_http::{Front, health, health::Check, pages::assets, serve::Answers};

use crate::Provider;

/// Everything behind one listener.
pub(crate) fn router(provider: &Provider) -> Router {
    let pages = Router::new()
        .merge(home::routes())
        .merge(invitation::routes())
        .merge(oauth::pages())
        .merge(settings::routes())
        .merge(privacy_requests::routes())
        .merge(privacy_request::routes())
        .merge(team_requests::routes())
        .layer(middleware::from_fn_with_state(
            provider.clone(),
            page::refusals_as_pages,
        ));
    let pages = denied::recorded(pages, provider).with_state(provider.clone());
    let ready = {
        let provider = provider.clone();
        move || ready(provider.clone())
    };
    let router = Router::new()
        .merge(pages)
        .merge(oauth::endpoints().with_state(provider.clone()))
        .merge(denied::recorded(api::router(provider), provider).with_state(provider.clone()))
        .merge(export_store::router(provider).with_state(provider.clone()))
        .merge(health::routes(ready))
        .merge(assets::routes(provider.settings().brand_color));
    front(provider).before(router)
}

/// The same, and sooner where much is asked.
pub(crate) fn answers(provider: &Provider) -> Answers {
    let express = express::Express {
        provider: provider.clone(),
        front: front(provider).ready(),
    };
    Answers::with_express(router(provider), express)
}

fn front(provider: &Provider) -> Front {
    Front {
        brand: provider.settings().brand_name.as_str().into(),
        public_url: provider.settings().public_url.clone(),
        trusted_proxies: provider.trusted_proxies().clone(),
        entropy: provider.store().entropy().clone(),
        error_pages: None,
    }
}

async fn ready(provider: Provider) -> Vec<Check> {
    let fault = match provider.is_reachable().await {
        Ok(()) => None,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
            Some("the database does not answer".to_owned())
        }
    };
    vec![Check {
        name: "database",
        fault,
    }]
}
