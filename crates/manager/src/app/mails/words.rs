//! Words that letters need.

use mail::Language;
use oauth::Secret;

/// What a request asks for, as letters know it.
pub(crate) const fn right(right: privacy::Right) -> mail::Right {
    match right {
        privacy::Right::Access => mail::Right::Access,
        privacy::Right::Deletion => mail::Right::Deletion,
    }
}

/// Why an answer takes longer, where nobody has said it in their own words (GDPR article 12(3)).
pub(crate) fn usual_reason(language: Language) -> Secret {
    let reason = match language {
        Language::English => "Your request is complex, and several systems have to answer it.",
        Language::German => "Ihre Anfrage ist umfangreich, und mehrere Systeme müssen sie beantworten.",
        Language::French => "Votre demande est complexe et plusieurs systèmes doivent y répondre.",
        Language::Spanish => "Su solicitud es compleja y varios sistemas deben responder a ella.",
    };
    Secret::new(reason.to_owned())
}
