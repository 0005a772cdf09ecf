//! `GET /v2/me`.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use oauth::BearerError;
use rightful_http::extract::{Json, QueryPairs, Refusal};
use serde_json::{Value, json};

use super::{error::ApiError, paging::one};
use crate::{ApiUser, Provider};

/// What can be asked for beyond the bare minimum.
#[derive(Debug, Default)]
struct Wanted {
    features: bool,
    accounts: bool,
    project_roles: bool,
}

pub(super) async fn show(
    State(provider): State<Provider>,
    Extension(user): Extension<ApiUser>,
    query: Result<QueryPairs, Refusal>,
) -> Result<Response, ApiError> {
    let wanted = wanted(&query?)?;
    let Some(me) = provider.me(&user).await? else {
        let status = provider.settings().revoked_status.at_api();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED);
        return Err(ApiError::new(
            status,
            "authentication_failed",
            BearerError::InvalidToken.to_string(),
        ));
    };
    let mut current_account = json!({ "id": user.account });
    let mut body = json!({
        "id": user.user,
        "profile": {
            "email": me.profile.email.reveal(),
            "first_name": me.profile.first_name.reveal(),
            "last_name": me.profile.last_name.reveal(),
            "profile_image": "",
        },
    });
    if wanted.features {
        insert(&mut current_account, "features", json!({}));
    }
    insert(&mut body, "current_account", current_account);
    if wanted.accounts {
        let accounts = me
            .accounts
            .iter()
            .map(|account| json!({ "id": account.id, "name": account.name }));
        insert(&mut body, "accounts", accounts.collect());
    }
    if wanted.project_roles {
        // There are no projects here.
        insert(&mut body, "project_roles", json!([]));
    }
    Ok(Json(body).into_response())
}

fn wanted(query: &QueryPairs) -> Result<Wanted, ApiError> {
    let mut wanted = Wanted::default();
    match one(query, "include_features")? {
        None | Some("false") => {}
        Some("true") => wanted.features = true,
        Some(_) => return Err(ApiError::field("include_features", "must be true or false")),
    }
    // A list with commas, or the parameter several times.
    let words = query
        .0
        .iter()
        .filter(|(name, _)| name == "expand")
        .flat_map(|(_, words)| words.split(','));
    for word in words.filter(|word| !word.is_empty()) {
        match word {
            "current_account.features" => wanted.features = true,
            "accounts" => wanted.accounts = true,
            "project_roles" => wanted.project_roles = true,
            _ => {
                let reason = "must be of current_account.features, accounts, project_roles";
                return Err(ApiError::field("expand", reason));
            }
        }
    }
    Ok(wanted)
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
