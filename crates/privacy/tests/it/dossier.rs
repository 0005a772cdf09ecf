//! What is handed over, whatever was found and whatever people changed about it.

use std::collections::BTreeSet;

use privacy::{
    Personal,
    dossier::{
        Change, ChangeAction, ChangeLog, FieldCatalog, FieldPath, FieldPattern, FieldPolicy, FieldValue, ObjectPattern,
        PolicyAction, PolicyRule, REDACTED, Record, RecordId, Segment, Selection, Target,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((".{0,6}", inner), 0..5).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A record of a known shape whose every value is its own path between marks, so that it is recognised anywhere.
fn marked() -> Record {
    let value = json!({
        "name": "", "mail": {"home": "", "work": ""},
        "orders": [{"id": "", "lines": ["", ""]}, {"id": "", "lines": [""]}],
    });
    let mut record = Record::from_json(RecordId(1), value);
    for field in &mut record.fields {
        field.value = Personal::new(FieldValue::Text(mark(&field.path)));
    }
    record
}

fn mark(path: &FieldPath) -> String {
    format!("<{}>", path.text())
}

fn any_pattern() -> impl Strategy<Value = FieldPattern> {
    select(vec![
        "$",
        "name",
        "mail",
        "mail.home",
        "mail.*",
        "orders",
        "orders[*]",
        "orders[0]",
        "orders[*].id",
        "orders[1].id",
        "orders[0].lines",
        "orders[*].lines[1]",
        "**.lines",
        "**",
        "*",
        "absent",
        "orders[0].lines[0]",
    ])
    .prop_map(|text| text.parse().unwrap())
}

fn any_change() -> impl Strategy<Value = Change> {
    let target = (
        select(vec!["1", "1", "1", "2"]),
        option::of(1..3_u64),
        option::of(any_pattern()),
    )
        .prop_map(|(object, record, field)| Target {
            object: object.parse().unwrap(),
            record: record.map(RecordId),
            field,
        });
    let action = prop_oneof![
        Just(ChangeAction::Include),
        Just(ChangeAction::Exclude),
        Just(ChangeAction::Redact),
        Just(ChangeAction::Edit(Personal::new(FieldValue::Text("edited".into())))),
    ];
    (target, action).prop_map(|(target, action)| Change {
        target,
        action,
        reason: None,
    })
}

fn any_policy() -> impl Strategy<Value = FieldPolicy> {
    let rule = (option::of(any_pattern()), select(PolicyAction::ALL)).prop_map(|(field, action)| PolicyRule {
        object: ObjectPattern::default(),
        field,
        action,
    });
    (
        vec(rule, 0..4),
        select(&[PolicyAction::Include, PolicyAction::Include, PolicyAction::Exclude][..]),
    )
        .prop_map(|(rules, otherwise)| FieldPolicy { rules, otherwise })
}

fn effective(policy: &FieldPolicy, log: &ChangeLog) -> Option<Record> {
    let name = Personal::new("profile".to_owned());
    Selection::new(&"1".parse().unwrap(), &name, policy, log.active()).effective(&marked())
}

fn log_of(changes: Vec<Change>) -> ChangeLog {
    let mut log = ChangeLog::default();
    for change in changes {
        log.push(change);
    }
    log
}

fn is_meant(target: &Target, path: &FieldPath) -> bool {
    target.object.as_str() == "1"
        && target.record.is_none_or(|record| record == RecordId(1))
        && target.field.as_ref().is_none_or(|pattern| pattern.covers(path))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn nothing_is_lost_when_a_document_is_flattened(value in any_json()) {
        let record = Record::from_json(RecordId(1), value.clone());
        prop_assert_eq!(record.to_json().into_revealed(), value);
        let paths: BTreeSet<_> = record.fields.iter().map(|field| &field.path).collect();
        prop_assert_eq!(paths.len(), record.fields.len());
        let mut catalog = FieldCatalog::default();
        catalog.note(&record);
        for field in &record.fields {
            prop_assert_eq!(&field.path.text().parse::<FieldPath>().unwrap(), &field.path);
            prop_assert!(FieldPattern::from(&field.path).names(&field.path));
            let general = field.path.general();
            prop_assert!(general.names(&field.path));
            prop_assert!(catalog.iter().any(|(name, _)| name == general.text()));
        }
    }

    #[test]
    fn paths_are_read_back_as_written(
        segments in vec(prop_oneof![".{0,12}".prop_map(Segment::Key), any::<usize>().prop_map(Segment::Index)], 0..6)
    ) {
        let path = FieldPath::new(segments);
        prop_assert_eq!(path.text().parse::<FieldPath>().unwrap(), path);
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error(text in "[a-c.*$\\[\\]\"0-9\\\\]{0,20}") {
        if let Ok(pattern) = text.parse::<FieldPattern>() {
            prop_assert_eq!(pattern.text().parse::<FieldPattern>().unwrap(), pattern);
        }
    }

    #[test]
    fn no_cell_of_a_row_is_lost(names in vec("[ab]?( \\([23]\\))?", 0..12)) {
        let record = Record::from_row(RecordId(1), names.iter().map(|name| (name.as_str(), name.clone())));
        let paths: BTreeSet<_> = record.fields.iter().map(|field| &field.path).collect();
        prop_assert_eq!(paths.len(), names.len());
    }

    #[test]
    fn changes_taken_back_leave_no_trace(
        policy in any_policy(),
        kept in vec(any_change(), 0..6),
        undone in vec((any_change(), any::<prop::sample::Index>()), 0..6),
    ) {
        // Kept and undone changes are mixed, and the undoing happens in another order.
        let mut mixed: Vec<(Change, bool)> = kept.iter().cloned().map(|change| (change, true)).collect();
        for (change, place) in undone {
            mixed.insert(place.index(mixed.len() + 1), (change, false));
        }
        let mut log = ChangeLog::default();
        let ids: Vec<_> = mixed.into_iter().map(|(change, keep)| (log.push(change), keep)).collect();
        for (id, _) in ids.iter().rev().filter(|(_, keep)| !keep) {
            log.undo(*id).unwrap();
            prop_assert!(log.undo(*id).is_err());
        }
        prop_assert_eq!(effective(&policy, &log), effective(&policy, &log_of(kept.clone())));
        prop_assert_eq!(log.iter().count(), ids.len());
        while log.undo_last().is_some() {}
        prop_assert_eq!(effective(&policy, &log), effective(&policy, &ChangeLog::default()));
        if policy == FieldPolicy::default() {
            prop_assert_eq!(effective(&policy, &log), Some(marked()));
        }
    }

    #[test]
    fn what_is_excluded_or_redacted_last_is_never_handed_over(
        policy in any_policy(),
        before in vec(any_change(), 0..8),
        last in any_change(),
        redact: bool,
    ) {
        let action = if redact { ChangeAction::Redact } else { ChangeAction::Exclude };
        let last = Change { action, ..last };
        let mut log = log_of(before);
        log.push(last.clone());
        let handed_over = effective(&policy, &log);
        let text = handed_over.as_ref().map(|record| record.to_json().reveal().to_string()).unwrap_or_default();
        for field in marked().fields.iter().filter(|field| is_meant(&last.target, &field.path)) {
            prop_assert!(!text.contains(&mark(&field.path)));
            let shown = handed_over.iter().flat_map(|record| &record.fields).find(|shown| shown.path == field.path);
            let hidden = FieldValue::Text(REDACTED.to_owned());
            prop_assert!(shown.is_none_or(|shown| redact && *shown.value.reveal() == hidden));
        }
    }

    #[test]
    fn what_was_hidden_by_itself_is_not_uncovered_by_wider_decisions(
        policy in any_policy(),
        before in vec(any_change(), 0..4),
        path in select(marked().fields.iter().map(|field| field.path.clone()).collect::<Vec<_>>()),
        action in select(vec![ChangeAction::Exclude, ChangeAction::Redact]),
        after in vec((option::of(Just(RecordId(1))), select(vec![ChangeAction::Exclude, ChangeAction::Include])), 0..6),
    ) {
        let object = || "1".parse().unwrap();
        let mut log = log_of(before);
        let field = Some(FieldPattern::from(&path));
        let target = Target { object: object(), record: Some(RecordId(1)), field };
        log.push(Change { target, action, reason: None });
        for (record, action) in after {
            log.push(Change { target: Target { object: object(), record, field: None }, action, reason: None });
        }
        let text = effective(&policy, &log).map(|record| record.to_json().reveal().to_string()).unwrap_or_default();
        prop_assert!(!text.contains(&mark(&path)));
    }

    #[test]
    fn changes_survive_sealing(change in any_change()) {
        // An edit names its field.
        let edits_nothing = matches!(change.action, ChangeAction::Edit(_)) && change.target.field.is_none();
        let read = Change::from_json(change.reveal_json().reveal().to_string().as_bytes());
        prop_assert_eq!(read, if edits_nothing { None } else { Some(change) });
    }
}
