//! What a subject sees of their request, and what they can do about it.

use jiff::Timestamp;
use mail::Language;
use privacy::{
    Actor, Right,
    request::{Action, IllegalTransition, Outcome, Stage, StageName},
    task::IllegalTaskTransition,
};
use store::{StoreError, retried};

use super::link::hash;
use crate::{
    By, Manager,
    app::requests::case::{Case, MoveError},
    rows::{
        self,
        request::RequestRow,
        request_link::{self, Purpose},
    },
};

/// A request as its subject sees it.
#[derive(Debug, Clone)]
pub struct SubjectRequest {
    /// What people call it.
    pub reference: String,
    /// What is asked for.
    pub right: Right,
    /// Where it stands.
    pub state: StageName,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it came in.
    pub received_at: Timestamp,
    /// When it must be answered.
    pub deadline: Timestamp,
    /// Whether that is later than the law gives at first.
    pub is_extended: bool,
    /// When time alone moves it on: the confirmation, the grace period or the download ends.
    pub until: Option<Timestamp>,
    /// In which language the subject is written to.
    pub language: Language,
    /// Whether it waits for the subject's confirmation.
    pub can_verify: bool,
    /// Whether it can still be called off.
    pub can_cancel: bool,
}

/// Why a subject can't do that.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// There is no such link, or none any more.
    #[error("no such link")]
    NotFound,
    /// The request does not move that way.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// A task of it does not.
    #[error(transparent)]
    IllegalTask(#[from] IllegalTaskTransition),
    /// The database failed.
    #[error("the request could not be opened")]
    Store(#[from] StoreError),
}

impl From<MoveError> for SubjectError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Request(error) => Self::Illegal(error),
            MoveError::Task(error) => Self::IllegalTask(error),
            MoveError::Store(error) => Self::Store(error),
        }
    }
}

impl Manager {
    /// The request that a mailed link opens.
    pub async fn request_of_link(&self, token: &str) -> Result<SubjectRequest, SubjectError> {
        let mut tx = self.store().read().await?;
        // The page is in the company's name as it is now.
        self.company_in(&mut tx).await?;
        let link = request_link::find(&mut tx, &hash(token), Purpose::Status).await?;
        let link = link
            .filter(|link| link.replaced_at.is_none())
            .ok_or(SubjectError::NotFound)?;
        let row = rows::request::by_id(&mut tx, link.request).await?;
        let row = row.ok_or(SubjectError::NotFound)?;
        Ok(view(&row, tx.now()))
    }

    /// The subject confirms the request: once, before the link ends.
    pub async fn verify_by_link(&self, token: &str, by: &By) -> Result<SubjectRequest, SubjectError> {
        self.act_by_link(token, &Action::Verify { by: Actor::Subject }, by)
            .await
    }

    /// The subject calls the request off, while nothing is deleted yet.
    pub async fn cancel_by_link(&self, token: &str, by: &By) -> Result<SubjectRequest, SubjectError> {
        self.act_by_link(token, &Action::Cancel, by).await
    }

    async fn act_by_link(&self, token: &str, action: &Action, by: &By) -> Result<SubjectRequest, SubjectError> {
        retried(|| self.act_by_link_once(token, action, by)).await
    }

    async fn act_by_link_once(&self, token: &str, action: &Action, by: &By) -> Result<SubjectRequest, SubjectError> {
        let link = request_link::find(&mut self.store().read().await?, &hash(token), Purpose::Status).await?;
        let link = link
            .filter(|link| link.replaced_at.is_none())
            .ok_or(SubjectError::NotFound)?;
        let case = Case::open(self, link.request).await?;
        let mut case = case.ok_or(SubjectError::NotFound)?;
        case.act(action, by).await?;
        case.go_on(by).await?;
        let view = view(&case.request, case.tx.now());
        case.commit().await?;
        Ok(view)
    }
}

fn view(row: &RequestRow, now: Timestamp) -> SubjectRequest {
    let stage = &row.stage;
    SubjectRequest {
        reference: row.reference.to_string(),
        right: row.right,
        state: stage.kind(),
        outcome: stage.outcome(),
        received_at: row.deadline.received_at,
        deadline: row.deadline.due,
        is_extended: row.deadline.extended_at.is_some(),
        until: stage.until(),
        language: row.language,
        can_verify: matches!(stage, Stage::PendingVerification { until, .. } if now < *until),
        can_cancel: stage.is_open() && !stage.deletion_has_begun(),
    }
}
