//! Pages below `/accountsettings`.

mod application_form;
mod applications;
mod authorized;
mod button;
mod password;
mod proof;
mod tokens;
mod two_step;
mod users;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::Redirect,
    routing::{get, post},
};

use crate::Provider;

/// Where applications are registered.
const DEVELOPERS: &str = "/accountsettings/apps/developers";
/// Where authorized applications and personal tokens are listed.
const APPLICATIONS: &str = "/accountsettings/apps";
/// Where personal tokens are made.
const TOKENS: &str = "/accountsettings/tokens";

/// Where users change their password.
const PASSWORD: &str = "/accountsettings/password";
/// Where users end their other sessions.
const SESSIONS: &str = "/accountsettings/sessions/end";
/// Where users prove once more who they are.
const CONFIRM: &str = "/accountsettings/confirm";
/// Where users turn two-step log-in on and off.
const TWO_STEP: &str = "/accountsettings/two-step";
/// Where administrators look after the account's users.
const USERS: &str = "/accountsettings/users";
/// Where they say whether administrators need two-step log-in.
const TWO_STEP_RULE: &str = "/accountsettings/users/two-step";

/// Enough for fifty redirect URIs of the longest kind, percent-encoded.
const MOST_BYTES: usize = 512 * 1024;

pub(super) fn routes() -> Router<Provider> {
    Router::new()
        .route("/accountsettings", get(async || Redirect::to(APPLICATIONS)))
        // The vendor's documentation names both.
        .route("/accountsettings/developer", get(async || Redirect::to(DEVELOPERS)))
        .route(APPLICATIONS, get(authorized::list))
        .route("/accountsettings/apps/{grant}/revoke", post(authorized::revoke))
        .route(TOKENS, get(async || Redirect::to(APPLICATIONS)).post(tokens::create))
        .route("/accountsettings/tokens/{token}/revoke", post(tokens::revoke))
        .route(PASSWORD, get(password::form).post(password::change))
        .route(SESSIONS, post(password::end_others))
        .route(CONFIRM, get(proof::form).post(proof::prove))
        .route(TWO_STEP, get(two_step::show).post(two_step::begin))
        .route("/accountsettings/two-step/confirm", post(two_step::confirm))
        .route("/accountsettings/two-step/off", post(two_step::end))
        .route("/accountsettings/two-step/recovery", post(two_step::replace))
        .route(USERS, get(users::list).post(users::invite))
        .route(TWO_STEP_RULE, post(users::set_two_step))
        .route("/accountsettings/users/{user}/role", post(users::set_role))
        .route("/accountsettings/users/{user}/remove", post(users::remove))
        .route("/accountsettings/invitations/{id}/withdraw", post(users::withdraw))
        .route(DEVELOPERS, get(applications::list).post(applications::register))
        .route("/accountsettings/apps/developers/button", get(button::show))
        .route(
            "/accountsettings/apps/developers/{client_id}",
            get(applications::show).post(applications::edit),
        )
        .route(
            "/accountsettings/apps/developers/{client_id}/secret",
            post(applications::rotate),
        )
        .route(
            "/accountsettings/apps/developers/{client_id}/delete",
            post(applications::delete),
        )
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}
