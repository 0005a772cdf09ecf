//! Deleting what a database holds about a subject.

use futures_util::TryStreamExt as _;

use super::{
    SourceError, SqlSource,
    connection::{Connection, Purpose},
    object::Asked,
};

impl SqlSource {
    /// Deletes everything about the subject in one transaction, and keeps that only if the queries find nothing
    /// afterwards. Done twice, it deletes nothing the second time. Returns how many records went.
    pub(crate) async fn delete(&self, asked: Asked<'_>) -> Result<u64, SourceError> {
        let mut connection = self.begin(Purpose::Delete).await?;
        let deleted = self.delete_and_look(&mut connection, asked).await;
        if deleted.is_ok() {
            connection.forget_deleted().await;
        }
        connection.close().await;
        deleted
    }

    async fn delete_and_look(&self, connection: &mut Connection, asked: Asked<'_>) -> Result<u64, SourceError> {
        let mut deleted = 0_u64;
        for object in self.objects_of(asked.subject) {
            let what = format!("the deletion of {}", object.name);
            let deleting = connection.execute(&object.delete, asked);
            match tokio::time::timeout(self.timeout, deleting).await {
                Err(_) => return Err(self.too_slow(&what)),
                Ok(Err(error)) => return Err(self.broke(&what, &error)),
                Ok(Ok(count)) => deleted = deleted.saturating_add(count),
            }
            if deleted > self.max_rows {
                return Err(self.too_many("the deletion would remove"));
            }
        }
        for object in self.objects_of(asked.subject) {
            if self.records(connection, object, asked).try_next().await?.is_some() {
                let cause = format!(
                    "the query of {} still finds records after the deletion, so nothing was deleted",
                    object.name
                );
                return Err(SourceError::lasting(self.name, cause));
            }
        }
        match tokio::time::timeout(self.timeout, connection.commit()).await {
            Err(_) => Err(self.too_slow("the deletion")),
            Ok(Err(error)) => Err(self.broke("the deletion", &error)),
            Ok(Ok(())) => Ok(deleted),
        }
    }
}
