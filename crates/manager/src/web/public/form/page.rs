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
    super::{Texts, at, places, script},
    FORM, SENT,
    filled::Filled,
};
use crate::{
    Captcha, Manager,
    app::{FORM_ZERO_BITS, MOST_MESSAGE, company::Company},
};

#[derive(Template)]
#[template(path = "public/form.html")]
struct FormPage<'a> {
    texts: &'static Texts,
    introduction: &'a str,
    filled: &'a Filled,
    form_id: String,
    lang: &'static str,
    zero_bits: Option<u32>,
    script: &'static str,
    right: Field<'a>,
    email: Field<'a>,
    /// None where there is nothing to choose from.
    place: Option<Field<'a>>,
    others: Vec<Field<'a>>,
    message: Field<'a>,
    captcha: Option<Widget>,
}

/// Somebody else's check, as the page shows it.
struct Widget {
    class: String,
    site_key: String,
    script: String,
    hint: String,
    error: Option<&'static str>,
}

/// The form, with what was filled in so far.
pub(super) fn show(manager: &Manager, language: Language, filled: &Filled) -> Response {
    let texts = Texts::of(language);
    let has_task = manager.asks_for_work();
    let company = manager.company_as_known();
    let centre = &company.privacy_centre;
    let usual = texts.form_lede.replace("{brand}", &company.brand.name);
    // What can't be used closes the form, and the page is not shown.
    let captcha = manager.settings().captcha().ok().flatten();
    let body = FormPage {
        texts,
        captcha: captcha.as_ref().map(|captcha| widget(captcha, texts, language, filled)),
        introduction: centre.introduction.get(&language).unwrap_or(&usual),
        filled,
        form_id: manager.new_form_id(),
        lang: language.name(),
        zero_bits: has_task.then_some(FORM_ZERO_BITS),
        script: script::SCRIPT.path(),
        right: right(texts, &company)
            .value(filled.right.as_str())
            .error(filled.error("right")),
        email: Field::email("email", texts.email_label)
            .hint(texts.email_hint)
            .value(filled.email.as_str())
            .error(filled.error("email")),
        place: place(texts, language, &company).map(|field| field.value(filled.place.as_str())),
        others: others(&company, texts, filled),
        message: Field::area("message", texts.message_label)
            .optional_as(texts.optional)
            .hint(texts.message_hint)
            .value(filled.message.as_str())
            .max_length(u32::try_from(MOST_MESSAGE).unwrap_or(u32::MAX))
            .error(filled.error("message")),
    };
    let status = if filled.is_unprovable {
        StatusCode::SERVICE_UNAVAILABLE
    } else if filled.errors.is_empty() && !filled.is_stale {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = at(FORM, language).page(manager, Layout::Reading, status, texts.form_title, &body);
    let policy = ContentPolicy::default();
    let policy = if has_task { policy.with_own_scripts() } else { policy };
    let policy = policy.with_widget_from(captcha.into_iter().flat_map(|captcha| captcha.origins));
    (Extension(policy), page).into_response()
}

fn widget(captcha: &Captcha, texts: &Texts, language: Language, filled: &Filled) -> Widget {
    let mut script = captcha.script.clone();
    // hCaptcha and reCAPTCHA read the language here, others where the widget stands.
    script.query_pairs_mut().append_pair("hl", language.name());
    let host = captcha.script.host_str().unwrap_or_default();
    Widget {
        class: captcha.class.clone(),
        site_key: captcha.site_key.clone(),
        script: script.to_string(),
        hint: texts.captcha_hint.replace("{host}", host),
        error: filled.error("captcha"),
    }
}

fn right(texts: &'static Texts, company: &Company) -> Field<'static> {
    let choices = [
        (Right::Access, texts.right_access, texts.right_access_hint),
        (Right::Deletion, texts.right_deletion, texts.right_deletion_hint),
    ];
    let offered = choices
        .into_iter()
        .filter(|(right, ..)| company.privacy_centre.offers(*right));
    let choices = offered.map(|(right, label, hint)| Choice::new(right.name(), label).hint(hint));
    Field::radios("right", texts.right_label, choices.collect())
}

/// The places of the laws that are offered; all places, where nothing is said about laws.
fn place(texts: &'static Texts, language: Language, company: &Company) -> Option<Field<'static>> {
    let mut places = places::of(language);
    if !company.privacy_centre.frameworks.is_empty() {
        places.retain(|(code, _)| company.framework_of(code).is_some());
    }
    if places.is_empty() {
        return None;
    }
    let places = places.into_iter().map(|(code, name)| Choice::new(code, name));
    let choices = std::iter::once(Choice::new("", texts.place_other)).chain(places);
    let field = Field::select("place", texts.place_label, choices.collect())
        .hint(texts.place_hint)
        .autocomplete("country")
        .optional_as(texts.optional);
    Some(field)
}

fn others<'a>(company: &Company, texts: &'static Texts, filled: &'a Filled) -> Vec<Field<'a>> {
    let [visitor, customer, user, other] = texts.identifiers;
    let labelled = company.privacy_centre.identifiers.iter().filter_map(|kind| {
        let label = match kind {
            IdentityType::Email => return None,
            IdentityType::OptimizelyEndUserId => visitor,
            IdentityType::DcpId => customer,
            IdentityType::FullstackId => user,
            IdentityType::Other => other,
        };
        Some((*kind, label))
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
    at(SENT, language).page(manager, Layout::Narrow, StatusCode::OK, texts.sent_title, &body)
}
