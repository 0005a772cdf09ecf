//! `GET /metrics`: how things stand, for Prometheus.

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use rightful_http::{
    ClientAddress, TrustedProxies,
    metrics::{Gauge, may_see},
    problem::Problem,
};
use store::StoreError;

use super::api;
use crate::{Manager, rows};

/// Open to this machine and to the networks of a setting; for all others it is not there (SEC-50).
pub(super) async fn show(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let networks = manager.settings().metrics_networks.parse::<TrustedProxies>();
    if !may_see(address, &headers, &networks.unwrap_or_default()) {
        return Err(Problem::new(StatusCode::NOT_FOUND, "not-found").detail("there is nothing at this address"));
    }
    let gauges = gauges(&manager).await.map_err(|error| api::internal(&error))?;
    Ok(manager.metrics().page(&gauges))
}

async fn gauges(manager: &Manager) -> Result<Vec<Gauge>, StoreError> {
    let mut read = manager.store().read().await?;
    let requests = rows::request::totals(&mut read).await?;
    let jobs = rows::job_counts::jobs(&mut read).await?;
    let lanes = rows::job_counts::closed_lanes(&mut read).await?;
    Ok(vec![
        Gauge {
            name: "rightful_requests",
            help: "Requests by state",
            label: Some("state"),
            values: requests,
        },
        Gauge {
            name: "rightful_jobs",
            help: "Jobs: due ones that wait, those that wait for their time, and those that are carried out",
            label: Some("state"),
            values: jobs,
        },
        Gauge {
            name: "rightful_lanes_closed",
            help: "Lanes that are closed because the other side asked for a pause",
            label: None,
            values: vec![(String::new(), lanes)],
        },
    ])
}
