//! One page of a bucket's listing.

use std::io;

use s3s::dto;

use super::files::{Files, Slot};

/// S3's own limit.
const MOST: usize = 1000;

/// The objects (and, with a delimiter, the folders) after the place that was asked for, in order.
pub(super) fn page(files: &Files, asked: dto::ListObjectsV2Input) -> io::Result<dto::ListObjectsV2Output> {
    let prefix = asked.prefix.clone().unwrap_or_default();
    let delimiter = asked.delimiter.clone().filter(|delimiter| !delimiter.is_empty());
    let after = asked.continuation_token.as_ref().or(asked.start_after.as_ref());
    let most = asked
        .max_keys
        .map_or(MOST, |most| usize::try_from(most).unwrap_or(0).min(MOST));

    let mut contents = Vec::new();
    let mut folders: Vec<String> = Vec::new();
    let mut last = None;
    let mut truncated = false;
    for key in files.keys()? {
        let Some(rest) = key.strip_prefix(&prefix) else {
            continue;
        };
        let folder = delimiter
            .as_deref()
            .and_then(|delimiter| Some(format!("{prefix}{}{delimiter}", rest.split_once(delimiter)?.0)));
        let name = folder.as_ref().unwrap_or(&key);
        if after.is_some_and(|after| name <= after) || folders.last() == Some(name) {
            continue;
        }
        if contents.len() + folders.len() >= most {
            truncated = true;
            break;
        }
        last = Some(name.clone());
        match folder {
            Some(folder) => folders.push(folder),
            // It may have been removed since it was listed.
            None => contents.extend(object(files, key)?),
        }
    }
    let count = contents.len() + folders.len();
    let folder = |prefix| dto::CommonPrefix { prefix: Some(prefix) };
    Ok(dto::ListObjectsV2Output {
        name: Some(asked.bucket),
        prefix: asked.prefix,
        delimiter: asked.delimiter,
        continuation_token: asked.continuation_token,
        start_after: asked.start_after,
        max_keys: i32::try_from(most).ok(),
        key_count: i32::try_from(count).ok(),
        is_truncated: Some(truncated),
        next_continuation_token: last.filter(|_| truncated),
        contents: Some(contents),
        common_prefixes: Some(folders.into_iter().map(folder).collect()),
        ..Default::default()
    })
}

fn object(files: &Files, key: String) -> io::Result<Option<dto::Object>> {
    let Some(stored) = files.read(Slot::Object(&key))? else {
        return Ok(None);
    };
    Ok(Some(dto::Object {
        size: i64::try_from(stored.content.length()).ok(),
        e_tag: Some(dto::ETag::Strong(stored.tag)),
        last_modified: Some(stored.modified.into()),
        key: Some(key),
        ..Default::default()
    }))
}
