//! The script that solves the form's task.

use std::sync::LazyLock;

use rightful_http::pages::assets::Script;

/// It, under the path that serves it.
pub(super) static SCRIPT: LazyLock<Script> =
    LazyLock::new(|| Script::new("public-form", include_str!("../../../assets/public-form.js")));
