//! Looking at every statement before the first request comes.

use std::{collections::HashSet, time::Duration};

use super::{
    SqlSource, SqlSources,
    connection::{Connection, Purpose},
    object::Object,
};
use crate::DataSource;

/// How long a start waits for a database.
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// A data source that was looked at.
#[derive(Debug, Clone)]
pub struct CheckedSource {
    /// Which.
    pub name: DataSource,
    /// Kind and place of its database, without user and password.
    pub place: String,
    /// How it is.
    pub state: SourceState,
}

/// How a data source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// The database accepts all of its statements.
    Fine {
        /// How many objects it has.
        objects: usize,
    },
    /// The database can't be reached; that may pass.
    Unreachable(String),
    /// A statement can't be carried out, and which.
    Wrong(String),
}

impl SqlSources {
    /// Has every database look at the statements that are meant for it.
    pub(crate) async fn check(&self) -> Vec<CheckedSource> {
        let looks = self.0.iter().map(async |source| CheckedSource {
            name: source.name,
            place: source.database.place(),
            state: source.check().await,
        });
        futures_util::future::join_all(looks).await
    }
}

impl SqlSource {
    async fn check(&self) -> SourceState {
        let looking = async {
            let mut connection = match self.database.connect(Purpose::Delete).await {
                Ok(connection) => connection,
                Err(error) => return SourceState::Unreachable(error.to_string()),
            };
            for object in &self.objects {
                if let Err(reason) = look(&mut connection, object).await {
                    return SourceState::Wrong(format!("{}: {reason}", object.name));
                }
            }
            connection.close().await;
            SourceState::Fine {
                objects: self.objects.len(),
            }
        };
        let looked = tokio::time::timeout(self.timeout.min(LONGEST_LOOK), looking).await;
        looked.unwrap_or_else(|_| SourceState::Unreachable("it does not answer".to_owned()))
    }
}

/// Nothing is bound here: the database's own words can't hold anything about anybody.
async fn look(connection: &mut Connection, object: &Object) -> Result<(), String> {
    let refused = |role: &str, error: &sqlx::Error| match error {
        sqlx::Error::Database(error) => format!("{role}: {}", error.message()),
        error => format!("{role}: {error}"),
    };
    let columns = connection.columns(&object.access).await;
    let columns = columns.map_err(|error| refused("access", &error))?;
    let mut names = HashSet::new();
    if let Some(twice) = columns.iter().find(|name| !names.insert(name.as_str())) {
        return Err(format!("access: two columns are called {twice}"));
    }
    for (role, template) in [("access", &object.reading), ("delete", &object.delete)] {
        let looked = connection.columns(template).await;
        looked.map_err(|error| refused(role, &error))?;
    }
    Ok(())
}
