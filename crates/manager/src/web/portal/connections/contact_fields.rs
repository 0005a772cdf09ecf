//! Whom to ask by mail, as questions of a form: of a connection of its own, and beside a vendor's API.

use connectors::direct_contact::LANGUAGES;
use rightful_http::{
    extract::FormPairs,
    pages::parts::{Choice, Field, FormErrors},
};
use serde_json::{Map, Value};

/// Before the names of the questions where they stand beside a vendor's.
pub(super) const NESTED: &str = "direct_contact.";

const TEXTS: [&str; 4] = ["processor_email", "account_name", "account_id", "notes"];

/// The questions, with what `values` says in them. Whom to ask may stay empty where nobody need be asked.
pub(super) fn fields(prefix: &str, values: &Value, errors: &FormErrors) -> Vec<Field<'static>> {
    let name = |field: &str| format!("{prefix}{field}");
    let text = |field: &str| {
        let value = values.get(field).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let error = |field: &str| errors.of(&name(field)).map(str::to_owned);
    let mut fields = Vec::new();
    let email = Field::email(name("processor_email"), label("processor_email"))
        .autocomplete("off")
        .hint("A person, a group or the vendor's privacy inbox. They get a link to a form; they need no account here.")
        .value(text("processor_email"))
        .error(error("processor_email"));
    fields.push(if prefix.is_empty() { email } else { email.optional() });
    if prefix.is_empty() {
        let offered = |word: &str| match values.get("capabilities") {
            Some(Value::Array(words)) => words.iter().any(|offered| offered == word),
            _ => true,
        };
        let choices = [
            ("access", "Access: look for data and send it"),
            ("deletion", "Deletion: delete it"),
        ];
        let choices = choices.map(|(word, said)| Choice::new(word, said).chosen(offered(word)));
        fields.push(Field::checks("capabilities", label("capabilities"), choices.into()).error(error("capabilities")));
    }
    for field in ["account_name", "account_id"] {
        let question = Field::text(name(field), label(field)).value(text(field)).short();
        fields.push(question.optional().error(error(field)));
    }
    fields.push(
        Field::area(name("notes"), label("notes"))
            .hint("Where to look, for instance. It stands in every mail and on the form.")
            .value(text("notes"))
            .optional()
            .error(error("notes")),
    );
    let choices = vec![
        Choice::new("block", "The request waits, and administrators get a mail"),
        Choice::new("skip", "The request goes on without an answer"),
    ];
    fields.push(
        Field::radios(name("on_deadline"), label("on_deadline"), choices)
            .value(chosen(&text("on_deadline"), "block"))
            .error(error("on_deadline")),
    );
    let choices = LANGUAGES.map(|language| Choice::new(language, language_name(language)));
    fields.push(
        Field::select(name("language"), label("language"), choices.into())
            .value(chosen(&text("language"), "en"))
            .short()
            .error(error("language")),
    );
    fields
}

fn chosen(value: &str, default: &'static str) -> String {
    if value.is_empty() { default } else { value }.to_owned()
}

/// What a question is called on the page.
pub(super) fn label(field: &str) -> &'static str {
    match field {
        "processor_email" => "Who is asked (e-mail address)",
        "capabilities" => "What they are asked for",
        "account_name" => "Account name",
        "account_id" => "Account ID",
        "notes" => "Note to them",
        "on_deadline" => "If nobody answers in time",
        "language" => "Language of mails and form",
        _ => "This field",
    }
}

/// A language by its own name.
pub(super) fn language_name(language: &str) -> &'static str {
    match language {
        "de" => "Deutsch",
        "fr" => "Français",
        "es" => "Español",
        _ => "English",
    }
}

/// What was answered, in the form in which settings are written; `null` where nobody is named.
pub(super) fn answered(prefix: &str, fields: &FormPairs) -> Value {
    let one = |field: &str| {
        let name = format!("{prefix}{field}");
        let text = fields
            .all(&name)
            .next()
            .unwrap_or_default()
            .trim()
            .replace("\r\n", "\n");
        Some(text).filter(|text| !text.is_empty())
    };
    let mut settings = Map::new();
    for field in TEXTS {
        settings.extend(one(field).map(|text| (field.to_owned(), Value::from(text))));
    }
    if settings.is_empty() && !prefix.is_empty() {
        return Value::Null;
    }
    for field in ["on_deadline", "language"] {
        settings.extend(one(field).map(|text| (field.to_owned(), Value::from(text))));
    }
    if prefix.is_empty() {
        let offered: Vec<&str> = fields.all("capabilities").collect();
        settings.insert("capabilities".to_owned(), Value::from(offered));
    }
    Value::Object(settings)
}
