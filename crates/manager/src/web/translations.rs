//! A check of what pages for people without an account say: all of it, in all languages.

use std::collections::{BTreeMap, BTreeSet};

/// Language and source of each set of texts; English comes first.
const SETS: [[(&str, &str); 4]; 2] = [
    [
        ("en", include_str!("public/texts/en.rs")),
        ("de", include_str!("public/texts/de.rs")),
        ("fr", include_str!("public/texts/fr.rs")),
        ("es", include_str!("public/texts/es.rs")),
    ],
    [
        ("en", include_str!("contact/words/en.rs")),
        ("de", include_str!("contact/words/de.rs")),
        ("fr", include_str!("contact/words/fr.rs")),
        ("es", include_str!("contact/words/es.rs")),
    ],
];

/// What is the same word in two languages.
const ALIKE: &[(&str, &str)] = &[("de", "system")];

/// What each field of a source says: its name, and all that stands in quotes up to the next field.
fn fields(source: &str) -> BTreeMap<&str, Vec<&str>> {
    let body = source
        .split_once("= Words {")
        .or_else(|| source.split_once("= Texts {"));
    let (_, body) = body.unwrap();
    let mut fields: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut name = "";
    for line in body.lines() {
        let begins = line
            .strip_prefix("    ")
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        if let Some((word, _)) = begins.and_then(|rest| rest.split_once(':')) {
            name = word;
        }
        let text = line.split_once('"').map_or_else(|| line.trim(), |(_, text)| text);
        let text = text.trim_end_matches(',').trim_end_matches(['"', '\\']);
        if line.contains('"') || line.starts_with("          ") {
            fields.entry(name).or_default().push(text);
        }
    }
    fields
}

/// The values that are filled in: `{brand}` and the like.
fn values(texts: &[&str]) -> BTreeSet<String> {
    let pieces = texts.iter().flat_map(|text| text.split('{').skip(1));
    pieces
        .filter_map(|piece| Some(piece.split_once('}')?.0.to_owned()))
        .collect()
}

#[test]
fn every_text_is_there_in_every_language_and_tells_the_same_values() {
    for set in SETS {
        let [(_, english), others @ ..] = set;
        let english = fields(english);
        assert!(english.len() > 50, "{}", english.len());
        for (language, source) in others {
            let translated = fields(source);
            assert_eq!(
                english.keys().collect::<Vec<_>>(),
                translated.keys().collect::<Vec<_>>(),
                "{language}"
            );
            for (name, texts) in &translated {
                let original = &english[name];
                assert!(!texts.concat().trim().is_empty(), "{language} {name}");
                assert_eq!(values(texts), values(original), "{language} {name}");
                let is_alike = ALIKE.contains(&(language, name));
                assert!(
                    is_alike || texts != original,
                    "{language} {name} is still English: {texts:?}"
                );
            }
        }
    }
}
