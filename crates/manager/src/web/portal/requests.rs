//! The pages about requests: the queue, one request, its review.

mod annotate;
mod approvals;
mod bulk;
mod decide;
mod edit;
mod export;
mod new;
mod next;
mod package;
mod queue;
mod review;
mod show;
mod view;
mod words;

use axum::{
    Router,
    response::Redirect,
    routing::{get, post},
};

use crate::Manager;

pub(super) use next::{NextRow, mine, next};
pub(super) use words::{happened, right_served};

/// The routes below `/requests`.
pub(crate) fn router() -> Router<Manager> {
    Router::new()
        .route("/requests", get(queue::queue))
        .route("/requests/search", get(all).post(queue::search))
        .route(export::PATH, get(export::csv))
        .route(bulk::CHOOSE, get(all).post(bulk::ask))
        .route(bulk::DO, get(all).post(bulk::carry_out))
        .route("/requests/new", get(new::form).post(new::create))
        .route("/requests/{id}", get(show::show))
        .route("/requests/{id}/edit", get(edit::form).post(edit::save))
        .route("/requests/{id}/subject", post(show::reveal))
        .route("/requests/{id}/assignee", post(annotate::assign))
        .route("/requests/{id}/notes", post(annotate::note))
        .route("/requests/{id}/mails/{mail}", post(annotate::send_again))
        .route("/requests/{id}/{decision}", post(decide::decide))
        .route("/requests/{id}/tasks/retry", post(decide::retry_all))
        .route("/requests/{id}/tasks/{task}/retry", post(decide::retry_task))
        .route("/requests/{id}/tasks/{task}/skip", post(decide::skip_task))
        .route("/requests/{id}/tasks/{task}/stop", post(decide::stop_task))
        .route("/requests/{id}/tasks/{task}/remind", post(decide::remind))
        .route("/requests/{id}/tasks/{task}/resend", post(decide::resend))
        .route("/requests/{id}/package", post(package::download))
        .route("/requests/{id}/review", get(review::page).post(review::save))
        .route("/requests/{id}/review/undo", post(review::undo))
        .route("/requests/{id}/review/policy", post(review::save_policy))
        .route("/requests/{id}/review/preview", get(review::preview))
        .route(
            "/requests/{id}/review/files",
            post(review::add_file).layer(review::file_limit()),
        )
        .route("/requests/{id}/review/files/{file}", get(review::file))
        .route("/requests/{id}/review/files/{file}/picture", get(review::picture))
        .route("/requests/{id}/review/files/{object}/remove", post(review::remove_file))
        .route("/requests/{id}/review/objects/{object}", get(review::records))
        .route(
            "/requests/{id}/review/objects/{object}/{record}",
            get(review::record).post(review::change),
        )
}

/// The address of a search holds no search: whoever comes back to it begins anew.
async fn all() -> Redirect {
    Redirect::to("/requests")
}
