//! Whatever is done to a row of the audit log, verifying it finds it.

use proptest::{prelude::*, sample::select};
use serde_json::json;
use store::{AssertSqlSafe, ChainReport, NewEvent, args};

use crate::world::World;

const EVENTS: i64 = 6;

/// Something that somebody with access to the database does.
#[derive(Debug, Clone)]
enum Tampering {
    /// Writes something else into a column.
    Change(i64, &'static str),
    /// Takes a row away, and closes the gap or not.
    Remove(i64, bool),
    /// Lets two rows change places.
    Swap(i64, i64),
    /// Adds a row behind all others, with or without moving the head.
    Append(bool),
    /// Adds a row before all others.
    Prepend,
    /// Takes rows away from the end, with or without moving the head's number.
    Cut(i64, bool),
}

fn any_tampering() -> impl Strategy<Value = Tampering> {
    let seq = || 1..=EVENTS;
    prop_oneof![
        (
            seq(),
            select(vec!["actor", "origin", "action", "object", "detail", "at", "hash"])
        )
            .prop_map(|(seq, column)| Tampering::Change(seq, column)),
        (seq(), any::<bool>()).prop_map(|(seq, close)| Tampering::Remove(seq, close)),
        (seq(), seq())
            .prop_filter("two rows", |(one, other)| one != other)
            .prop_map(|(one, other)| Tampering::Swap(one, other)),
        any::<bool>().prop_map(Tampering::Append),
        Just(Tampering::Prepend),
        (seq(), any::<bool>()).prop_map(|(seq, with_head)| Tampering::Cut(seq, with_head)),
    ]
}

impl Tampering {
    fn statements(&self) -> Vec<String> {
        match self {
            Self::Change(seq, "at") => vec![format!("UPDATE audit SET at = at + 1 WHERE seq = {seq}")],
            // The hash of a neighbour, so that both databases take it for one.
            Self::Change(seq, "hash") => vec![format!(
                "UPDATE audit SET hash = (SELECT o.hash FROM audit o WHERE o.seq = {}) WHERE seq = {seq}",
                seq % EVENTS + 1
            )],
            Self::Change(seq, "origin") => vec![format!("UPDATE audit SET origin = NULL WHERE seq = {seq}")],
            Self::Change(seq, column) => vec![format!("UPDATE audit SET {column} = {column} || ' ' WHERE seq = {seq}")],
            Self::Remove(seq, close) => {
                let mut statements = vec![format!("DELETE FROM audit WHERE seq = {seq}")];
                if *close {
                    let later = seq + 1..=EVENTS;
                    statements.extend(later.map(|seq| format!("UPDATE audit SET seq = {} WHERE seq = {seq}", seq - 1)));
                    statements.push("UPDATE audit_head SET seq = seq - 1".to_owned());
                }
                statements
            }
            Self::Swap(one, other) => vec![
                format!("UPDATE audit SET seq = -1 WHERE seq = {one}"),
                format!("UPDATE audit SET seq = {one} WHERE seq = {other}"),
                format!("UPDATE audit SET seq = {other} WHERE seq = -1"),
            ],
            Self::Append(with_head) => {
                let next = EVENTS + 1;
                let mut statements = vec![format!(
                    "INSERT INTO audit (seq, at, actor, origin, action, object, detail, hash) \
                     SELECT {next}, at, actor, origin, action, object, detail, hash FROM audit WHERE seq = {EVENTS}"
                )];
                if *with_head {
                    statements.push(format!("UPDATE audit_head SET seq = {next}"));
                }
                statements
            }
            Self::Prepend => vec![
                "INSERT INTO audit (seq, at, actor, origin, action, object, detail, hash) \
                 SELECT 0, at, actor, origin, action, object, detail, hash FROM audit WHERE seq = 1"
                    .to_owned(),
            ],
            Self::Cut(seq, with_head) => {
                let mut statements = vec![format!("DELETE FROM audit WHERE seq >= {seq}")];
                if *with_head {
                    statements.push(format!("UPDATE audit_head SET seq = {}", seq - 1));
                }
                statements
            }
        }
    }
}

async fn found(tampering: &Tampering) -> ChainReport {
    let world = World::new().await;
    for number in 1..=EVENTS {
        let mut tx = world.store.write().await.unwrap();
        tx.audit(NewEvent {
            actor: format!("person:{number}"),
            origin: Some("192.0.2.7".into()),
            action: "request.started".into(),
            object: format!("request:{number}"),
            detail: json!({ "to": "collecting" }),
        });
        tx.commit().await.unwrap();
    }
    let mut tx = world.store.write().await.unwrap();
    for sql in tampering.statements() {
        tx.execute(AssertSqlSafe(sql), args![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.store.verify_audit().await.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn whatever_is_done_to_a_row_is_found(tampering in any_tampering()) {
        // SEC-45
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let report = runtime.block_on(found(&tampering));
        prop_assert!(matches!(report, ChainReport::Broken { .. }), "{:?}", report);
    }
}
