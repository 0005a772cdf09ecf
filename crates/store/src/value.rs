//! What goes into a statement and comes out of a row: the types that both databases share.

use jiff::Timestamp;
use sqlx::{Row as _, postgres::PgRow};

use crate::{StoreError, sqlite::SqliteRow};

/// One bound parameter. `None` keeps its type, because PostgreSQL asks for one.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `BIGINT`: numbers, and times in microseconds since 1970.
    Int(Option<i64>),
    /// `TEXT`: ids, words, JSON.
    Text(Option<String>),
    /// `BYTEA` or `BLOB`: sealed values, hashes.
    Bytes(Option<Vec<u8>>),
    /// `BOOLEAN`.
    Bool(Option<bool>),
}

/// The parameters of a statement: `args![id, now, sealed]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::Value::from($value)),*] };
}

macro_rules! value_from {
    ($($from:ty => $variant:ident |$v:ident| $into:expr;)*) => { $(
        impl From<$from> for Value {
            fn from($v: $from) -> Self { Self::$variant(Some($into)) }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self { Self::$variant(value.map(|$v| $into)) }
        }
    )* };
}

value_from! {
    i64 => Int |v| v;
    u32 => Int |v| v.into();
    Timestamp => Int |v| v.as_microsecond();
    String => Text |v| v;
    &str => Text |v| v.to_owned();
    &String => Text |v| v.clone();
    Vec<u8> => Bytes |v| v;
    &[u8] => Bytes |v| v.to_vec();
    &Vec<u8> => Bytes |v| v.clone();
    [u8; 32] => Bytes |v| v.to_vec();
    &[u8; 32] => Bytes |v| v.to_vec();
    bool => Bool |v| v;
}

/// One row of an answer, from either database.
pub struct Row(pub(crate) BackendRow);

pub(crate) enum BackendRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of `column`, or [`StoreError::Corrupt`] where it has another type.
    pub fn get<T: FromColumn>(&self, column: &'static str) -> Result<T, StoreError> {
        T::from_column(self, column)
    }

    /// The value of a JSON column.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.get::<String>(column)?).map_err(|error| StoreError::corrupt(column, &error))
    }

    /// The value of a text column, parsed (ids, words).
    pub fn parse<T: std::str::FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.get::<String>(column)?
            .parse()
            .map_err(|_| StoreError::corrupt(column, &"it does not parse"))
    }

    /// The value of a nullable text column, parsed.
    pub fn parse_optional<T: std::str::FromStr>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.get::<Option<String>>(column)?
            .map(|text| {
                text.parse()
                    .map_err(|_| StoreError::corrupt(column, &"it does not parse"))
            })
            .transpose()
    }
}

/// A type that a column can be read as.
pub trait FromColumn: Sized {
    /// Reads `column` of `row`.
    fn from_column(row: &Row, column: &'static str) -> Result<Self, StoreError>;
}

macro_rules! from_column {
    ($($into:ty => $sqlite:pat => $read:expr;)*) => { $(
        impl FromColumn for Option<$into> {
            fn from_column(row: &Row, column: &'static str) -> Result<Self, StoreError> {
                match &row.0 {
                    BackendRow::Sqlite(row) => match row.get(column) {
                        Some($sqlite) => Ok(Some($read)),
                        Some(rusqlite::types::Value::Null) => Ok(None),
                        Some(_) => Err(StoreError::corrupt(column, &"it is of another type")),
                        None => Err(StoreError::corrupt(column, &"there is no such column")),
                    },
                    BackendRow::Postgres(row) => {
                        row.try_get(column).map_err(|error| StoreError::corrupt(column, &error))
                    }
                }
            }
        }

        impl FromColumn for $into {
            fn from_column(row: &Row, column: &'static str) -> Result<Self, StoreError> {
                row.get::<Option<Self>>(column)?.ok_or_else(|| StoreError::corrupt(column, &"it is null"))
            }
        }
    )* };
}

from_column! {
    i64 => rusqlite::types::Value::Integer(value) => *value;
    String => rusqlite::types::Value::Text(value) => value.clone();
    Vec<u8> => rusqlite::types::Value::Blob(value) => value.clone();
    bool => rusqlite::types::Value::Integer(value) => *value != 0;
}

impl FromColumn for Timestamp {
    fn from_column(row: &Row, column: &'static str) -> Result<Self, StoreError> {
        Self::from_microsecond(row.get(column)?).map_err(|error| StoreError::corrupt(column, &error))
    }
}

impl FromColumn for Option<Timestamp> {
    fn from_column(row: &Row, column: &'static str) -> Result<Self, StoreError> {
        row.get::<Option<i64>>(column)?
            .map(|micros| Timestamp::from_microsecond(micros).map_err(|error| StoreError::corrupt(column, &error)))
            .transpose()
    }
}

impl FromColumn for [u8; 32] {
    fn from_column(row: &Row, column: &'static str) -> Result<Self, StoreError> {
        row.get::<Vec<u8>>(column)?
            .try_into()
            .map_err(|_| StoreError::corrupt(column, &"it is not 32 bytes long"))
    }
}
