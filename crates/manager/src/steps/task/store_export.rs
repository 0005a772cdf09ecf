//! Storing what is read of an export, sealed, while it is read.

use std::io;

use connectors::export::{ExportSink, FileHead, ObjectHead, ObjectSummary, Record as ReadRecord};
use privacy::dossier::{FieldCatalog, Record, RecordId};
use sha2::{Digest as _, Sha256};
use store::{StoreError, Tx};
use tokio::sync::mpsc;

use crate::{
    Manager,
    app::{
        dossier::{FileHeadJson, ObjectHeadJson, media_type},
        requests::RequestKey,
    },
    hex::hex,
    rows::{
        self,
        dossier::{Attempt, BlockRow, FileRow},
    },
};

/// Records are sealed together up to this many bytes.
const BLOCK_BYTES: usize = 128 << 10;
/// And up to this many records.
const BLOCK_RECORDS: u64 = 500;
/// A file's content is sealed in pieces of this many bytes.
pub(super) const PIECE_BYTES: usize = 256 << 10;
/// What is written is committed each time it has grown by this much.
const COMMIT_BYTES: usize = 4 << 20;

/// Something to be stored, sealed already.
pub(super) enum Piece {
    Object {
        id: String,
        position: u64,
        head: Vec<u8>,
        records: u64,
    },
    Block {
        object: String,
        block: BlockRow,
    },
    EndObject {
        id: String,
        head: Vec<u8>,
        records: u64,
    },
    DropObject {
        id: String,
    },
    BeginFile(FileRow),
    Content {
        file: String,
        number: u32,
        content: Vec<u8>,
    },
    EndFile {
        id: String,
        bytes: u64,
        sha256: String,
    },
}

/// What was kept of an export.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    pub(super) objects: u64,
    pub(super) fields: u64,
}

/// Seals what the reader finds and hands it to whoever stores it. It works in the reader's own, blocking thread.
pub(super) struct Sink {
    manager: Manager,
    key: RequestKey,
    pieces: mpsc::Sender<Piece>,
    object: Option<OpenObject>,
    file: Option<OpenFile>,
    /// How many objects were begun.
    begun: u64,
    kept: Kept,
}

struct OpenObject {
    id: String,
    position: u64,
    /// Whether a part of it was handed on: what is small is handed on whole.
    handed_on: bool,
    head: ObjectHeadJson,
    catalog: FieldCatalog,
    /// The next record's number.
    next: u64,
    first: u64,
    /// Records as a JSON list that is still open.
    block: Vec<u8>,
}

struct OpenFile {
    id: String,
    number: u32,
    pending: Vec<u8>,
    bytes: u64,
    hash: Sha256,
}

impl Sink {
    pub(super) fn new(manager: Manager, key: RequestKey, pieces: mpsc::Sender<Piece>) -> Self {
        Self {
            manager,
            key,
            pieces,
            object: None,
            file: None,
            begun: 0,
            kept: Kept::default(),
        }
    }

    /// What was kept.
    pub(super) fn kept(&self) -> Kept {
        self.kept
    }

    /// Whether everything was ended that was begun.
    pub(super) fn finish(&self) -> io::Result<()> {
        if self.object.is_some() || self.file.is_some() {
            return Err(io::Error::other("something was begun and not ended"));
        }
        Ok(())
    }

    fn send(&self, piece: Piece) -> io::Result<()> {
        self.pieces
            .blocking_send(piece)
            .map_err(|_| io::Error::other("nobody stores it any more"))
    }

    fn next_position(&mut self) -> u64 {
        self.begun += 1;
        self.begun
    }

    fn new_id(&self) -> String {
        self.manager.store().new_id().to_string()
    }

    fn flush_block(&mut self) -> io::Result<()> {
        let Some(object) = &mut self.object else { return Ok(()) };
        if object.next == object.first {
            return Ok(());
        }
        object.block.push(b']');
        let row = format!("{}/{}", object.id, object.first);
        let content = self.key.seal("dossier_block", "content", &row, &object.block);
        let block = BlockRow {
            first: object.first,
            records: object.next - object.first,
            content,
        };
        object.first = object.next;
        object.block.clear();
        let object = object.id.clone();
        self.send(Piece::Block { object, block })
    }

    /// Hands an object on that is not at its end.
    fn begin_handing_on(&mut self) -> io::Result<()> {
        let Some(object) = self.object.as_mut().filter(|object| !object.handed_on) else {
            return Ok(());
        };
        object.handed_on = true;
        let piece = Piece::Object {
            id: object.id.clone(),
            position: object.position,
            head: seal_head(&self.key, &object.id, &object.head),
            records: 0,
        };
        self.send(piece)
    }

    fn flush_file(&mut self, bytes: usize) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let content: Vec<u8> = file.pending.drain(..bytes.min(file.pending.len())).collect();
        let row = format!("{}/{}", file.id, file.number);
        let piece = Piece::Content {
            file: file.id.clone(),
            number: file.number,
            content: self.key.seal("dossier_piece", "content", &row, &content),
        };
        file.number += 1;
        self.send(piece)
    }
}

fn seal_head(key: &RequestKey, id: &str, head: &ObjectHeadJson) -> Vec<u8> {
    key.seal("dossier_object", "head", id, &head.to_bytes())
}

impl ExportSink for Sink {
    fn begin_object(&mut self, object: &ObjectHead) -> io::Result<()> {
        let (id, position) = (self.new_id(), self.next_position());
        let head = ObjectHeadJson {
            name: object.name.reveal().clone(),
            data_source: object.data_source.as_ref().map(|source| source.reveal().clone()),
            member: object.member.reveal().clone(),
            catalog: FieldCatalog::default(),
        };
        self.object = Some(OpenObject {
            id,
            position,
            handed_on: false,
            head,
            catalog: FieldCatalog::default(),
            next: 1,
            first: 1,
            block: Vec::new(),
        });
        Ok(())
    }

    fn record(&mut self, record: &ReadRecord<'_>) -> io::Result<()> {
        let Some(object) = &mut self.object else {
            return Err(io::Error::other("a record outside an object"));
        };
        object
            .catalog
            .note(&Record::from_json(RecordId(object.next), record.value()));
        object.block.push(if object.block.is_empty() { b'[' } else { b',' });
        object.block.extend_from_slice(record.text.as_bytes());
        object.next += 1;
        if object.block.len() >= BLOCK_BYTES || object.next - object.first >= BLOCK_RECORDS {
            self.begin_handing_on()?;
            self.flush_block()?;
        }
        Ok(())
    }

    fn end_object(&mut self, _: &ObjectSummary) -> io::Result<()> {
        self.flush_block()?;
        let Some(mut object) = self.object.take() else {
            return Ok(());
        };
        let records = object.next - 1;
        if records == 0 {
            // Nothing was found there.
            return Ok(());
        }
        self.kept.objects += 1;
        self.kept.fields += object.catalog.len() as u64;
        object.head.catalog = object.catalog;
        let head = seal_head(&self.key, &object.id, &object.head);
        self.send(if object.handed_on {
            Piece::EndObject {
                id: object.id,
                head,
                records,
            }
        } else {
            Piece::Object {
                id: object.id,
                position: object.position,
                head,
                records,
            }
        })
    }

    fn abandon_object(&mut self) -> io::Result<()> {
        match self.object.take().filter(|object| object.handed_on) {
            Some(object) => self.send(Piece::DropObject { id: object.id }),
            None => Ok(()),
        }
    }

    fn begin_file(&mut self, file: &FileHead) -> io::Result<()> {
        let (object, id) = (self.new_id(), self.new_id());
        let head = ObjectHeadJson {
            name: file.name.reveal().clone(),
            data_source: file.data_source.as_ref().map(|source| source.reveal().clone()),
            member: file.member.reveal().clone(),
            catalog: FieldCatalog::default(),
        };
        let piece = Piece::Object {
            id: object.clone(),
            position: self.next_position(),
            head: seal_head(&self.key, &object, &head),
            records: 0,
        };
        self.send(piece)?;
        let head = FileHeadJson {
            name: file.name.reveal().clone(),
        };
        let row = FileRow {
            id: id.clone(),
            object,
            head: self.key.seal("dossier_file", "head", &id, &head.to_bytes()),
            media_type: media_type(file.name.reveal()).to_owned(),
            bytes: 0,
            sha256: String::new(),
        };
        self.file = Some(OpenFile {
            id,
            number: 0,
            pending: Vec::new(),
            bytes: 0,
            hash: Sha256::new(),
        });
        self.send(Piece::BeginFile(row))
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Err(io::Error::other("bytes outside a file"));
        };
        file.hash.update(bytes);
        file.bytes += bytes.len() as u64;
        file.pending.extend_from_slice(bytes);
        while self.file.as_ref().is_some_and(|file| file.pending.len() >= PIECE_BYTES) {
            self.flush_file(PIECE_BYTES)?;
        }
        Ok(())
    }

    fn end_file(&mut self) -> io::Result<()> {
        if self.file.as_ref().is_some_and(|file| !file.pending.is_empty()) {
            self.flush_file(usize::MAX)?;
        }
        let Some(file) = self.file.take() else { return Ok(()) };
        self.kept.objects += 1;
        let sha256 = hex(&file.hash.finalize());
        self.send(Piece::EndFile {
            id: file.id,
            bytes: file.bytes,
            sha256,
        })
    }
}

/// Writes the pieces as they come, in commits of bounded size; nobody sees them until the whole export was read. What is
/// left at the end, all of a small export, is given back: it is kept with what came of the reading.
pub(super) async fn store(
    manager: &Manager,
    of: &Attempt,
    mut pieces: mpsc::Receiver<Piece>,
) -> Result<Vec<Piece>, StoreError> {
    let (mut bytes, mut batch) = (0, Vec::new());
    while let Some(piece) = pieces.recv().await {
        bytes += piece.size();
        batch.push(piece);
        // The database's one writer is not held while the reader works; the same commits whoever is faster.
        if bytes >= COMMIT_BYTES {
            let mut tx = manager.store().write().await?;
            keep(&mut tx, of, std::mem::take(&mut batch)).await?;
            tx.commit().await?;
            bytes = 0;
        }
    }
    Ok(batch)
}

/// Writes pieces.
pub(super) async fn keep(tx: &mut Tx, of: &Attempt, pieces: Vec<Piece>) -> Result<(), StoreError> {
    for piece in pieces {
        piece.store(tx, of).await?;
    }
    Ok(())
}

impl Piece {
    fn size(&self) -> usize {
        match self {
            Self::Block { block, .. } => block.content.len(),
            Self::Content { content, .. } => content.len(),
            _ => 1024,
        }
    }

    async fn store(self, tx: &mut Tx, of: &Attempt) -> Result<(), StoreError> {
        match self {
            Self::Object {
                id,
                position,
                head,
                records,
            } => rows::dossier::insert_object(tx, &id, of, position, head, records).await,
            Self::Block { object, block } => rows::dossier::add_block(tx, &object, block).await,
            Self::EndObject { id, head, records } => rows::dossier::end_object(tx, &id, head, records).await,
            Self::DropObject { id } => rows::dossier::drop_object(tx, &id).await,
            Self::BeginFile(file) => rows::dossier::begin_file(tx, &file).await,
            Self::Content { file, number, content } => rows::dossier::add_piece(tx, &file, number, content).await,
            Self::EndFile { id, bytes, sha256 } => rows::dossier::end_file(tx, &id, bytes, &sha256).await,
        }
    }
}
