//! The S3 operations that exports need, over sealed files: objects whole and in parts, nothing else. What is not here
//! answers `NotImplemented`.

use std::{
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use s3s::{S3, S3Request, S3Response, S3Result, dto, s3_error};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    files::{Files, NewFile, Slot, StoredFile},
    listing,
};

/// How much of an object is read at once.
const PIECE_BYTES: usize = 128 * 1024;
/// How many pieces wait between the disk and the network.
const PIECES: usize = 4;

/// The objects of one bucket.
pub(super) struct Objects {
    files: Arc<Files>,
    bucket: String,
}

impl Objects {
    pub(super) fn new(files: Files, bucket: String) -> Self {
        Self {
            files: Arc::new(files),
            bucket,
        }
    }

    fn check(&self, bucket: &str) -> S3Result<()> {
        if bucket == self.bucket {
            Ok(())
        } else {
            Err(s3_error!(NoSuchBucket))
        }
    }

    async fn open(&self, bucket: &str, key: &str) -> S3Result<StoredFile> {
        self.check(bucket)?;
        let (files, key) = (Arc::clone(&self.files), key.to_owned());
        on_disk(move || files.read(Slot::Object(&key)))
            .await?
            .ok_or_else(|| s3_error!(NoSuchKey))
    }

    async fn check_upload(&self, bucket: &str, key: &str, upload: &str) -> S3Result<()> {
        self.check(bucket)?;
        let (files, key, upload) = (Arc::clone(&self.files), key.to_owned(), upload.to_owned());
        if on_disk(move || files.is_open(&upload, &key)).await? {
            Ok(())
        } else {
            Err(s3_error!(NoSuchUpload))
        }
    }
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn get_object(&self, request: S3Request<dto::GetObjectInput>) -> S3Result<S3Response<dto::GetObjectOutput>> {
        let input = request.input;
        let mut stored = self.open(&input.bucket, &input.key).await?;
        let length = stored.content.length();
        let range = input.range.map(|range| range.check(length)).transpose()?;
        let content_range = range
            .as_ref()
            .map(|range| format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1)));
        let range = range.unwrap_or(0..length);
        stored
            .content
            .seek(SeekFrom::Start(range.start))
            .map_err(s3s::S3Error::internal_error)?;
        let output = dto::GetObjectOutput {
            content_length: Some(whole(range.end - range.start)?),
            content_range,
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some(stored.modified.into()),
            e_tag: Some(dto::ETag::Strong(stored.tag.clone())),
            content_type: Some(content_type(&input.key)),
            content_disposition: Some(disposition(&input.key)),
            body: Some(dto::StreamingBlob::wrap(pieces(stored, range.end - range.start))),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn head_object(
        &self,
        request: S3Request<dto::HeadObjectInput>,
    ) -> S3Result<S3Response<dto::HeadObjectOutput>> {
        let input = request.input;
        let stored = self.open(&input.bucket, &input.key).await?;
        let output = dto::HeadObjectOutput {
            content_length: Some(whole(stored.content.length())?),
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some(stored.modified.into()),
            e_tag: Some(dto::ETag::Strong(stored.tag)),
            content_type: Some(content_type(&input.key)),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn put_object(&self, request: S3Request<dto::PutObjectInput>) -> S3Result<S3Response<dto::PutObjectOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let (files, key) = (Arc::clone(&self.files), input.key);
        let tag = receive(input.body, move || files.create(Slot::Object(&key))).await?;
        let output = dto::PutObjectOutput {
            e_tag: Some(dto::ETag::Strong(tag)),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn delete_object(
        &self,
        request: S3Request<dto::DeleteObjectInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let files = Arc::clone(&self.files);
        on_disk(move || files.remove(Slot::Object(&input.key))).await?;
        Ok(S3Response::new(dto::DeleteObjectOutput::default()))
    }

    async fn head_bucket(
        &self,
        request: S3Request<dto::HeadBucketInput>,
    ) -> S3Result<S3Response<dto::HeadBucketOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(dto::HeadBucketOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<dto::ListObjectsV2Input>,
    ) -> S3Result<S3Response<dto::ListObjectsV2Output>> {
        self.check(&request.input.bucket)?;
        let files = Arc::clone(&self.files);
        let output = on_disk(move || listing::page(&files, request.input)).await?;
        Ok(S3Response::new(output))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<dto::CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CreateMultipartUploadOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let (files, key) = (Arc::clone(&self.files), input.key.clone());
        let upload = on_disk(move || files.begin_upload(&key)).await?;
        let output = dto::CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn upload_part(
        &self,
        request: S3Request<dto::UploadPartInput>,
    ) -> S3Result<S3Response<dto::UploadPartOutput>> {
        let input = request.input;
        self.check_upload(&input.bucket, &input.key, &input.upload_id).await?;
        if !(1..=10_000).contains(&input.part_number) {
            return Err(s3_error!(InvalidArgument, "a part number is 1 to 10000"));
        }
        let (files, upload, number) = (Arc::clone(&self.files), input.upload_id, input.part_number);
        let create = move || {
            files.create(Slot::Part {
                upload: &upload,
                number,
            })
        };
        let output = dto::UploadPartOutput {
            e_tag: Some(dto::ETag::Strong(receive(input.body, create).await?)),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<dto::CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CompleteMultipartUploadOutput>> {
        let input = request.input;
        self.check_upload(&input.bucket, &input.key, &input.upload_id).await?;
        let parts = input
            .multipart_upload
            .and_then(|upload| upload.parts)
            .unwrap_or_default();
        if parts.is_empty() {
            return Err(s3_error!(MalformedXML));
        }
        let (files, key, upload) = (Arc::clone(&self.files), input.key.clone(), input.upload_id);
        let join = move || join_parts(&files, &key, &upload, &parts);
        let tag = spawn_blocking(join).await.map_err(s3s::S3Error::internal_error)??;
        let output = dto::CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(dto::ETag::Strong(tag)),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<dto::AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::AbortMultipartUploadOutput>> {
        let input = request.input;
        self.check_upload(&input.bucket, &input.key, &input.upload_id).await?;
        let files = Arc::clone(&self.files);
        on_disk(move || files.end_upload(&input.upload_id)).await?;
        Ok(S3Response::new(dto::AbortMultipartUploadOutput::default()))
    }
}

/// Makes one object of the parts that are listed, in that order.
fn join_parts(files: &Files, key: &str, upload: &str, parts: &[dto::CompletedPart]) -> S3Result<String> {
    let mut object = files.create(Slot::Object(key)).map_err(disk)?;
    for part in parts {
        let number = part.part_number.ok_or_else(|| s3_error!(MalformedXML))?;
        let stored = files.read(Slot::Part { upload, number }).map_err(disk)?;
        let mut stored = stored.ok_or_else(|| s3_error!(InvalidPart))?;
        if part.e_tag.as_ref().is_some_and(|tag| tag.value() != stored.tag) {
            return Err(s3_error!(InvalidPart));
        }
        io::copy(&mut stored.content, &mut object).map_err(disk)?;
    }
    let tag = object.keep().map_err(disk)?;
    files.end_upload(upload).map_err(disk)?;
    Ok(tag)
}

/// Writes a body that arrives in pieces into the file that `create` makes, and keeps it once all of it is there.
async fn receive<F>(body: Option<dto::StreamingBlob>, create: F) -> S3Result<String>
where
    F: FnOnce() -> io::Result<NewFile> + Send + 'static,
{
    // Nothing at the end of the channel means that the sender broke off.
    let (pieces, mut received) = mpsc::channel::<Option<Bytes>>(PIECES);
    let writing = spawn_blocking(move || {
        let mut file = create()?;
        loop {
            match received.blocking_recv() {
                Some(Some(piece)) => file.write_all(&piece)?,
                Some(None) => return file.keep(),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    });
    if let Some(mut body) = body {
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| s3_error!(IncompleteBody))?;
            if pieces.send(Some(piece)).await.is_err() {
                break;
            }
        }
    }
    pieces.send(None).await.ok();
    writing.await.map_err(s3s::S3Error::internal_error)?.map_err(disk)
}

/// The next `length` bytes of a file as they are read.
fn pieces(mut stored: StoredFile, length: u64) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    let (pieces, received) = mpsc::channel(PIECES);
    spawn_blocking(move || {
        let mut rest = length;
        while rest > 0 {
            let mut piece = vec![0; PIECE_BYTES.min(usize::try_from(rest).unwrap_or(usize::MAX))];
            let read = stored.content.read_exact(&mut piece);
            rest -= piece.len() as u64;
            let failed = read.is_err();
            if pieces.blocking_send(read.map(|()| Bytes::from(piece))).is_err() || failed {
                return;
            }
        }
    });
    stream::unfold(received, |mut received| async move {
        received.recv().await.map(|piece| (piece, received))
    })
}

async fn on_disk<T, F>(work: F) -> S3Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> io::Result<T> + Send + 'static,
{
    spawn_blocking(work)
        .await
        .map_err(s3s::S3Error::internal_error)?
        .map_err(disk)
}

fn disk(error: io::Error) -> s3s::S3Error {
    match error.kind() {
        io::ErrorKind::InvalidFilename => s3_error!(KeyTooLongError),
        io::ErrorKind::InvalidInput => s3_error!(InvalidArgument),
        io::ErrorKind::UnexpectedEof => s3_error!(IncompleteBody),
        _ => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the export store's disk failed"
            );
            s3s::S3Error::internal_error(error)
        }
    }
}

fn whole(length: u64) -> S3Result<i64> {
    i64::try_from(length).map_err(s3s::S3Error::internal_error)
}

fn content_type(key: &str) -> String {
    let zip = std::path::Path::new(key)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if zip {
        "application/zip"
    } else {
        "application/octet-stream"
    }
    .to_owned()
}

/// Always a download, under a name of plain characters (SEC-39).
fn disposition(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("attachment; filename=\"{name}\"")
}
