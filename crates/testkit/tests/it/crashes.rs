//! The manager dies at every point of a request's life, against a vendor that lives on.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Result, ensure};
use jiff::SignedDuration;
use manager::{
    By, Manager, RequestId,
    app::{NewRequest, Once},
};
use privacy::{Identities, Right, request::StageName};
use provider::{Actor, Asker, PageNumber, Role};
use store::{SharedCrashPoints, StoreError, SystemClock, VirtualClock};
use testkit::{Customer, Setup, World, survives_a_crash_at_every_point};

const SUBJECT: &str = r#"{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "profile", "record": {"name": "Ada"}}"#;

/// Longer than a lease, and than any pause between polls.
const LATER: SignedDuration = SignedDuration::from_secs(31);

struct Story {
    world: World,
    customer: Customer,
    clock: Arc<VirtualClock>,
}

impl Story {
    async fn begin() -> Result<Self> {
        let clock = VirtualClock::at(store::Clock::now(&SystemClock));
        let mut world = World::start_with(Setup {
            clock: clock.clone(),
            works_off_jobs: false,
            ..Setup::default()
        })
        .await?;
        let customer = world.customer("Acme").await?;
        world.import(&customer, SUBJECT).await?;
        let api = world.api_key().await?;
        world.connect(&customer, &api).await?;
        world.end_manager().await?;
        Ok(Self { world, customer, clock })
    }

    /// Takes the request in, however often it is asked, and works until it is in `state`.
    async fn carry_out(&self, manager: &Manager, right: Right, state: StageName, key: &str) -> Result<RequestId> {
        let new = NewRequest {
            start: true,
            auto_approve: true,
            ..NewRequest::new(right, Identities::of_email("ada@example.com")?, "api")
        };
        let once = Once {
            caller: "test",
            key,
            asked: key.as_bytes(),
            wait: true,
        };
        let id = manager.create_request(new, &By::command_line(), Some(once)).await?.id;
        for _ in 0..100 {
            manager.runner().drain().await?;
            self.world.provider.runner().drain().await?;
            let request = manager.request(id).await?;
            if request.is_some_and(|request| request.state == state) {
                return Ok(id);
            }
            self.clock.advance(LATER);
        }
        anyhow::bail!("the request stays as it is: {:?}", manager.request(id).await?)
    }

    /// A process that dies, another one that carries on, and then as many jobs more at the vendor as there are tasks.
    async fn survive(&self, points: SharedCrashPoints, right: Right, state: StageName) -> Result<()> {
        let before = self.jobs_at_the_vendor().await?;
        let key = format!("request {}", before.len());
        let doomed = self.world.manager_process(Some(points)).await;
        if let Ok(doomed) = doomed {
            let died = self.carry_out(&doomed, right, state, &key).await;
            ensure!(died.is_ok() || doomed.store().has_crashed(), "{died:?}");
            doomed.store().close().await;
        }
        self.clock.advance(LATER);
        let manager = self.world.manager_process(None).await?;
        let id = self.carry_out(&manager, right, state, &key).await?;
        let request = manager.request(id).await?.ok_or(StoreError::Crashed)?;
        let told: BTreeSet<String> = request
            .tasks
            .into_iter()
            .flatten()
            .filter_map(|task| task.vendor_job_id)
            .collect();
        let after = self.jobs_at_the_vendor().await?;
        let new: BTreeSet<String> = after.difference(&before).cloned().collect();
        ensure!(new == told, "the manager knows of {told:?}, the vendor of {new:?}");
        manager.store().close().await;
        Ok(())
    }

    async fn jobs_at_the_vendor(&self) -> Result<BTreeSet<String>> {
        let asker = Asker {
            account: self.customer.account,
            role: Role::Administrator,
            actor: Actor::COMMAND_LINE,
        };
        let mut jobs = BTreeSet::new();
        for page in 1.. {
            let page = PageNumber { page, per_page: 100 };
            let listed = self.world.provider.subject_access_requests(asker, page).await?;
            if listed.items.is_empty() {
                break;
            }
            jobs.extend(listed.items.iter().map(|job| job.id.to_string()));
        }
        Ok(jobs)
    }
}

#[tokio::test]
async fn an_access_request_survives_every_crash_and_no_vendor_job_is_doubled() {
    let story = Story::begin().await.unwrap();
    let points = survives_a_crash_at_every_point(async |points| {
        story.survive(points, Right::Access, StageName::Delivering).await
    })
    .await
    .unwrap();
    assert!(points > 20, "{points} points");
    story.world.end().await.unwrap();
}

#[tokio::test]
async fn a_deletion_survives_every_crash_and_no_vendor_job_is_doubled() {
    let story = Story::begin().await.unwrap();
    let points =
        survives_a_crash_at_every_point(async |points| story.survive(points, Right::Deletion, StageName::Closed).await)
            .await
            .unwrap();
    assert!(points > 20, "{points} points");
    story.world.end().await.unwrap();
}
