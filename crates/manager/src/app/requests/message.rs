//! What a subject wrote to go with a request.

use privacy::Personal;
use store::{StoreError, Tx};

use crate::{
    Manager, RequestId,
    rows::{self, request::RequestRow, request_message},
};

impl Manager {
    pub(super) async fn keep_message(
        &self,
        tx: &mut Tx,
        row: &RequestRow,
        message: &Personal,
    ) -> Result<(), StoreError> {
        let key = self.request_key(row)?;
        let sealed = key.seal(
            "request_message",
            "sealed",
            &row.id.to_string(),
            message.reveal().as_bytes(),
        );
        request_message::insert(tx, row.id, sealed).await
    }

    /// What the subject wrote to go with the request; none where it was destroyed with the request's key.
    pub async fn request_message(&self, id: RequestId) -> Result<Option<Personal>, StoreError> {
        let mut tx = self.store().read().await?;
        let Some(row) = rows::request::by_id(&mut tx, id).await? else {
            return Ok(None);
        };
        let sealed = request_message::find(&mut tx, id).await?;
        let Some(sealed) = sealed.filter(|_| row.key.is_some()) else {
            return Ok(None);
        };
        let key = self.request_key(&row)?;
        let plain = key.open("request_message", "sealed", &id.to_string(), &sealed)?;
        Ok(Some(Personal::new(
            String::from_utf8_lossy(plain.reveal()).into_owned(),
        )))
    }
}
