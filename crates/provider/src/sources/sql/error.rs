//! What went wrong at a data source, in words that hold nothing of the data.
//!
//! A database's own message may quote the value that it did not like; so only its code is told, and what the code means.

use std::borrow::Cow;

use sqlx::mysql::MySqlDatabaseError;

use crate::DataSource;

/// Why a data source did not do its share.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{source_name}: {cause}")]
pub(crate) struct SourceError {
    pub(crate) source_name: DataSource,
    /// Without any value of the subject's.
    pub(crate) cause: String,
    /// It may be different next time.
    pub(crate) passing: bool,
}

impl SourceError {
    pub(crate) fn passing(source_name: DataSource, cause: impl Into<String>) -> Self {
        Self {
            source_name,
            cause: cause.into(),
            passing: true,
        }
    }

    pub(super) fn lasting(source_name: DataSource, cause: impl Into<String>) -> Self {
        Self {
            source_name,
            cause: cause.into(),
            passing: false,
        }
    }

    /// The database could not be reached. The log has its words, which were said before it was asked about anybody.
    pub(super) fn unreachable(source_name: DataSource, error: &sqlx::Error) -> Self {
        tracing::warn!(
            data_source = %source_name,
            error = error as &dyn std::error::Error,
            "a data source can't be reached"
        );
        Self::passing(source_name, "its database can't be reached")
    }

    /// `what` failed.
    pub(super) fn of_statement(source_name: DataSource, what: &str, error: &sqlx::Error) -> Self {
        let (reason, passing): (Cow<'static, str>, bool) = match error {
            sqlx::Error::Database(error) => {
                let (code, passing) = if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
                    (error.number().to_string(), mysql_passes(error.number()))
                } else {
                    let code = error.code().unwrap_or_default().into_owned();
                    let passing = passes(&code);
                    (code, passing)
                };
                let meaning = meaning(&code).unwrap_or("the database refused it");
                (format!("{meaning} (error {code})").into(), passing)
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => ("a value can't be read".into(), false),
            sqlx::Error::Encode(_) => ("a value can't be sent".into(), false),
            _ => ("the connection broke off".into(), true),
        };
        Self {
            source_name,
            cause: format!("{what} failed: {reason}"),
            passing,
        }
    }
}

/// Codes of PostgreSQL (five characters) and of SQLite (numbers, extended ones by their last byte).
fn passes(code: &str) -> bool {
    if code.len() == 5 {
        let class = code.get(..2).unwrap_or_default();
        return matches!(class, "08" | "53" | "55" | "57" | "58") || matches!(code, "40001" | "40P01" | "25P03");
    }
    // Busy, locked, interrupted, I/O, disk full, can't open.
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 9 | 10 | 13 | 14))
}

/// Too many connections, shutting down, lock waits and deadlocks, killed, too slow.
fn mysql_passes(number: u16) -> bool {
    matches!(
        number,
        1040 | 1053 | 1203 | 1205 | 1213 | 1290 | 1317 | 1792 | 1927 | 1969 | 3024
    )
}

fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "42P01" | "1146" => "a table is missing",
        "42703" | "1054" => "a column is missing",
        "42501" | "1044" | "1045" | "1142" | "1143" | "8" => "the user of the connection is not allowed to",
        "42601" | "1064" | "1" => "its SQL is wrong",
        "42883" => "two types do not go together",
        "22P02" | "22003" | "22007" | "1292" | "1366" => "a value does not fit the column's type",
        "23503" | "1451" | "787" => "other records refer to the records",
        "23502" | "23505" | "23514" | "1048" | "1062" | "275" | "1299" | "1555" | "2067" => {
            "a constraint of the table forbids it"
        }
        "40001" | "40P01" | "1205" | "1213" | "5" | "6" => "somebody else holds a lock",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
        for (code, expected) in [
            ("08006", true),
            ("57P01", true),
            ("57014", true),
            ("40P01", true),
            ("42P01", false),
            ("22P02", false),
            ("5", true),
            ("261", true),
            ("1", false),
            ("787", false),
        ] {
            assert_eq!(passes(code), expected, "{code}");
        }
        assert!(mysql_passes(1213) && !mysql_passes(1146));
        assert_eq!(meaning("42P01"), Some("a table is missing"));
    }
}
