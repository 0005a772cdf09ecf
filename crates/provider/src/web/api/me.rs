//! `GET /v2/me`.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use oauth::BearerError;
use rightful_http::extract::{Json, QueryPairs, Refusal};
use serde::Serialize;

use super::{error::ApiError, paging::one};
use crate::{AccountId, ApiUser, Provider, UserId};

/// What can be asked for beyond the bare minimum.
#[derive(Debug, Default)]
struct Wanted {
    features: bool,
    accounts: bool,
    project_roles: bool,
}

#[derive(Serialize)]
struct MeBody<'a> {
    id: UserId,
    profile: ProfileBody<'a>,
    current_account: CurrentAccountBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<Vec<AccountBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_roles: Option<Vec<()>>,
}

#[derive(Serialize)]
struct ProfileBody<'a> {
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    profile_image: &'static str,
}

#[derive(Serialize)]
struct CurrentAccountBody {
    id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<NoFeatures>,
}

/// An account has no features here: an object without members.
#[derive(Serialize)]
struct NoFeatures {}

#[derive(Serialize)]
struct AccountBody<'a> {
    id: AccountId,
    name: &'a str,
}

pub(super) async fn show(
    State(provider): State<Provider>,
    Extension(user): Extension<ApiUser>,
    query: Result<QueryPairs, Refusal>,
) -> Result<Response, ApiError> {
    answer(&provider, &user, wanted(&query?)?).await
}

/// The bare minimum.
pub(super) async fn plain(provider: &Provider, user: &ApiUser) -> Result<Response, ApiError> {
    answer(provider, user, Wanted::default()).await
}

async fn answer(provider: &Provider, user: &ApiUser, wanted: Wanted) -> Result<Response, ApiError> {
    let Some(me) = provider.me(user).await? else {
        let status = provider.settings().revoked_status.at_api();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED);
        return Err(ApiError::new(
            status,
            "authentication_failed",
            BearerError::InvalidToken.to_string(),
        ));
    };
    let accounts = me.accounts.iter().map(|account| AccountBody {
        id: account.id,
        name: &account.name,
    });
    let body = MeBody {
        id: user.user,
        profile: ProfileBody {
            email: me.profile.email.reveal(),
            first_name: me.profile.first_name.reveal(),
            last_name: me.profile.last_name.reveal(),
            profile_image: "",
        },
        current_account: CurrentAccountBody {
            id: user.account,
            features: wanted.features.then_some(NoFeatures {}),
        },
        accounts: wanted.accounts.then(|| accounts.collect()),
        // There are no projects here.
        project_roles: wanted.project_roles.then(Vec::new),
    };
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
