//! What internal teams have to do, as an administrator sees it who answers for them.

use bytes::Bytes;
use serde_json::json;
use store::retried;

use super::{
    asker::Asker,
    sub_requests::{Reporter, SubRequest, SubRequestError, SubRequestUpdate},
    subject_access,
};
use crate::{ExportError, Provider, Role, Status, SubRequestId, rows};

/// How many are listed.
const MOST: i64 = 200;

/// Something a team has found: a file.
#[derive(Debug, Clone)]
pub struct TeamShare {
    /// What the file is called.
    pub name: String,
    /// What is in it.
    pub content: Bytes,
}

impl Provider {
    /// What the teams have still to do, or have done, for the account's requests.
    pub async fn team_requests(&self, asker: Asker, open: bool) -> Result<Vec<SubRequest>, SubRequestError> {
        self.answers_for_teams(asker)?;
        let mut read = self.store().read().await?;
        let stored = rows::sub_request::of_teams(&mut read, asker.account, open, MOST).await?;
        let mut shares = Vec::with_capacity(stored.len());
        for share in stored {
            let parent = rows::sar::by_id(&mut read, share.request).await?;
            let parent = parent.ok_or(SubRequestError::NotFound)?;
            shares.push(self.share(&mut read, parent, share).await?);
        }
        Ok(shares)
    }

    /// One of them.
    pub async fn team_request(&self, asker: Asker, id: SubRequestId) -> Result<SubRequest, SubRequestError> {
        self.answers_for_teams(asker)?;
        let mut read = self.store().read().await?;
        let share = rows::sub_request::by_id(&mut read, id).await?;
        let share = share.filter(rows::sub_request::StoredSubRequest::is_a_teams);
        let share = share.ok_or(SubRequestError::NotFound)?;
        let parent = rows::sar::by_id(&mut read, share.request)
            .await?
            .filter(|parent| parent.account == asker.account)
            .ok_or(SubRequestError::NotFound)?;
        self.share(&mut read, parent, share).await
    }

    /// One of them, to be shown with whom it is about. That somebody looked is recorded.
    pub async fn reveal_team_request(&self, asker: Asker, id: SubRequestId) -> Result<SubRequest, SubRequestError> {
        retried(|| self.reveal_team_request_once(asker, id)).await
    }

    async fn reveal_team_request_once(&self, asker: Asker, id: SubRequestId) -> Result<SubRequest, SubRequestError> {
        let share = self.team_request(asker, id).await?;
        let mut tx = self.store().write().await?;
        let detail = json!({ "account": asker.account, "sub_request": id });
        let object = subject_access::object(share.parent);
        tx.audit(asker.actor.did("subject_access.identifier_shown", object, detail));
        tx.commit().await?;
        Ok(share)
    }

    /// Reports in a team's place. What was found goes to where the team would have put it, before it is reported: a
    /// report that fails leaves a file that the next one replaces.
    pub async fn report_for_team(
        &self,
        asker: Asker,
        id: SubRequestId,
        status: Status,
        cause: Option<String>,
        found: Option<TeamShare>,
    ) -> Result<SubRequest, SubRequestError> {
        let share = self.team_request(asker, id).await?;
        let export_location = match found {
            Some(found) if !share.status.is_final() => Some(self.put_share(&share, found).await?),
            _ => None,
        };
        let update = SubRequestUpdate {
            status,
            export_location,
            processing_started_at: None,
            completed_at: None,
            cause,
        };
        self.report(Reporter::Administrator(asker), id, update).await
    }

    async fn put_share(&self, share: &SubRequest, found: TeamShare) -> Result<String, ExportError> {
        let extension = found
            .name
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_lowercase());
        let plain = |extension: &String| extension.len() <= 10 && extension.chars().all(|c| c.is_ascii_alphanumeric());
        let suffix = match extension.filter(plain).as_deref() {
            None | Some("" | "ndjson" | "jsonl") => String::new(),
            Some(extension) => format!(".{extension}"),
        };
        let key = format!("{}/{}/{}{suffix}", share.account, share.parent, share.id);
        let mut upload = self.exports().upload(&key);
        upload.push(found.content).await?;
        upload.finish().await?;
        Ok(format!("s3://{}/{key}", self.exports().bucket()))
    }

    fn answers_for_teams(&self, asker: Asker) -> Result<(), SubRequestError> {
        let may = asker.role == Role::Administrator && self.settings().teams_by_administrators;
        may.then_some(()).ok_or(SubRequestError::NotFound)
    }
}
