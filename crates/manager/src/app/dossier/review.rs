//! A dossier opened for review: objects, files, changes and policies, without the records.

use std::collections::{BTreeMap, HashMap};

use privacy::{
    Personal,
    dossier::{
        AttachedFile, Change, ChangeLog, Field, FieldCatalog, FieldPath, FieldPolicy, FieldValue, Object, ObjectId,
        Record, RecordId, Segment, Selection,
    },
};
use store::{StoreError, Tx};

use super::head::{FileHeadJson, ObjectHeadJson, unreadable};
use crate::{
    ConnectionId, Manager, TaskId,
    app::requests::RequestKey,
    rows::{self, request::RequestRow},
};

/// A dossier opened for review.
pub(super) struct Review {
    pub(super) request: RequestRow,
    pub(super) key: RequestKey,
    pub(super) objects: Vec<Found>,
    pub(super) changes: ChangeLog,
    /// What holds for what each task found.
    policies: BTreeMap<TaskId, FieldPolicy>,
    /// Where nobody saved one: everything is handed over.
    no_policy: FieldPolicy,
}

/// An object, and where it came from.
pub(super) struct Found {
    pub(super) object: Object,
    /// The task that brought it; none for what staff added.
    pub(super) task: Option<TaskId>,
    pub(super) connection: Option<ConnectionId>,
    pub(super) data_source: Option<String>,
    pub(super) data_type: Option<String>,
}

impl Review {
    /// Opens the dossier of a request whose key is still there.
    pub(super) async fn open(manager: &Manager, tx: &mut Tx, request: RequestRow) -> Result<Self, StoreError> {
        let key = manager.request_key(&request)?;
        let tasks = rows::task::of_request(tx, request.id).await?;
        let tasks: BTreeMap<TaskId, _> = tasks.into_iter().map(|task| (task.id, task)).collect();
        let mut files: HashMap<String, Vec<AttachedFile>> = HashMap::new();
        for row in rows::dossier::files(tx, request.id).await? {
            let head = FileHeadJson::parse(key.open("dossier_file", "head", &row.id, &row.head)?.reveal())?;
            files.entry(row.object).or_default().push(AttachedFile {
                id: object_id(&row.id)?,
                name: Personal::new(head.name),
                media_type: row.media_type,
                bytes: row.bytes,
                sha256: row.sha256,
            });
        }
        let mut objects = Vec::new();
        let mut found = rows::dossier::objects(tx, request.id).await?;
        let place = |task: Option<TaskId>| tasks.get(&task?).map(|task| task.position);
        // What staff added comes last.
        found.sort_by_key(|row| (row.task.is_none(), place(row.task), row.position));
        for row in found {
            let head = ObjectHeadJson::parse(key.open("dossier_object", "head", &row.id, &row.head)?.reveal())?;
            let task = row.task.and_then(|task| tasks.get(&task));
            objects.push(Found {
                object: Object {
                    id: object_id(&row.id)?,
                    name: Personal::new(head.name),
                    task_id: row.task.map(|task| task.to_string()),
                    records: row.records,
                    fields: head.catalog,
                    files: files.remove(&row.id).unwrap_or_default(),
                },
                task: row.task,
                connection: task.map(|task| task.connection),
                data_source: head.data_source,
                data_type: task.map(|task| task.data_type.clone()),
            });
        }
        let mut changes = ChangeLog::default();
        for row in rows::dossier::changes(tx, request.id).await? {
            let place = format!("{}/{}", request.id, row.number);
            let plain = key.open("dossier_change", "content", &place, &row.content)?;
            let change = Change::from_json(plain.reveal()).ok_or_else(|| unreadable("dossier_change"))?;
            let id = changes.push(change);
            if row.undone_at.is_some() {
                changes.undo(id).ok();
            }
        }
        let mut policies = BTreeMap::new();
        for (task, sealed) in rows::field_policy::of_request(tx, request.id).await? {
            let plain = key.open("task_policy", "content", &task.to_string(), &sealed)?;
            let policy = serde_json::from_slice(plain.reveal()).map_err(|_| unreadable("task_policy"))?;
            policies.insert(task, policy);
        }
        Ok(Self {
            request,
            key,
            objects,
            changes,
            policies,
            no_policy: FieldPolicy::default(),
        })
    }

    /// The object of this id.
    pub(super) fn object(&self, id: &str) -> Option<&Found> {
        self.objects.iter().find(|found| found.object.id.as_str() == id)
    }

    /// What is handed over of an object.
    pub(super) fn selection<'a>(&'a self, found: &Found) -> Selection<'a> {
        Selection::new(
            &found.object.id,
            &found.object.name,
            self.policy(found),
            self.changes.active(),
        )
    }

    /// What the rule alone would hand over of an object.
    pub(super) fn selection_by_rule<'a>(&'a self, found: &Found) -> Selection<'a> {
        Selection::new(&found.object.id, &found.object.name, self.policy(found), [])
    }

    fn policy(&self, found: &Found) -> &FieldPolicy {
        let frozen = found.task.and_then(|task| self.policies.get(&task));
        frozen.unwrap_or(&self.no_policy)
    }

    /// The rules that hold for this dossier, each once with the connection that it came with.
    pub(super) fn policies(&self) -> Vec<(ConnectionId, &FieldPolicy)> {
        let mut applied: Vec<(ConnectionId, &FieldPolicy)> = Vec::new();
        for found in &self.objects {
            let Some((connection, policy)) = found
                .connection
                .zip(found.task.and_then(|task| self.policies.get(&task)))
            else {
                continue;
            };
            if !applied.contains(&(connection, policy)) {
                applied.push((connection, policy));
            }
        }
        applied
    }
}

/// A record that stands for all of an object: one field for each kind of field, so that a selection can be asked
/// about kinds.
pub(super) fn specimen(catalog: &FieldCatalog) -> Record {
    let fields = catalog.iter().filter_map(|(pattern, _)| {
        Some(Field {
            path: specimen_path(pattern)?,
            value: Personal::new(FieldValue::Null),
        })
    });
    Record {
        // No record has this number: only what holds for all records is told.
        id: RecordId(0),
        fields: fields.collect(),
    }
}

/// The path that a general pattern stands for, with an index that no list reaches.
fn specimen_path(pattern: &str) -> Option<FieldPath> {
    let path: FieldPath = pattern.replace("[*]", "[4294967295]").parse().ok()?;
    // A quoted key that itself contains "[*]" does not come back as it was.
    let faithful = path.general().text() == pattern;
    faithful.then_some(path).or_else(|| {
        let key = Segment::Key(pattern.to_owned());
        Some(FieldPath::new(vec![key]))
    })
}

pub(super) fn object_id(id: &str) -> Result<ObjectId, StoreError> {
    id.parse().map_err(|_| unreadable("dossier_object"))
}
