//! Writing the package, a bounded piece at a time.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use privacy::dossier::{Record, Selection};
use serde_json::{Value, json};
use store::Tx;
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{Out, PackageError, cells, names::Names, page};
use crate::{
    Manager,
    app::dossier::{
        records::{block_from, piece},
        review::{Found, Review},
    },
};

/// More different columns than this go into one last column, as JSON.
const MOST_COLUMNS: usize = 1000;
/// Beyond this many members it is no longer a ZIP that every program reads.
const MOST_FILES: usize = 60_000;

/// What the package is about.
pub(super) struct Contents<'a> {
    pub(super) reference: String,
    pub(super) received_at: Timestamp,
    pub(super) made_at: Timestamp,
    pub(super) is_empty: bool,
    pub(super) objects: Vec<Part<'a>>,
}

/// An object as far as it is handed over.
pub(super) struct Part<'a> {
    found: &'a Found,
    selection: Selection<'a>,
    records: u64,
    columns: Columns,
    table: Option<String>,
    files: Vec<String>,
}

/// The columns of a table: the paths that occur, in the order in which they do.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    known: BTreeSet<String>,
    overflow: bool,
}

impl Columns {
    fn note(&mut self, record: &Record) {
        for field in &record.fields {
            let name = field.path.text();
            if self.known.contains(&name) {
                continue;
            }
            if self.names.len() >= MOST_COLUMNS {
                self.overflow = true;
                continue;
            }
            self.known.insert(name.clone());
            self.names.push(name);
        }
    }
}

pub(super) struct PackageWriter<'a> {
    manager: &'a Manager,
    review: &'a Review,
    zip: ZipWriter<StreamWriter<Shared>>,
    written: Shared,
    made_at: Timestamp,
}

/// What was written and not yet passed on.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> PackageWriter<'a> {
    pub(super) fn new(manager: &'a Manager, review: &'a Review) -> Self {
        let written = Shared::default();
        Self {
            manager,
            review,
            zip: ZipWriter::new_stream(written.clone()),
            written,
            made_at: manager.now(),
        }
    }

    /// Writes everything, and returns the last piece without passing it on.
    pub(super) async fn write(mut self, out: &mut Out) -> Result<Vec<u8>, PackageError> {
        let contents = self.contents().await?;
        self.page(&contents, out).await?;
        self.json(&contents, out).await?;
        for part in &contents.objects {
            if let Some(member) = &part.table {
                self.table(part, member, out).await?;
            }
            for (file, member) in part.found.object.files.iter().zip(&part.files) {
                self.file(file.id.as_str(), member, out).await?;
            }
        }
        self.zip.finish().map_err(failed)?;
        Ok(self.written.take())
    }

    /// Looks at every record once: how many are handed over, and with which columns.
    async fn contents(&self) -> Result<Contents<'a>, PackageError> {
        let mut names = Names::default();
        let mut objects = Vec::new();
        let mut files = 0;
        for (index, found) in self.review.objects.iter().enumerate() {
            let selection = self.review.selection(found);
            let (mut records, mut columns) = (0, Columns::default());
            let mut reader = Reader::new(self, found).await?;
            while let Some(block) = reader.next().await? {
                for record in block.iter().filter_map(|record| selection.effective(record)) {
                    records += 1;
                    columns.note(&record);
                }
            }
            let name = found.object.name.reveal();
            let members: Vec<String> = if selection.includes_object() {
                let members = found
                    .object
                    .files
                    .iter()
                    .map(|file| names.file("files", index + 1, file.name.reveal()));
                members.collect()
            } else {
                Vec::new()
            };
            files += members.len();
            if records == 0 && members.is_empty() {
                continue;
            }
            objects.push(Part {
                found,
                selection,
                records,
                columns,
                table: (records > 0).then(|| names.table("data", index + 1, name, "csv")),
                files: members,
            });
        }
        if files + objects.len() > MOST_FILES {
            return Err(PackageError::NotReady(
                "there are too many files for one package: exclude some",
            ));
        }
        Ok(Contents {
            reference: self.review.request.reference.to_string(),
            received_at: self.review.received_at(),
            made_at: self.made_at,
            is_empty: objects.is_empty(),
            objects,
        })
    }

    async fn page(&mut self, contents: &Contents<'a>, out: &mut Out) -> Result<(), PackageError> {
        self.begin("index.html")?;
        self.put(page::head(contents).as_bytes())?;
        for part in &contents.objects {
            let object = &part.found.object;
            let source = part.found.data_source.as_deref();
            self.put(page::object(object.name.reveal(), source, part.records, part.table.as_deref()).as_bytes())?;
            let mut shown: u64 = 0;
            let mut reader = Reader::new(self, part.found).await?;
            'records: while let Some(block) = reader.next().await? {
                for record in block.iter().filter_map(|record| part.selection.effective(record)) {
                    if shown >= page::SHOWN_RECORDS as u64 {
                        break 'records;
                    }
                    shown += 1;
                    self.put(page::record(&record).as_bytes())?;
                }
                self.pass(out).await?;
            }
            if let Some(member) = part.table.as_deref().filter(|_| part.records > shown) {
                self.put(page::more(part.records - shown, member).as_bytes())?;
            }
            for (file, member) in object.files.iter().zip(&part.files) {
                self.put(page::file(file.name.reveal(), member, file.bytes).as_bytes())?;
            }
        }
        self.put(page::TAIL.as_bytes())?;
        self.pass(out).await
    }

    async fn json(&mut self, contents: &Contents<'a>, out: &mut Out) -> Result<(), PackageError> {
        self.begin("dossier.json")?;
        let head = json!({
            "version": 1,
            "reference": contents.reference,
            "type": self.review.request.right,
            "framework": self.review.request.deadline.framework,
            "received_at": contents.received_at,
            "prepared_at": contents.made_at,
        });
        self.put(&open_list(&head, "objects"))?;
        for (index, part) in contents.objects.iter().enumerate() {
            let object = &part.found.object;
            let files = object.files.iter().zip(&part.files).map(|(file, member)| {
                json!({
                    "name": file.name.reveal(),
                    "path": member,
                    "media_type": file.media_type,
                    "bytes": file.bytes,
                    "sha256": file.sha256,
                })
            });
            let head = json!({
                "id": object.id.as_str(),
                "name": object.name.reveal(),
                "source": part.found.data_source,
                "table": part.table,
                "files": files.collect::<Vec<Value>>(),
            });
            self.put(if index == 0 { b"\n" } else { b",\n" })?;
            self.put(&open_list(&head, "records"))?;
            let mut first = true;
            let mut reader = Reader::new(self, part.found).await?;
            while let Some(block) = reader.next().await? {
                for record in block.iter().filter_map(|record| part.selection.effective(record)) {
                    self.put(if first { b"\n" } else { b",\n" })?;
                    first = false;
                    self.put(record.to_json().reveal().to_string().as_bytes())?;
                }
                self.pass(out).await?;
            }
            self.put(b"]}")?;
        }
        self.put(b"]}\n")?;
        self.pass(out).await
    }

    async fn table(&mut self, part: &Part<'a>, member: &str, out: &mut Out) -> Result<(), PackageError> {
        self.begin(member)?;
        // Spreadsheets take a table for UTF-8 only when it says so.
        self.put("\u{feff}".as_bytes())?;
        let columns = &part.columns;
        let names = columns.names.iter().map(|name| cells::harmless(name));
        let more = columns.overflow.then(|| "more".to_owned());
        self.put(&row(names.chain(more))?)?;
        let mut reader = Reader::new(self, part.found).await?;
        while let Some(block) = reader.next().await? {
            for record in block.iter().filter_map(|record| part.selection.effective(record)) {
                self.put(&row(cells_of(&record, columns).into_iter())?)?;
            }
            self.pass(out).await?;
        }
        Ok(())
    }

    async fn file(&mut self, id: &str, member: &str, out: &mut Out) -> Result<(), PackageError> {
        self.begin(member)?;
        let mut tx = self.manager.store().read().await?;
        for number in 0.. {
            let Some(bytes) = piece(&mut tx, &self.review.key, id, number).await? else {
                break;
            };
            self.put(&bytes)?;
            self.pass(out).await?;
        }
        Ok(())
    }

    fn begin(&mut self, member: &str) -> Result<(), PackageError> {
        let time = self.made_at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let time = zip::DateTime::from_date_and_time(
            u16::try_from(time.year()).unwrap_or(1980),
            u8::try_from(time.month()).unwrap_or(1),
            u8::try_from(time.day()).unwrap_or(1),
            u8::try_from(time.hour()).unwrap_or(0),
            u8::try_from(time.minute()).unwrap_or(0),
            u8::try_from(time.second()).unwrap_or(0),
        );
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(time.unwrap_or_default())
            .large_file(true);
        self.zip.start_file(member, options).map_err(failed)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), PackageError> {
        Ok(self.zip.write_all(bytes)?)
    }

    async fn pass(&self, out: &mut Out) -> Result<(), PackageError> {
        let piece = self.written.take();
        if piece.is_empty() {
            Ok(())
        } else {
            out.send(piece).await
        }
    }
}

/// The records of an object, block by block.
struct Reader<'a> {
    tx: Tx,
    review: &'a Review,
    object: &'a str,
    next: u64,
}

impl<'a> Reader<'a> {
    async fn new(writer: &PackageWriter<'a>, found: &'a Found) -> Result<Self, PackageError> {
        Ok(Self {
            tx: writer.manager.store().read().await?,
            review: writer.review,
            object: found.object.id.as_str(),
            next: 1,
        })
    }

    async fn next(&mut self) -> Result<Option<Vec<Record>>, PackageError> {
        let block = block_from(&mut self.tx, &self.review.key, self.object, self.next).await?;
        if let Some(last) = block.as_ref().and_then(|block| block.last()) {
            self.next = last.id.0 + 1;
        }
        Ok(block)
    }
}

/// An object's JSON, with a list as its last member that is still open.
fn open_list(head: &Value, list: &str) -> Vec<u8> {
    let mut text = head.to_string();
    text.pop();
    [text, format!(",{}:[", Value::from(list))].concat().into_bytes()
}

fn cells_of(record: &Record, columns: &Columns) -> Vec<String> {
    let values: std::collections::HashMap<String, String> = record
        .fields
        .iter()
        .map(|field| (field.path.text(), field.value.reveal().to_cell()))
        .collect();
    let mut cells: Vec<String> = columns
        .names
        .iter()
        .map(|name| values.get(name).map(|cell| cells::harmless(cell)).unwrap_or_default())
        .collect();
    if columns.overflow {
        let rest = record
            .fields
            .iter()
            .filter(|field| !columns.known.contains(&field.path.text()));
        let rest: serde_json::Map<String, Value> = rest
            .map(|field| (field.path.text(), field.value.reveal().to_json()))
            .collect();
        cells.push(if rest.is_empty() {
            String::new()
        } else {
            Value::from(rest).to_string()
        });
    }
    cells
}

/// One row (RFC 4180).
fn row(cells: impl Iterator<Item = String>) -> Result<Vec<u8>, PackageError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(cells).map_err(io::Error::other)?;
    Ok(writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))?)
}

fn failed(error: zip::result::ZipError) -> PackageError {
    PackageError::Write(io::Error::other(error))
}
