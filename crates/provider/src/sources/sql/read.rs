//! Reading what a database holds about a subject.

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream::BoxStream};

use super::{
    SourceError, SqlSource,
    connection::{Connection, Purpose},
    object::{Asked, Object},
};

/// How many bytes of lines are handed on at once.
const PIECE_BYTES: usize = 64 * 1024;

/// A database that is being read, in one transaction that sees one state of it.
pub(crate) struct Reading<'a> {
    source: &'a SqlSource,
    connection: Connection,
    asked: Asked<'a>,
}

impl SqlSource {
    pub(crate) async fn read<'a>(&'a self, asked: Asked<'a>) -> Result<Reading<'a>, SourceError> {
        let connection = self.begin(Purpose::Read).await?;
        Ok(Reading {
            source: self,
            connection,
            asked,
        })
    }

    /// A connection with a transaction.
    pub(super) async fn begin(&self, purpose: Purpose) -> Result<Connection, SourceError> {
        let connecting = async {
            let mut connection = self.database.connect(purpose).await?;
            connection.begin(purpose).await?;
            Ok(connection)
        };
        match tokio::time::timeout(self.timeout, connecting).await {
            Ok(connected) => connected.map_err(|error| SourceError::unreachable(self.name, &error)),
            Err(_) => Err(self.too_slow("connecting to its database")),
        }
    }

    /// The records of one object as they come, each a JSON object.
    pub(super) fn records<'a>(
        &'a self,
        connection: &'a mut Connection,
        object: &'a Object,
        asked: Asked<'_>,
    ) -> BoxStream<'a, Result<Vec<u8>, SourceError>> {
        let what = format!("the query of {}", object.name);
        let rows = connection.lines(&object.reading, asked);
        futures_util::stream::try_unfold((rows, 0_u64, what), move |(mut rows, count, what)| async move {
            match tokio::time::timeout(self.timeout, rows.try_next()).await {
                Err(_) => Err(self.too_slow(&what)),
                Ok(Err(error)) => Err(self.broke(&what, &error)),
                Ok(Ok(None)) => Ok(None),
                Ok(Ok(Some(_))) if count >= self.max_rows => Err(self.too_many(&format!("{what} finds"))),
                Ok(Ok(Some(line))) => Ok(Some((line, (rows, count + 1, what)))),
            }
        })
        .boxed()
    }
}

impl<'a> Reading<'a> {
    /// The lines of an object, some at a time; nothing but a piece of them is in memory.
    pub(crate) fn pieces(&mut self, object: &'a Object) -> BoxStream<'_, Result<Bytes, SourceError>> {
        let records = self.source.records(&mut self.connection, object, self.asked);
        futures_util::stream::try_unfold(records, |mut records| async move {
            let mut piece = Vec::new();
            while let Some(line) = records.try_next().await? {
                piece.extend_from_slice(&line);
                piece.push(b'\n');
                if piece.len() >= PIECE_BYTES {
                    break;
                }
            }
            Ok((!piece.is_empty()).then(|| (Bytes::from(piece), records)))
        })
        .boxed()
    }

    /// All is read.
    pub(crate) async fn end(self) {
        self.connection.close().await;
    }
}
