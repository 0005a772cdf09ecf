//! Privacy requests.

use jiff::Timestamp;
use mail::Language;
use privacy::{
    IdentityType, Reference, Right,
    framework::Deadline,
    request::{Options, Stage},
};
use serde_json::json;
use store::{AssertSqlSafe, Row, StoreError, Tx, Value, args};

use crate::{ConnectionId, OperatorId, RequestId, app::requests::LeftOut};

/// A request as it is stored; what is sealed is sealed.
#[derive(Debug, Clone, PartialEq)]
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
    /// It is open and a task of it failed.
    pub(crate) failed: bool,
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
            failed: row.get("failed")?,
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
    /// Taken care of by this operator.
    pub(crate) assignee: Option<OperatorId>,
    /// Open, and due in this span: from, and before.
    pub(crate) due: Option<(Timestamp, Timestamp)>,
    /// Open, with a task that failed.
    pub(crate) failed: bool,
    /// Not closed.
    pub(crate) open: bool,
    /// Taken care of by nobody.
    pub(crate) unassigned: bool,
    /// Open, with a task whose connection needs a person.
    pub(crate) troubled: bool,
    /// In which order.
    pub(crate) order: Order,
    /// Beyond this one, in that order.
    pub(crate) before: Option<RequestId>,
}

words! {
    /// In which order requests are listed.
    #[derive(Default)]
    Order, UnknownOrder, "an order is newest, oldest or deadline":
    /// The newest first.
    #[default]
    Newest = "newest",
    /// The oldest first.
    Oldest = "oldest",
    /// What is due first.
    Deadline = "deadline",
}

/// The request of this id.
pub(crate) async fn by_id(tx: &mut Tx, id: RequestId) -> Result<Option<RequestRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM request WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(RequestRow::from_row).transpose()
}

/// The requests of these ids, oldest first.
pub(crate) async fn by_ids(tx: &mut Tx, ids: &[RequestId]) -> Result<Vec<RequestRow>, StoreError> {
    let Some((places, values)) = places(ids) else {
        return Ok(Vec::new());
    };
    let sql = format!("SELECT * FROM request WHERE id IN ({places}) ORDER BY id");
    let rows = tx.fetch_all(AssertSqlSafe(sql), values).await?;
    rows.iter().map(RequestRow::from_row).collect()
}

/// The same as [`by_id`], held until the end of the transaction: for decisions on what was read.
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

/// What can be told about a request to anybody.
pub(crate) struct Brief {
    pub(crate) reference: Reference,
    pub(crate) right: Right,
    pub(crate) state: String,
}

/// The same, of the request of this id.
pub(crate) async fn brief(tx: &mut Tx, id: RequestId) -> Result<Option<Brief>, StoreError> {
    let sql = "SELECT reference, request_type, state FROM request WHERE id = $1";
    let row = tx.fetch_optional(sql, args![id]).await?;
    row.map(|row| {
        Ok(Brief {
            reference: row.parse("reference")?,
            right: row.parse("request_type")?,
            state: row.get("state")?,
        })
    })
    .transpose()
}

/// How often a request and its tasks have changed.
pub(crate) async fn version(tx: &mut Tx, id: RequestId) -> Result<Option<i64>, StoreError> {
    let row = tx
        .fetch_optional("SELECT version FROM request WHERE id = $1", args![id])
        .await?;
    row.map(|row| row.get("version")).transpose()
}

/// Requests in the order that is asked for. Each list is read along an index until it is long enough: what it costs does not depend on
/// how many requests there are.
pub(crate) async fn list(tx: &mut Tx, listed: &Listed, limit: i64) -> Result<Vec<RequestRow>, StoreError> {
    let mut values: Vec<Value> = vec![limit.into()];
    let mut place = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let (tables, id) = match listed.connection {
        Some(_) => ("task t JOIN request r ON r.id = t.request", "t.request"),
        None => ("request r", "r.id"),
    };
    let mut filters = String::new();
    if let Some(connection) = listed.connection {
        filters = format!("{filters} AND t.connection = {}", place(connection.into()));
    }
    if let Some(right) = listed.right {
        filters = format!("{filters} AND r.request_type = {}", place(right.name().into()));
    }
    if let Some(hash) = &listed.subject {
        let hash = place(hash.into());
        filters = format!("{filters} AND r.id IN (SELECT request FROM request_identity WHERE hash = {hash})");
    }
    if let Some(assignee) = listed.assignee {
        let assignee = place(assignee.into());
        filters = format!("{filters} AND r.id IN (SELECT request FROM request_assignee WHERE operator = {assignee})");
    }
    if listed.unassigned {
        filters.push_str(" AND NOT EXISTS (SELECT 1 FROM request_assignee n WHERE n.request = r.id)");
    }
    if listed.failed {
        filters.push_str(" AND r.failed");
    }
    if listed.open || listed.troubled {
        filters.push_str(" AND r.state <> 'closed'");
    }
    if listed.troubled {
        filters = format!("{filters} AND r.id IN (SELECT w.request FROM {TROUBLED})");
    }
    let (columns, order) = match listed.order {
        Order::Newest => (format!("{id} AS id"), "id DESC"),
        Order::Oldest => (format!("{id} AS id"), "id"),
        Order::Deadline => (format!("{id} AS id, r.due_at AS due_at"), "due_at, id"),
    };
    if let Some(before) = listed.before {
        let before = place(before.into());
        let beyond = match listed.order {
            Order::Newest => format!("{id} < {before}"),
            Order::Oldest => format!("{id} > {before}"),
            Order::Deadline => {
                format!("(r.due_at, r.id) > ((SELECT c.due_at FROM request c WHERE c.id = {before}), {before})")
            }
        };
        filters = format!("{filters} AND {beyond}");
    }
    // A request has several tasks of one connection; without them it comes once anyway.
    let distinct = if listed.connection.is_some() { "DISTINCT " } else { "" };
    let first = |filters: &str| {
        format!("SELECT {distinct}{columns} FROM {tables} WHERE 1 = 1{filters} ORDER BY {order} LIMIT $1")
    };
    let states: Vec<String> = listed.states.iter().map(|state| place((*state).into())).collect();
    let ids = if let Some((from, before)) = listed.due {
        if !states.is_empty() {
            filters = format!("{filters} AND r.state IN ({})", states.join(", "));
        }
        let (from, before) = (place(from.into()), place(before.into()));
        filters = format!("{filters} AND r.state <> 'closed' AND r.due_at >= {from} AND r.due_at < {before}");
        first(&filters)
    } else if states.is_empty() {
        first(&filters)
    } else {
        // The first of each state, and of these the first: an index holds each state's in order, not several states'.
        let of_state = |state| {
            format!(
                "SELECT * FROM ({}) AS first",
                first(&format!("{filters} AND r.state = {state}"))
            )
        };
        let all: Vec<String> = states.iter().map(of_state).collect();
        format!(
            "SELECT * FROM ({}) AS merged ORDER BY {order} LIMIT $1",
            all.join(" UNION ALL ")
        )
    };
    let shown = match listed.order {
        Order::Newest => "r.id DESC",
        Order::Oldest => "r.id",
        Order::Deadline => "r.due_at, r.id",
    };
    let sql = format!("SELECT r.* FROM request r WHERE r.id IN (SELECT id FROM ({ids}) AS page) ORDER BY {shown}");
    let rows = tx.fetch_all(AssertSqlSafe(sql), values).await?;
    rows.iter().map(RequestRow::from_row).collect()
}

/// Open tasks whose connections need a person, or rest.
const TROUBLED: &str = "task w JOIN connection k ON k.id = w.connection WHERE k.removed_at IS NULL AND k.state <> 'connected' \
     AND w.status NOT IN ('complete', 'skipped', 'stopped', 'expired')";

/// Which of these requests wait for connections that need a person, or rest, and the names of those.
pub(crate) async fn troubled(tx: &mut Tx, requests: &[RequestId]) -> Result<Vec<(RequestId, String)>, StoreError> {
    let Some((places, values)) = places(requests) else {
        return Ok(Vec::new());
    };
    let sql = format!("SELECT DISTINCT w.request, k.name FROM {TROUBLED} AND w.request IN ({places}) ORDER BY k.name");
    let rows = tx.fetch_all(AssertSqlSafe(sql), values).await?;
    rows.iter()
        .map(|row| Ok((row.parse("request")?, row.get("name")?)))
        .collect()
}

/// Who takes care of these requests, where somebody does.
pub(crate) async fn assignees(tx: &mut Tx, requests: &[RequestId]) -> Result<Vec<(RequestId, OperatorId)>, StoreError> {
    let Some((places, values)) = places(requests) else {
        return Ok(Vec::new());
    };
    let sql = format!("SELECT request, operator FROM request_assignee WHERE request IN ({places})");
    let rows = tx.fetch_all(AssertSqlSafe(sql), values).await?;
    rows.iter()
        .map(|row| Ok((row.parse("request")?, row.parse("operator")?)))
        .collect()
}

fn places(requests: &[RequestId]) -> Option<(String, Vec<Value>)> {
    let places: Vec<String> = (1..=requests.len()).map(|place| format!("${place}")).collect();
    (!places.is_empty()).then(|| (places.join(", "), requests.iter().map(|id| (*id).into()).collect()))
}

/// How many requests there are in each of these states, `most` at most of each.
pub(crate) async fn count_by_state(
    tx: &mut Tx,
    states: &[&'static str],
    most: i64,
) -> Result<Vec<(String, i64)>, StoreError> {
    let mut values: Vec<Value> = vec![most.into()];
    let mut counts = Vec::new();
    for state in states {
        values.push((*state).into());
        let place = values.len();
        counts.push(format!(
            "SELECT '{state}' AS state, COUNT(*) AS requests FROM (SELECT 1 FROM request WHERE state = ${place} LIMIT $1) AS counted"
        ));
    }
    let rows = tx.fetch_all(AssertSqlSafe(counts.join(" UNION ALL ")), values).await?;
    rows.iter()
        .map(|row| Ok((row.get("state")?, row.get("requests")?)))
        .collect()
}

/// How many requests there are in each state that has any, to the last one: for programs, and slow where there are many.
pub(crate) async fn totals(tx: &mut Tx) -> Result<Vec<(String, u64)>, StoreError> {
    let sql = "SELECT state, COUNT(*) AS requests FROM request GROUP BY state ORDER BY state";
    let rows = tx.fetch_all(sql, args![]).await?;
    let total = |row: &Row| {
        Ok((
            row.get("state")?,
            u64::try_from(row.get::<i64>("requests")?).unwrap_or_default(),
        ))
    };
    rows.iter().map(total).collect()
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
    insert_identities(tx, row.id, identities).await
}

/// Writes back what was read and changed, and counts the change; [`StoreError::Stale`] where somebody else was faster.
pub(crate) async fn save(tx: &mut Tx, row: &RequestRow) -> Result<(), StoreError> {
    let changed = tx
        .execute(
            "UPDATE request SET version = version + 1, state = $3, stage = $4, options = $5, deadline = $6, \
             due_at = $7, left_out = $8, key = $9, identities = $10, closed_at = $11, dossier_shredded_at = $12, \
             failed = $13 \
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
                row.dossier_shredded_at,
                row.failed
            ],
        )
        .await?;
    one_changed(changed)
}

/// Counts a change of what belongs to the request, which itself is as it was: of its many indexes none is touched.
/// [`StoreError::Stale`] where somebody else was faster.
pub(crate) async fn count_change(tx: &mut Tx, row: &RequestRow) -> Result<(), StoreError> {
    let changed = tx
        .execute(
            "UPDATE request SET version = version + 1 WHERE id = $1 AND version = $2",
            args![row.id, row.version],
        )
        .await?;
    one_changed(changed)
}

fn one_changed(changed: u64) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale { what: "request" })
    }
}

/// The connections that take part from now on; none: every one that can act. The request's lock is held.
pub(crate) async fn choose_connections(
    tx: &mut Tx,
    id: RequestId,
    connections: Option<&[ConnectionId]>,
) -> Result<(), StoreError> {
    let named = connections.map(|connections| json!(connections).to_string());
    tx.execute("UPDATE request SET connections = $2 WHERE id = $1", args![id, named])
        .await?;
    Ok(())
}

/// The request is found by these identities and no others.
pub(crate) async fn replace_identities(
    tx: &mut Tx,
    id: RequestId,
    identities: &[(IdentityType, [u8; 32])],
) -> Result<(), StoreError> {
    forget_subject(tx, id).await?;
    insert_identities(tx, id, identities).await
}

async fn insert_identities(
    tx: &mut Tx,
    id: RequestId,
    identities: &[(IdentityType, [u8; 32])],
) -> Result<(), StoreError> {
    for (kind, hash) in identities {
        tx.execute(
            "INSERT INTO request_identity (request, identifier_type, hash) VALUES ($1, $2, $3)",
            args![id, kind.name(), hash],
        )
        .await?;
    }
    Ok(())
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
