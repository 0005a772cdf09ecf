//! The audit log: append-only, every row's hash covering the one before.

use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{AssertSqlSafe, Row, Store, StoreError, Tx, Value, args};

/// Something that happened, about to be recorded. No field may hold a personal value or a secret.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Who did it: `operator:<id>`, `api-key:<id>`, `subject`, `system`, `cli`.
    pub actor: String,
    /// From which address, where there is one.
    pub origin: Option<String>,
    /// What was done: `request.started`, `connection.connected`.
    pub action: String,
    /// To what: `request:<id>`, `connection:<id>`.
    pub object: String,
    /// What else is worth keeping.
    pub detail: serde_json::Value,
}

/// A recorded event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// From where.
    pub origin: Option<String>,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// What else, as canonical JSON text.
    pub detail: String,
    /// SHA-256 over the previous hash and this row.
    pub hash: [u8; 32],
}

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainReport {
    /// Every row is as it was written.
    Whole {
        /// How many.
        events: i64,
    },
    /// The first row that is not as it was written.
    Broken {
        /// Its place.
        seq: i64,
        /// What is wrong there.
        reason: &'static str,
    },
}

impl Event {
    /// The hash that this row must have after one with `previous`. Fields are length-prefixed, so that nothing can be
    /// moved from one into its neighbour.
    pub fn expected_hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.at.as_microsecond().to_be_bytes());
        let origin = self.origin.as_deref();
        hasher.update([u8::from(origin.is_some())]);
        for field in [
            &self.actor,
            origin.unwrap_or_default(),
            &self.action,
            &self.object,
            &self.detail,
        ] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.finalize().into()
    }

    /// The event as it is exported, with everything that its hash covers, so that it can be verified without us.
    pub fn exported(&self) -> serde_json::Value {
        let hash = self.hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        serde_json::json!({
            "seq": self.seq, "at": self.at, "actor": self.actor, "origin": self.origin, "action": self.action,
            "object": self.object, "detail": self.detail, "hash": hash,
        })
    }

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.get("seq")?,
            at: row.get("at")?,
            actor: row.get("actor")?,
            origin: row.get("origin")?,
            action: row.get("action")?,
            object: row.get("object")?,
            detail: row.get("detail")?,
            hash: row.get("hash")?,
        })
    }
}

/// Which events are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this actor.
    pub actor: Option<String>,
    /// What was done: a word (`request.started`), or all of a kind with the point at the end (`request.`).
    pub action: Option<String>,
    /// To this object, or with its id among the details.
    pub object: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl Tx {
    /// Up to `limit` events that `filter` lets through, before the place `before` where one is given, newest first.
    pub async fn filtered_events(
        &mut self,
        filter: &EventFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Event>, StoreError> {
        let (word, kind) = match filter.action.as_deref() {
            Some(kind) if kind.ends_with('.') => (None, Some(format!("{kind}%"))),
            word => (word, None),
        };
        let id = filter.object.as_deref().and_then(|object| object.split_once(':'));
        let mentioned = id.map(|(_, id)| format!("%\"{id}\"%"));
        // Escapes in LIKE are not needed: `_` stands in our own words and ids alone, and at worst lets one more through.
        let rows = self
            .fetch_all(
                "SELECT * FROM audit WHERE ($1 IS NULL OR seq < $1) AND ($2 IS NULL OR actor = $2) \
                 AND ($3 IS NULL OR action = $3) AND ($4 IS NULL OR action LIKE $4) \
                 AND ($5 IS NULL OR object = $5 OR detail LIKE $6) \
                 AND ($7 IS NULL OR at >= $7) AND ($8 IS NULL OR at < $8) ORDER BY seq DESC LIMIT $9",
                args![
                    before,
                    filter.actor.clone(),
                    word,
                    kind,
                    filter.object.clone(),
                    mentioned,
                    filter.from,
                    filter.until,
                    limit
                ],
            )
            .await?;
        rows.iter().map(Event::from_row).collect()
    }

    /// Up to `limit` events after the place `after`, oldest first; of one object where it is given.
    pub async fn events(&mut self, object: Option<&str>, after: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
        let rows = match object {
            Some(object) => {
                self.fetch_all(
                    "SELECT * FROM audit WHERE object = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                    args![object, after, limit],
                )
                .await?
            }
            None => {
                self.fetch_all(
                    "SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2",
                    args![after, limit],
                )
                .await?
            }
        };
        rows.iter().map(Event::from_row).collect()
    }

    /// The last `limit` events about `object`, newest first.
    pub async fn recent_events(&mut self, object: &str, limit: i64) -> Result<Vec<Event>, StoreError> {
        let rows = self
            .fetch_all(
                "SELECT * FROM audit WHERE object = $1 ORDER BY seq DESC LIMIT $2",
                args![object, limit],
            )
            .await?;
        rows.iter().map(Event::from_row).collect()
    }

    /// Every event of this kind about `object`, oldest first.
    pub async fn events_called(&mut self, object: &str, action: &str) -> Result<Vec<Event>, StoreError> {
        let rows = self
            .fetch_all(
                "SELECT * FROM audit WHERE object = $1 AND action = $2 ORDER BY seq",
                args![object, action],
            )
            .await?;
        rows.iter().map(Event::from_row).collect()
    }

    /// Chains and writes the events of this transaction; the very last thing before the commit, because the head of
    /// the chain is one row for everybody.
    pub(crate) async fn append_events(&mut self) -> Result<(), StoreError> {
        let events = std::mem::take(&mut self.events);
        if events.is_empty() {
            return Ok(());
        }
        // The update takes the row's lock on PostgreSQL before anything is read.
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let head = self
            .fetch_one(
                "UPDATE audit_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, hash",
                args![count],
            )
            .await?;
        let mut seq = head.get::<i64>("seq")? - count;
        let mut hash: [u8; 32] = head.get("hash")?;
        let at = self.now();
        let mut rows: Vec<Value> = Vec::new();
        for new in events {
            seq += 1;
            let NewEvent {
                actor,
                origin,
                action,
                object,
                detail,
            } = new;
            let mut event = Event {
                seq,
                at,
                actor,
                origin,
                action,
                object,
                detail: detail.to_string(),
                hash,
            };
            event.hash = event.expected_hash(&hash);
            hash = event.hash;
            rows.extend(args![
                seq,
                at,
                event.actor,
                event.origin,
                event.action,
                event.object,
                event.detail,
                hash
            ]);
        }
        for rows in rows.chunks(AT_ONCE * COLUMNS) {
            let places: Vec<String> = (0..rows.len()).step_by(COLUMNS).map(places).collect();
            let sql = format!(
                "INSERT INTO audit (seq, at, actor, origin, action, object, detail, hash) VALUES {}",
                places.join(", ")
            );
            self.execute(AssertSqlSafe(sql), rows.to_vec()).await?;
        }
        self.execute("UPDATE audit_head SET hash = $1 WHERE id = 1", args![hash])
            .await?;
        Ok(())
    }
}

/// Events in one statement.
const AT_ONCE: usize = 16;
/// Columns of an event.
const COLUMNS: usize = 8;

/// The parameters of a row after `before` others.
fn places(before: usize) -> String {
    let places: Vec<String> = (before + 1..=before + COLUMNS)
        .map(|place| format!("${place}"))
        .collect();
    format!("({})", places.join(", "))
}

/// The end of the chain, as it was written down beside it.
struct Head {
    seq: i64,
    hash: [u8; 32],
}

impl Store {
    /// Walks along the whole chain, also while others write it: up to the head, which every commit moves together with
    /// its rows. So there is never a row behind a head that was read after the row was seen.
    pub async fn verify_audit(&self) -> Result<ChainReport, StoreError> {
        let mut read = self.read().await?;
        let (mut seq, mut hash) = (0, [0; 32]);
        let broken = |seq, reason| Ok(ChainReport::Broken { seq, reason });
        if let Some(seq) = outside(&mut read, "SELECT MIN(seq) AS seq FROM audit WHERE seq < $1", 1).await? {
            return broken(seq, "the row stands before the beginning of the chain");
        }
        loop {
            let behind = outside(&mut read, "SELECT MIN(seq) AS seq FROM audit WHERE seq > $1", seq).await?;
            let head = head(&mut read).await?;
            if head.seq <= seq {
                return match behind {
                    _ if head.seq < seq || head.hash != hash => {
                        broken(seq, "the end of the chain is not the one that was written")
                    }
                    Some(seq) => broken(seq, "the row was written behind the end of the chain"),
                    None => Ok(ChainReport::Whole { events: seq }),
                };
            }
            while seq < head.seq {
                let events = read.events(None, seq, 1000).await?;
                if events.first().is_none_or(|event| event.seq > head.seq) {
                    return broken(seq + 1, "the row is missing");
                }
                for event in events.into_iter().take_while(|event| event.seq <= head.seq) {
                    seq += 1;
                    if event.seq != seq {
                        return broken(seq, "the row is missing");
                    }
                    if event.hash != event.expected_hash(&hash) {
                        return broken(seq, "the row or the one before it was changed");
                    }
                    hash = event.hash;
                }
            }
            if hash != head.hash {
                return broken(seq, "the end of the chain is not the one that was written");
            }
        }
    }
}

async fn head(read: &mut Tx) -> Result<Head, StoreError> {
    let head = read
        .fetch_one("SELECT seq, hash FROM audit_head WHERE id = 1", args![])
        .await?;
    Ok(Head {
        seq: head.get("seq")?,
        hash: head.get("hash")?,
    })
}

async fn outside(read: &mut Tx, sql: &'static str, bound: i64) -> Result<Option<i64>, StoreError> {
    read.fetch_one(sql, args![bound]).await?.get("seq")
}
