//! The form's page, and the page that answers it.

use askama::Template;
use axum::{
    Extension,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use mail::Language;
use privacy::{IdentityType, Right};
use rightful_http::{
    headers::ContentPolicy,
    pages::{
        Layout,
        parts::{Choice, Field},
    },
};

use super::{
    super::{Texts, page, places, script},
    filled::Filled,
};
use crate::{
    Manager,
    app::{FORM_ZERO_BITS, MOST_MESSAGE},
};

#[derive(Template)]
#[template(path = "public/form.html")]
struct FormPage<'a> {
    texts: &'static Texts,
    lede: String,
    languages: Vec<Offered>,
    filled: &'a Filled,
    form_id: String,
    lang: &'static str,
    zero_bits: Option<u32>,
    script: &'static str,
    right: Field<'a>,
    email: Field<'a>,
    place: Field<'a>,
    others: Vec<Field<'a>>,
    message: Field<'a>,
}

/// A language that the pages are offered in.
struct Offered {
    code: &'static str,
    name: &'static str,
    current: bool,
}

/// The form, with what was filled in so far.
pub(super) fn show(manager: &Manager, language: Language, filled: &Filled) -> Response {
    let texts = Texts::of(language);
    let has_task = manager.asks_for_work();
    let languages = manager.settings().public_languages().into_iter();
    let languages = languages.map(|offered| Offered {
        code: offered.name(),
        name: Texts::of(offered).language_name,
        current: offered == language,
    });
    let body = FormPage {
        texts,
        lede: texts
            .form_lede
            .replace("{brand}", &manager.company_as_known().brand.name),
        languages: languages.collect(),
        filled,
        form_id: manager.new_form_id(),
        lang: language.name(),
        zero_bits: has_task.then_some(FORM_ZERO_BITS),
        script: script::SCRIPT.path(),
        right: right(texts).value(filled.right.as_str()).error(filled.error("right")),
        email: Field::email("email", texts.email_label)
            .hint(texts.email_hint)
            .value(filled.email.as_str())
            .error(filled.error("email")),
        place: place(texts, language).value(filled.place.as_str()),
        others: others(manager, texts, filled),
        message: Field::area("message", texts.message_label)
            .optional_as(texts.optional)
            .hint(texts.message_hint)
            .value(filled.message.as_str())
            .max_length(u32::try_from(MOST_MESSAGE).unwrap_or(u32::MAX))
            .error(filled.error("message")),
    };
    let status = if filled.errors.is_empty() && !filled.is_stale {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = page(manager, language, Layout::Reading, status, texts.form_title, &body);
    let policy = ContentPolicy::default();
    let policy = if has_task { policy.with_own_scripts() } else { policy };
    (Extension(policy), page).into_response()
}

fn right(texts: &'static Texts) -> Field<'static> {
    let choices = vec![
        Choice::new(Right::Access.name(), texts.right_access).hint(texts.right_access_hint),
        Choice::new(Right::Deletion.name(), texts.right_deletion).hint(texts.right_deletion_hint),
    ];
    Field::radios("right", texts.right_label, choices)
}

fn place(texts: &'static Texts, language: Language) -> Field<'static> {
    let places = places::of(language);
    let places = places.into_iter().map(|(code, name)| Choice::new(code, name));
    let choices = std::iter::once(Choice::new("", texts.place_other)).chain(places);
    Field::select("place", texts.place_label, choices.collect())
        .hint(texts.place_hint)
        .autocomplete("country")
        .optional_as(texts.optional)
}

fn others<'a>(manager: &Manager, texts: &'static Texts, filled: &'a Filled) -> Vec<Field<'a>> {
    let [visitor, customer, user, other] = texts.identifiers;
    let labelled = manager.form_identifiers().into_iter().filter_map(|kind| {
        let label = match kind {
            IdentityType::Email => return None,
            IdentityType::OptimizelyEndUserId => visitor,
            IdentityType::DcpId => customer,
            IdentityType::FullstackId => user,
            IdentityType::Other => other,
        };
        Some((kind, label))
    });
    let field = |(kind, label): (IdentityType, &'static str)| {
        Field::text(kind.name(), label)
            .optional_as(texts.optional)
            .autocomplete("off")
            .value(filled.other(kind))
            .error(filled.error(kind.name()))
    };
    labelled.map(field).collect()
}

#[derive(Template)]
#[template(path = "public/sent.html")]
struct SentPage {
    texts: &'static Texts,
    hints: Vec<String>,
    lang: &'static str,
}

/// What everybody is told who sent a form.
pub(super) fn sent(manager: &Manager, language: Language) -> Response {
    let texts = Texts::of(language);
    let count = manager.settings().privacy_limit_per_address.to_string();
    let hints = texts.sent_none.iter().map(|hint| hint.replace("{count}", &count));
    let body = SentPage {
        texts,
        hints: hints.collect(),
        lang: language.name(),
    };
    page(
        manager,
        language,
        Layout::Narrow,
        StatusCode::OK,
        texts.sent_title,
        &body,
    )
}
