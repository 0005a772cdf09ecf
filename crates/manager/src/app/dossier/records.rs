//! Reading the sealed content of a dossier, a bounded piece at a time.

use privacy::dossier::{Record, RecordId};
use serde_json::Value;
use store::{StoreError, Tx};

use super::head::unreadable;
use crate::{app::requests::RequestKey, rows};

/// The records of a block, from number `from` on; none at the end of the object.
pub(super) async fn block_from(
    tx: &mut Tx,
    key: &RequestKey,
    object: &str,
    from: u64,
) -> Result<Option<Vec<Record>>, StoreError> {
    let Some(block) = rows::dossier::block_from(tx, object, from).await? else {
        return Ok(None);
    };
    let row = format!("{object}/{}", block.first);
    let plain = key.open("dossier_block", "content", &row, &block.content)?;
    let values: Vec<Value> = serde_json::from_slice(plain.reveal()).map_err(|_| unreadable("dossier_block"))?;
    if values.len() as u64 != block.records {
        return Err(unreadable("dossier_block"));
    }
    let records = (block.first..).zip(values).filter(|(number, _)| *number >= from);
    Ok(Some(
        records
            .map(|(number, value)| Record::from_json(RecordId(number), value))
            .collect(),
    ))
}

/// A piece of a file; none at its end.
pub(super) async fn piece(
    tx: &mut Tx,
    key: &RequestKey,
    file: &str,
    number: u32,
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(sealed) = rows::dossier::piece(tx, file, number).await? else {
        return Ok(None);
    };
    let plain = key.open("dossier_piece", "content", &format!("{file}/{number}"), &sealed)?;
    Ok(Some(plain.into_revealed()))
}
