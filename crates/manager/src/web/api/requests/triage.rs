//! Putting a request right while it is in triage: `PATCH /requests/{id}`.

use std::collections::BTreeMap;

use axum::{extract::State, response::IntoResponse as _};
use http::StatusCode;
use privacy::Personal;
use rightful_http::{
    extract::{Json, Path},
    problem::Problem,
};
use serde::{Deserialize, Deserializer};

use super::{
    super::{ApiCaller, ApiResult, internal, not_found},
    bodies::invalid,
};
use crate::{
    ConnectionId, Manager, Permission, RequestId,
    app::requests::{TakesPart, TriageChange, TriageError},
};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChangeBody {
    framework: Option<String>,
    /// `null`: none of this kind any more.
    identities: BTreeMap<String, Option<Personal>>,
    /// `null`: every one that can act.
    #[serde(deserialize_with = "given")]
    connections: Option<TakesPart>,
}

/// Tells `null` from what is not there.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TakesPart>, D::Error> {
    let named = Option::<Vec<ConnectionId>>::deserialize(deserializer)?;
    Ok(Some(named.map_or(TakesPart::Everyone, TakesPart::Only)))
}

pub(super) async fn change(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    Json(body): Json<ChangeBody>,
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let identities = body.identities.into_iter().map(|(kind, value)| {
        let kind = kind
            .parse()
            .map_err(|_| invalid("identities", "names a kind that is not known"))?;
        Ok((kind, value))
    });
    let change = TriageChange {
        framework: body.framework,
        identities: identities.collect::<Result<_, Problem>>()?,
        connections: body.connections,
    };
    Ok(Json(manager.change_in_triage(id, &change, &caller.by).await?).into_response())
}

impl From<TriageError> for Problem {
    fn from(error: TriageError) -> Self {
        match error {
            TriageError::NotFound => not_found("there is no such request"),
            TriageError::NotNow | TriageError::Confirmed => {
                Self::new(StatusCode::CONFLICT, "wrong-state").detail(error.to_string())
            }
            TriageError::Invalid { field, reason } => invalid(field, &reason),
            TriageError::Store(error) => internal(&error),
        }
    }
}
