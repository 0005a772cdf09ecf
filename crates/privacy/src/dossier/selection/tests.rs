use serde_json::json;

use super::*;
use crate::dossier::{ChangeLog, Tally};

fn person() -> Record {
    Record::from_json(
        RecordId(1),
        json!({
            "name": "Ada",
            "address": {"city": "London", "street": "St James's Square"},
            "notes": [{"by": "Ben", "text": "friendly"}, {"by": "Eve", "text": "asks much"}],
        }),
    )
}

fn change(json: &serde_json::Value) -> Change {
    Change::from_json(json.to_string().as_bytes()).unwrap()
}

/// What is handed over of `person()`, as record 1 of object 1 `profile`.
fn handed_over(policy: serde_json::Value, changes: &[serde_json::Value]) -> serde_json::Value {
    let policy: FieldPolicy = serde_json::from_value(policy).unwrap();
    let mut log = ChangeLog::default();
    for json in changes {
        log.push(change(json));
    }
    let name = Personal::new("profile".to_owned());
    let selection = Selection::new(&"1".parse().unwrap(), &name, &policy, log.active());
    selection
        .effective(&person())
        .map_or(json!(null), |record| record.to_json().into_revealed())
}

#[test]
fn without_a_word_everything_is_handed_over() {
    assert_eq!(handed_over(json!({}), &[]), person().to_json().into_revealed());
}

#[test]
fn changes_reach_objects_records_and_fields() {
    let all = person().to_json().into_revealed();
    let without = |keys: &[&str]| {
        let mut map = all.as_object().unwrap().clone();
        map.retain(|key, _| !keys.contains(&key.as_str()));
        serde_json::Value::Object(map)
    };
    for (changes, expected) in [
        (json!([{"object": "1", "action": "exclude"}]), json!(null)),
        (json!([{"object": "2", "action": "exclude"}]), all.clone()),
        (json!([{"object": "1", "record": 1, "action": "exclude"}]), json!(null)),
        (json!([{"object": "1", "record": 2, "action": "exclude"}]), all.clone()),
        (
            json!([{"object": "1", "field": "address", "action": "exclude"}]),
            without(&["address"]),
        ),
        (
            json!([{"object": "1", "record": 2, "field": "address", "action": "exclude"}]),
            all.clone(),
        ),
        (
            json!([{"object": "1", "field": "notes[0]", "action": "exclude"},
                   {"object": "1", "field": "**.by", "action": "redact"},
                   {"object": "1", "field": "address", "action": "exclude"}]),
            json!({"name": "Ada", "notes": [{"by": "[redacted]", "text": "asks much"}]}),
        ),
        (
            json!([{"object": "1", "field": "notes", "action": "exclude"},
                   {"object": "1", "record": 1, "field": "address.city", "action": "edit", "value": "Paris"},
                   {"object": "1", "record": 1, "field": "name", "action": "edit", "value": null}]),
            json!({"name": null, "address": {"city": "Paris", "street": "St James's Square"}}),
        ),
        // An edit that names something above a value has nothing to write.
        (
            json!([{"object": "1", "field": "address", "action": "edit", "value": "x"}]),
            all.clone(),
        ),
    ] {
        assert_eq!(
            handed_over(json!({}), changes.as_array().unwrap()),
            expected,
            "{changes}"
        );
    }
}

#[test]
fn including_brings_back_what_was_hidden_as_widely_but_not_what_was_hidden_by_itself() {
    let all = person().to_json().into_revealed();
    let name = json!({"name": "Ada"});
    let redacted = |value: &str| json!({"name": value, "address": all["address"], "notes": all["notes"]});
    for (changes, expected) in [
        (
            json!([{"object": "1", "action": "exclude"}, {"object": "1", "action": "include"}]),
            all.clone(),
        ),
        // A field of an excluded object.
        (
            json!([{"object": "1", "action": "exclude"}, {"object": "1", "field": "name", "action": "include"}]),
            name.clone(),
        ),
        (
            json!([{"object": "1", "action": "exclude"},
                   {"object": "1", "record": 1, "field": "name", "action": "include"}]),
            name,
        ),
        // A record of an excluded object.
        (
            json!([{"object": "1", "action": "exclude"}, {"object": "1", "record": 1, "action": "include"}]),
            all.clone(),
        ),
        // The object is taken out again, with its record.
        (
            json!([{"object": "1", "record": 1, "action": "include"}, {"object": "1", "action": "exclude"}]),
            json!(null),
        ),
        // The field was redacted by itself: toggling the object, the record or its column does not show it.
        (
            json!([{"object": "1", "record": 1, "field": "name", "action": "redact"},
                   {"object": "1", "action": "exclude"}, {"object": "1", "action": "include"},
                   {"object": "1", "record": 1, "action": "include"},
                   {"object": "1", "field": "name", "action": "include"}]),
            redacted("[redacted]"),
        ),
        (
            json!([{"object": "1", "record": 1, "field": "name", "action": "redact"},
                   {"object": "1", "record": 1, "field": "name", "action": "include"}]),
            all.clone(),
        ),
        // The last word on one value counts: edit over redaction, redaction over edit.
        (
            json!([{"object": "1", "field": "name", "action": "redact"},
                   {"object": "1", "record": 1, "field": "name", "action": "edit", "value": "A."}]),
            redacted("A."),
        ),
        (
            json!([{"object": "1", "record": 1, "field": "name", "action": "edit", "value": "A."},
                   {"object": "1", "field": "name", "action": "redact"}]),
            redacted("[redacted]"),
        ),
        (
            json!([{"object": "1", "record": 1, "field": "name", "action": "edit", "value": "A."},
                   {"object": "1", "record": 1, "field": "name", "action": "include"}]),
            all.clone(),
        ),
    ] {
        assert_eq!(
            handed_over(json!({}), changes.as_array().unwrap()),
            expected,
            "{changes}"
        );
    }
}

#[test]
fn a_policy_is_where_the_review_starts() {
    let hide = json!({"rules": [
        {"field": "address", "action": "exclude"},
        {"object": "prof*", "field": "notes[*].by", "action": "redact"},
        {"object": "other", "action": "exclude"},
        {"field": "address.city", "action": "include"},
        {"field": "notes[1]", "action": "exclude"},
    ]});
    let city =
        json!({"name": "Ada", "address": {"city": "London"}, "notes": [{"by": "[redacted]", "text": "friendly"}]});
    assert_eq!(handed_over(hide.clone(), &[]), city);
    // Including the record or the object is no word about the fields a policy hides; including the field is.
    let coarse = [
        json!({"object": "1", "record": 1, "action": "include"}),
        json!({"object": "1", "action": "include"}),
    ];
    assert_eq!(handed_over(hide.clone(), &coarse), city);
    let fine = [json!({"object": "1", "record": 1, "field": "notes[0].by", "action": "include"})];
    assert_eq!(handed_over(hide, &fine)["notes"][0]["by"], "Ben");
    let allow = json!({"rules": [{"field": "name", "action": "include"}], "otherwise": "exclude"});
    assert_eq!(handed_over(allow, &[]), json!({"name": "Ada"}));
}

#[test]
fn objects_and_records_stand_by_themselves() {
    let name = Personal::new("files".to_owned());
    let policy = FieldPolicy::default();
    let excluded = change(&json!({"object": "1", "action": "exclude"}));
    let one_back = change(&json!({"object": "1", "record": 3, "action": "include"}));
    let a_field = change(&json!({"object": "1", "field": "a", "action": "include"}));
    let changes = [excluded, one_back, a_field];
    let selection = Selection::new(&"1".parse().unwrap(), &name, &policy, &changes);
    assert!(!selection.includes_object());
    assert!(!selection.includes_record(RecordId(1)));
    assert!(selection.includes_record(RecordId(3)));
    let hidden: FieldPolicy =
        serde_json::from_value(json!({"rules": [{"object": "files", "action": "exclude"}]})).unwrap();
    assert!(!Selection::new(&"1".parse().unwrap(), &name, &hidden, []).includes_object());
}

#[test]
fn the_review_shows_flags_and_originals_and_counts_them() {
    let name = Personal::new("profile".to_owned());
    let policy = FieldPolicy::default();
    let changes = [
        change(&json!({"object": "1", "field": "name", "action": "edit", "value": "A."})),
        change(&json!({"object": "1", "field": "address.city", "action": "redact"})),
        change(&json!({"object": "1", "field": "notes", "action": "exclude"})),
    ];
    let selection = Selection::new(&"1".parse().unwrap(), &name, &policy, &changes);
    let reviewed = selection.review(&person());
    let flags: Vec<(String, bool, bool, bool)> = reviewed
        .fields
        .iter()
        .map(|field| {
            (
                field.path.text(),
                field.included,
                field.redacted,
                field.edited.is_some(),
            )
        })
        .collect();
    assert_eq!(
        flags,
        [
            ("address.city".to_owned(), true, true, false),
            ("address.street".to_owned(), true, false, false),
            ("name".to_owned(), true, false, true),
            ("notes[0].by".to_owned(), false, false, false),
            ("notes[0].text".to_owned(), false, false, false),
            ("notes[1].by".to_owned(), false, false, false),
            ("notes[1].text".to_owned(), false, false, false),
        ]
    );
    let mut tally = Tally::default();
    tally.note(&reviewed);
    assert_eq!(
        tally,
        Tally {
            records_found: 1,
            records_handed_over: 1,
            fields_found: 7,
            fields_handed_over: 3,
            fields_redacted: 1,
            fields_edited: 1
        }
    );
    for debug in [
        format!("{reviewed:?}"),
        format!("{selection:?}"),
        format!("{changes:?}"),
        format!("{:?}", person()),
    ] {
        for personal in ["Ada", "London", "A.", "name", "address"] {
            assert!(!debug.contains(&format!("\"{personal}")), "{personal} in {debug}");
        }
    }
}
