//! A connector's settings as a form: those that people decide, asked in their words. A connector that does not have one
//! of them is not asked about it; settings that are not here are set over the API.

use rightful_http::{
    extract::FormPairs,
    pages::parts::{Choice, Field, FormErrors},
};
use serde_json::{Map, Value};

use super::contact_fields;

/// A setting that people decide.
struct Setting {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    answer: Answer,
    /// For few people.
    advanced: bool,
}

enum Answer {
    /// Any of these.
    Some(&'static [(&'static str, &'static str)]),
    /// One of these.
    One(&'static [(&'static str, &'static str)]),
    /// Yes or no.
    Flag(&'static str),
    Text,
    Short,
}

/// The vendor's API, or a person.
const BY: &[(&str, &str)] = &[
    ("api", "The vendor's API"),
    ("direct_contact", "A person, asked by mail (see below)"),
];

const SETTINGS: &[Setting] = &[
    Setting {
        name: "data_types",
        label: "Whose data is looked for",
        hint: "Each is one job at the vendor for each identifier.",
        answer: Answer::Some(&[
            ("visitor", "Visitors of your sites and apps"),
            ("user", "Collaborators of your account (found by e-mail only)"),
        ]),
        advanced: false,
    },
    Setting {
        name: "identifier_types",
        label: "Identifiers it is asked by",
        hint: "Of a request's identifiers, those that are ticked here are sent.",
        answer: Answer::Some(&[
            ("email", "E-mail address"),
            ("optimizely_end_user_id", "Visitor cookie (optimizely_end_user_id)"),
            ("dcp_id", "ID of targeting records (dcp_id)"),
            ("fullstack_id", "User ID of feature experiments (fullstack_id)"),
            ("other", "Any other uploaded identifier"),
        ]),
        advanced: false,
    },
    Setting {
        name: "account_id",
        label: "Account ID",
        hint: "Refuses an authorization for any other account. Leave it empty to take the account that is chosen there.",
        answer: Answer::Short,
        advanced: false,
    },
    Setting {
        name: "access_by",
        label: "Who looks for data",
        hint: "",
        answer: Answer::One(BY),
        advanced: false,
    },
    Setting {
        name: "deletion_by",
        label: "Who deletes",
        hint: "",
        answer: Answer::One(BY),
        advanced: false,
    },
    Setting {
        name: "access_before_delete",
        label: "Before a deletion",
        hint: "",
        answer: Answer::Flag("Look first, so that people see what will be deleted"),
        advanced: false,
    },
    Setting {
        name: "verify_erasure",
        label: "After a deletion",
        hint: "",
        answer: Answer::Flag("Look again, to prove that nothing is left"),
        advanced: false,
    },
    Setting {
        name: "app_url",
        label: "Address of the application",
        hint: "Where its users log in. Change it for a sandbox only.",
        answer: Answer::Text,
        advanced: true,
    },
    Setting {
        name: "api_url",
        label: "Address of the API",
        hint: "Change it for a sandbox only.",
        answer: Answer::Text,
        advanced: true,
    },
    Setting {
        name: "rate_limit",
        label: "Calls at most",
        hint: "Such as 10/s or 600/m, for the whole organisation.",
        answer: Answer::Short,
        advanced: true,
    },
    Setting {
        name: "poll_initial",
        label: "First look after",
        hint: "Such as 30s or 1m. The pause between two looks grows from there.",
        answer: Answer::Short,
        advanced: true,
    },
    Setting {
        name: "poll_max",
        label: "Longest pause between two looks",
        hint: "Such as 1h.",
        answer: Answer::Short,
        advanced: true,
    },
];

/// The questions, with what `values` says in them.
pub(super) fn fields(values: &Value, errors: &FormErrors, advanced: bool) -> Vec<Field<'static>> {
    let asked = SETTINGS.iter().filter(|setting| setting.advanced == advanced);
    asked
        .filter_map(|setting| Some(field(setting, values.get(setting.name)?, errors)))
        .collect()
}

/// What a setting is called on the page.
pub(super) fn label(name: &str) -> &str {
    if let Some(field) = name.strip_prefix(contact_fields::NESTED) {
        return contact_fields::label(field);
    }
    let known = SETTINGS.iter().find(|setting| setting.name == name);
    known.map_or(name, |setting| setting.label)
}

fn field(setting: &Setting, value: &Value, errors: &FormErrors) -> Field<'static> {
    let text = value.as_str().unwrap_or_default().to_owned();
    let field = match setting.answer {
        Answer::Some(choices) => {
            let chosen = |name: &str| {
                value
                    .as_array()
                    .is_some_and(|values| values.iter().any(|value| value == name))
            };
            let choices = choices
                .iter()
                .map(|(name, label)| Choice::new(*name, *label).chosen(chosen(name)));
            Field::checks(setting.name, setting.label, choices.collect())
        }
        Answer::One(choices) => {
            let choices = choices.iter().map(|(name, label)| Choice::new(*name, *label));
            Field::radios(setting.name, setting.label, choices.collect()).value(text)
        }
        Answer::Flag(label) => {
            let choice = Choice::new("true", label).chosen(value == &Value::Bool(true));
            Field::checks(setting.name, setting.label, vec![choice])
        }
        Answer::Text => Field::text(setting.name, setting.label).value(text).optional(),
        Answer::Short => Field::text(setting.name, setting.label).value(text).short().optional(),
    };
    let field = if setting.hint.is_empty() {
        field
    } else {
        field.hint(setting.hint)
    };
    field.error(errors.of(setting.name).map(str::to_owned))
}

/// What was answered, in the form in which settings are written; questions that `defaults` has no answer to were not
/// asked.
pub(super) fn answered(fields: &FormPairs, defaults: &Value) -> Value {
    let mut answered = Map::new();
    for setting in SETTINGS.iter().filter(|setting| defaults.get(setting.name).is_some()) {
        let text = fields.all(setting.name).next().unwrap_or_default().trim();
        let value = match setting.answer {
            Answer::Some(_) => fields.all(setting.name).collect(),
            Answer::Flag(_) => Value::Bool(text == "true"),
            Answer::One(_) | Answer::Text | Answer::Short => Value::from(text),
        };
        answered.insert(setting.name.to_owned(), value);
    }
    let contact = contact_fields::answered(contact_fields::NESTED, fields);
    answered.insert("direct_contact".to_owned(), contact);
    Value::Object(answered)
}

/// The settings to store: what was answered where it differs from the defaults, and of `before` what was not asked.
pub(super) fn changed(answered: &Value, defaults: &Value, before: Option<&Value>) -> Value {
    let asked = answered.as_object().cloned().unwrap_or_default();
    let mut settings = before.and_then(Value::as_object).cloned().unwrap_or_default();
    settings.retain(|name, _| !asked.contains_key(name));
    settings.extend(asked.into_iter().filter(|(name, value)| {
        let empty = value.as_str().is_some_and(str::is_empty);
        !empty && !value.is_null() && defaults.get(name) != Some(value)
    }));
    Value::Object(settings)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> FormPairs {
        FormPairs(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn only_what_differs_from_the_defaults_is_stored() {
        let defaults = json!({"data_types": ["visitor", "user"], "account_id": null, "verify_erasure": false,
            "rate_limit": "10/s", "export_hosts": ["*.amazonaws.com"]});
        let form = pairs(&[
            ("data_types", "visitor"),
            ("verify_erasure", "true"),
            ("rate_limit", " 10/s "),
            ("account_id", ""),
        ]);
        let answers = answered(&form, &defaults);
        assert_eq!(
            changed(&answers, &defaults, None),
            json!({"data_types": ["visitor"], "verify_erasure": true})
        );
        // What the form does not ask stays as it was.
        let before = json!({"verify_erasure": false, "rate_limit": "5/s", "export_hosts": ["files.example.com"]});
        assert_eq!(
            changed(&answers, &defaults, Some(&before)),
            json!({"data_types": ["visitor"], "verify_erasure": true, "export_hosts": ["files.example.com"]})
        );
    }
}
