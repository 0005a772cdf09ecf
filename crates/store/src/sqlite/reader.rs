//! Connections to read with.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    SqliteRow, beside,
    connection::{Access, Connection, is_long},
};
use crate::{StoreError, Value, error::DatabaseError};

/// How many reads there are at once; they are short.
const MOST: usize = 8;

#[derive(Clone)]
pub(super) struct Readers {
    path: PathBuf,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Result<Self, DatabaseError> {
        let first = open(path)?;
        Ok(Self {
            path: path.to_owned(),
            places: Arc::new(Semaphore::new(MOST)),
            idle: Arc::new(Mutex::new(vec![first])),
        })
    }

    pub(super) async fn take(&self) -> Result<Reader, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| DatabaseError::Closed)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open(&self.path)?,
        };
        Ok(Reader {
            connection: Some(connection),
            idle: Arc::clone(&self.idle),
            _place: place,
        })
    }

    /// Waits until nobody reads, and closes every connection.
    pub(super) async fn close(&self) {
        let all = u32::try_from(MOST).unwrap_or(u32::MAX);
        let everyone = self.places.acquire_many(all).await;
        self.places.close();
        drop(everyone);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn open(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = Connection::open(path, Access::Read)?;
    connection.set_brief(true)?;
    Ok(connection)
}

/// The right to read; each statement sees what is committed when it runs.
pub(crate) struct Reader {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    _place: OwnedSemaphorePermit,
}

impl Reader {
    /// The rows of a query, `most` of them at most.
    pub(crate) async fn fetch(
        &mut self,
        sql: &str,
        args: Vec<Value>,
        most: usize,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let connection = self.connection.as_ref().ok_or(DatabaseError::Closed)?;
        match connection.fetch(sql, &args, most) {
            Err(long) if is_long(&long) => self.fetch_beside(sql, args, most).await,
            fetched => Ok(fetched?),
        }
    }

    /// The same from the beginning, on a thread that may take its time.
    async fn fetch_beside(&mut self, sql: &str, args: Vec<Value>, most: usize) -> Result<Vec<SqliteRow>, StoreError> {
        let connection = self.connection.take().ok_or(DatabaseError::Closed)?;
        let sql = sql.to_owned();
        let (connection, fetched) = beside(move || {
            let fetched = connection
                .set_brief(false)
                .and_then(|()| connection.fetch(&sql, &args, most));
            let fetched = connection.set_brief(true).and(fetched);
            (connection, fetched)
        })
        .await?;
        self.connection = Some(connection);
        Ok(fetched?)
    }

    /// The number that a short query brings, if it brings one; without what rows of any kind need.
    pub(crate) fn number(&self, sql: &str, args: &[Value]) -> Result<Option<i64>, DatabaseError> {
        let connection = self.connection.as_ref().ok_or(DatabaseError::Closed)?;
        connection.number(sql, args)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.connection.take());
    }
}
