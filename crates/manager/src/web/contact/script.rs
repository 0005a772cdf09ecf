//! The script of the form.

use std::sync::LazyLock;

use rightful_http::pages::assets::Script;

/// It, under the path that serves it.
pub(super) static SCRIPT: LazyLock<Script> =
    LazyLock::new(|| Script::new("contact", include_str!("../../../assets/contact.js")));
