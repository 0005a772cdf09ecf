//! Privacy requests.

use jiff::Timestamp;
use mail::Language;
use privacy::{
    IdentityType, Reference, Right,
    framework::Deadline,
    request::{Options, Stage},
    task::TaskStatus,
};
use serde_json::json;
use store::{AssertSqlSafe, Row, StoreError, Tx, Value, args};

use crate::{ConnectionId, RequestId, app::requests::LeftOut};

/// A request as it is stored; what is sealed is sealed.
#[derive(Debug, Clone)]
pub(crate) struct RequestRow {
    pub(crate) id: RequestId,
    pub(crate) reference: Reference,
    pub(crate) version: i64,
    pub(crate) right: Right,
    pub(crate) stage: Stage,
    pub(crate) options: Options,
    pub(crate) deadline: Deadline,
    /// Where it came from: `api`, `portal`, `command_line`, `import`.
    pub(crate) source: String,
    /// The connections that were named; none: every one that can act.
    pub(crate) connections: Option<Vec<ConnectionId>>,
    pub(crate) left_out: Vec<LeftOut>,
    /// The wrapped data key; gone once the request is shredded.
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) identities: Option<Vec<u8>>,
    /// In which language the subject is written to.
    pub(crate) language: Language,
    pub(crate) created_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) dossier_shredded_at: Option<Timestamp>,
}

impl RequestRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let named: Option<String> = row.get("connections")?;
        Ok(Self {
            id: row.parse("id")?,
            reference: row.parse("reference")?,
            version: row.get("version")?,
            right: row.parse("request_type")?,
            stage: row.json("stage")?,
            options: row.json("options")?,
            deadline: row.json("deadline")?,
            source: row.get("source")?,
            connections: if named.is_some() {
                row.json("connections")?
            } else {
                None
            },
            left_out: row.json("left_out")?,
            key: row.get("key")?,
            identities: row.get("identities")?,
            language: row.parse("language")?,
            created_at: row.get("created_at")?,
            closed_at: row.get("closed_at")?,
            dossier_shredded_at: row.get("dossier_shredded_at")?,
        })
    }
}

/// Which requests are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    /// In one of these states; in any if none is named.
    pub(crate) states: Vec<&'static str>,
    /// Of this type.
    pub(crate) right: Option<Right>,
    /// Of a subject with this keyed hash of an identifier.
    pub(crate) subject: Option<[u8; 32]>,
    /// With a task of this connection.
    pub(crate) connection: Option<ConnectionId>,
    /// Open, and due in this span: from, and before.
    pub(crate) due: Option<(Timestamp, Timestamp)>,
    /// Open, with a task that failed.
    pub(crate) failed: bool,
    /// Older than this one.
    pub(crate) before: Option<RequestId>,
}

/// The request of this id.
pub(crate) async fn by_id(tx: &mut Tx, id: RequestId) -> Result<Option<RequestRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM request WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(RequestRow::from_row).transpose()
}

/// The same, held until the end of the transaction: for decisions on what was read.
pub(crate) async fn locked(tx: &mut Tx, id: RequestId) -> Result<Option<RequestRow>, StoreError> {
    tx.lock("request", &id.to_string()).await?;
    by_id(tx, id).await
}

/// The request of this reference.
pub(crate) async fn by_reference(tx: &mut Tx, reference: Reference) -> Result<Option<RequestId>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT id FROM request WHERE reference = $1",
            args![reference.to_string()],
        )
        .await?;
    row.map(|row| row.parse("id")).transpose()
}

/// How often a request and its tasks have changed.
pub(crate) async fn version(tx: &mut Tx, id: RequestId) -> Result<Option<i64>, StoreError> {
    let row = tx
        .fetch_optional("SELECT version FROM request WHERE id = $1", args![id])
        .await?;
    row.map(|row| row.get("version")).transpose()
}

/// Requests, newest first.
pub(crate) async fn list(tx: &mut Tx, listed: &Listed, limit: i64) -> Result<Vec<RequestRow>, StoreError> {
    let mut sql = "SELECT r.* FROM request r WHERE 1 = 1".to_owned();
    let mut values: Vec<Value> = Vec::new();
    if !listed.states.is_empty() {
        let mut places = Vec::new();
        for state in &listed.states {
            values.push((*state).into());
            places.push(format!("${}", values.len()));
        }
        sql = format!("{sql} AND r.state IN ({})", places.join(", "));
    }
    let mut filter = |text: &str, value: Value| {
        values.push(value);
        sql.push_str(&text.replace('?', &format!("${}", values.len())));
    };
    if let Some(right) = listed.right {
        filter(" AND r.request_type = ?", right.name().into());
    }
    if let Some(hash) = &listed.subject {
        filter(
            " AND EXISTS (SELECT 1 FROM request_identity i WHERE i.hash = ? AND i.request = r.id)",
            hash.into(),
        );
    }
    if let Some(connection) = listed.connection {
        filter(
            " AND EXISTS (SELECT 1 FROM task t WHERE t.request = r.id AND t.connection = ?)",
            connection.into(),
        );
    }
    if let Some((from, before)) = listed.due {
        filter(" AND r.state <> 'closed' AND r.due_at >= ?", from.into());
        filter(" AND r.due_at < ?", before.into());
    }
    if listed.failed {
        let failed =
            " AND r.state <> 'closed' AND EXISTS (SELECT 1 FROM task f WHERE f.request = r.id AND f.status = ?)";
        filter(failed, TaskStatus::Failed.name().into());
    }
    if let Some(before) = listed.before {
        filter(" AND r.id < ?", before.into());
    }
    filter(" ORDER BY r.id DESC LIMIT ?", limit.into());
    let rows = tx.fetch_all(AssertSqlSafe(sql), values).await?;
    rows.iter().map(RequestRow::from_row).collect()
}

/// How many requests there are in each state.
pub(crate) async fn count_by_state(tx: &mut Tx) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT state, COUNT(*) AS requests FROM request GROUP BY state ORDER BY state",
            args![],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("state")?, row.get("requests")?)))
        .collect()
}

/// Writes a new request.
pub(crate) async fn insert(
    tx: &mut Tx,
    row: &RequestRow,
    identities: &[(IdentityType, [u8; 32])],
) -> Result<(), StoreError> {
    let named = row
        .connections
        .as_ref()
        .map(|connections| json!(connections).to_string());
    tx.execute(
        "INSERT INTO request (id, reference, version, request_type, state, stage, options, deadline, due_at, source, \
         connections, left_out, key, identities, created_at, language) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        args![
            row.id,
            row.reference.to_string(),
            row.version,
            row.right.name(),
            row.stage.name(),
            text(&row.stage),
            text(&row.options),
            text(&row.deadline),
            row.deadline.due,
            &row.source,
            named,
            text(&row.left_out),
            row.key.clone(),
            row.identities.clone(),
            row.created_at,
            row.language.name()
        ],
    )
    .await?;
    for (kind, hash) in identities {
        tx.execute(
            "INSERT INTO request_identity (request, identifier_type, hash) VALUES ($1, $2, $3)",
            args![row.id, kind.name(), hash],
        )
        .await?;
    }
    Ok(())
}

/// Writes back what was read and changed, and counts the change; [`StoreError::Stale`] where somebody else was faster.
pub(crate) async fn save(tx: &mut Tx, row: &RequestRow) -> Result<(), StoreError> {
    let changed = tx
        .execute(
            "UPDATE request SET version = version + 1, state = $3, stage = $4, options = $5, deadline = $6, \
             due_at = $7, left_out = $8, key = $9, identities = $10, closed_at = $11, dossier_shredded_at = $12 \
             WHERE id = $1 AND version = $2",
            args![
                row.id,
                row.version,
                row.stage.name(),
                text(&row.stage),
                text(&row.options),
                text(&row.deadline),
                row.deadline.due,
                text(&row.left_out),
                row.key.clone(),
                row.identities.clone(),
                row.closed_at,
                row.dossier_shredded_at
            ],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale { what: "request" })
    }
}

/// Nobody finds the request by its subject any more.
pub(crate) async fn forget_subject(tx: &mut Tx, id: RequestId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM request_identity WHERE request = $1", args![id])
        .await?;
    Ok(())
}

fn text<T: serde::Serialize>(value: &T) -> String {
    json!(value).to_string()
}
