//! Asking those who may approve a request, when it begins to wait for them.

use mail::{Language, Letter, MailAddress};
use oauth::Secret;
use privacy::{
    Actor,
    audit::{Detail, Event},
    request::{Stage, wanted},
};
use store::StoreError;

use super::{approvers::groups, case::Case};
use crate::{
    By, ConnectionId, Manager,
    app::{
        approvers::approving,
        mails::{Posting, words},
    },
    rows::{self, operator::OperatorRow},
};

/// So many requests are looked through, the first deadline first.
const FAR: i64 = 10_000;

impl Manager {
    /// Those whom a connection names are asked about what waits for them already, where they were not.
    pub(crate) async fn ask_those_named(&self, connection: ConnectionId) -> Result<(), StoreError> {
        let waiting = rows::attention::in_review_with(&mut self.store().read().await?, &[connection], FAR).await?;
        for (id, _) in waiting {
            let Some(mut case) = Case::open(self, id).await? else {
                continue;
            };
            let company = self.company_in(&mut case.tx).await?;
            let named = company.approvals.connections.get(&connection);
            case.ask(|actor| named.is_some_and(|named| named.contains(actor)))
                .await?;
            case.commit().await?;
        }
        Ok(())
    }
}

impl Case {
    /// Mails everybody whose approval is needed now, once in each round: when the request comes to review, and after each
    /// approval while more are needed. Whoever has just brought it there knows, and is not written to.
    pub(super) async fn ask_approvers(&mut self, before: &Stage) -> Result<(), StoreError> {
        let Stage::PendingReview { approvals, .. } = self.request.stage.clone() else {
            return Ok(());
        };
        let (before, rested) = match before {
            Stage::Paused { resumes, .. } => (resumes.as_ref(), true),
            stage => (stage, false),
        };
        let is_new = !matches!(before, Stage::PendingReview { approvals: known, .. } if *known == approvals);
        if !is_new && !rested {
            return Ok(());
        }
        // A rest is no new round: only who was named meanwhile was not asked yet.
        let company = self.manager.clone().company_in(&mut self.tx).await?;
        let named = groups(&company, &self.tasks).concat();
        let brought_by = self.moved_by.clone();
        self.ask(|actor| brought_by.as_ref() != Some(actor) && (is_new || named.contains(actor)))
            .await
    }

    /// Mails those whose approval is needed now and who are meant, unless they were in this round.
    async fn ask(&mut self, meant: impl Fn(&Actor) -> bool) -> Result<(), StoreError> {
        let Stage::PendingReview { approvals, .. } = self.request.stage.clone() else {
            return Ok(());
        };
        // A request comes to review once, and approvals are never taken back.
        let round = approvals.len();
        let mut asked: u32 = 0;
        for operator in self.wanted_approvers(&approvals).await? {
            if meant(&actor(&operator)) {
                asked += u32::from(self.ask_approver(&operator, round).await?);
            }
        }
        if asked > 0 {
            let count = (Detail::Count, asked.into());
            self.audit(Event::RequestApprovalAsked, [count], &By::automation());
        }
        Ok(())
    }

    /// Who could give what is missing.
    async fn wanted_approvers(&mut self, approvals: &[Actor]) -> Result<Vec<OperatorRow>, StoreError> {
        let company = self.manager.clone().company_in(&mut self.tx).await?;
        let groups = groups(&company, &self.tasks);
        let options = &self.request.options;
        let barred = options.requester.as_ref().filter(|_| options.separate_approver);
        let mut able = rows::operator::of_roles(&mut self.tx, &approving()).await?;
        able.retain(|operator| Some(&actor(operator)) != barred);
        let actors: Vec<Actor> = able.iter().map(actor).collect();
        let wanted = wanted(&actors, &groups, approvals, options.approvals);
        able.retain(|operator| wanted.contains(&actor(operator)));
        Ok(able)
    }

    async fn ask_approver(&mut self, operator: &OperatorRow, round: usize) -> Result<bool, StoreError> {
        let manager = self.manager.clone();
        let once = format!("approval:{}:{round}:{}", self.request.id, operator.id);
        if mail::is_posted(&mut self.tx, &once).await? {
            return Ok(false);
        }
        // One that no mail can be sent to can still log in and see it.
        let Ok(to) = MailAddress::parse("to", &manager.operator_email(operator)?) else {
            return Ok(false);
        };
        let link = manager
            .settings()
            .page(&format!("/requests/{}/review", self.request.id));
        let letter = Letter::ApprovalAwaited {
            reference: self.request.reference.to_string(),
            right: words::right(self.request.right),
            link: Secret::new(link),
            deadline: self.request.deadline.due,
        };
        let posting = Posting {
            letter: &letter,
            to,
            language: operator.language.parse().unwrap_or(Language::English),
            about: self.request.id.object(),
            once,
        };
        Ok(manager.post(&mut self.tx, posting).await?.is_some())
    }
}

fn actor(operator: &OperatorRow) -> Actor {
    By::operator(operator.id, None).actor
}
