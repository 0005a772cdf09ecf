//! What every test here starts from.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use mail::{Filter, Language, Listed, Mail, MailAddress, MailId, Mailer, MailerSettings, PostError};
use oauth::Secret;
use store::{
    CrashPoints, MasterKeySource, SharedCrashPoints, Store, VirtualClock,
    jobs::{Lease, Runner, StepError, Steps},
    scratch::ScratchDatabase,
};
use vault::{SystemEntropy, Vault};

use crate::sink::Sink;

/// An outbox with its database, a clock and nobody to send to yet.
pub(crate) struct World {
    pub(crate) database: ScratchDatabase,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) mailer: Mailer,
}

impl World {
    /// One whose mails go nowhere.
    pub(crate) async fn new() -> Self {
        let database = ScratchDatabase::new().unwrap();
        let clock = VirtualClock::at("2026-11-22T08:00:00Z".parse().unwrap());
        let (store, vault) = open(&database, &clock, None).await;
        Self {
            database,
            clock,
            store,
            vault,
            mailer: Mailer::none(),
        }
    }

    /// Mails go to `sink`, by this URL after the scheme.
    pub(crate) fn send_to(&mut self, sink: &Sink, scheme: &str, rest: &str) {
        let url = format!("{scheme}{}{rest}", sink.port);
        self.mailer = mailer(&url, vec![sink.ca.clone()]);
    }

    /// Mails go to `sink`, whose authority is trusted.
    pub(crate) fn send_by_starttls(&mut self, sink: &Sink) {
        self.send_to(sink, "smtp://localhost:", "");
    }

    /// Mails stay here.
    pub(crate) fn keep_mails(&mut self) {
        let settings = MailerSettings {
            mailbox: true,
            ..MailerSettings::default()
        };
        self.mailer = Mailer::open(&settings).unwrap();
    }

    /// Posts a mail.
    pub(crate) async fn post(&self, mail: Mail) -> Result<MailId, PostError> {
        let mut tx = self.store.write().await.unwrap();
        let id = mail::post(&mut tx, &self.vault, &self.mailer, mail).await?;
        tx.commit().await.unwrap();
        Ok(id)
    }

    /// Posts a mail and carries out what is due.
    pub(crate) async fn post_and_send(&self, mail: Mail) -> Listed {
        let id = self.post(mail).await.unwrap();
        self.run_jobs().await;
        self.listed(id).await
    }

    /// Carries out what is due.
    pub(crate) async fn run_jobs(&self) -> usize {
        self.runner().drain().await.unwrap()
    }

    /// Lets time pass and carries out what has become due.
    pub(crate) async fn after(&self, wait: SignedDuration) -> usize {
        self.clock.advance(wait);
        self.run_jobs().await
    }

    /// What carries out the jobs of this process.
    pub(crate) fn runner(&self) -> Runner {
        let steps = OutboxSteps {
            store: self.store.clone(),
            vault: self.vault.clone(),
            mailer: self.mailer.clone(),
        };
        Runner::new(self.store.clone(), Arc::new(steps), 4)
    }

    /// What the outbox tells of a mail.
    pub(crate) async fn listed(&self, id: MailId) -> Listed {
        let all = self.list(Filter::default()).await;
        all.into_iter().find(|mail| mail.id == id).unwrap()
    }

    /// What the outbox lists.
    pub(crate) async fn list(&self, filter: Filter) -> Vec<Listed> {
        let mut read = self.store.read().await.unwrap();
        mail::list(&mut read, &filter).await.unwrap()
    }

    /// The process is killed and started again; it dies where it is told to.
    pub(crate) async fn restart(&mut self, crash_points: Option<SharedCrashPoints>) {
        (self.store, self.vault) = open(&self.database, &self.clock, crash_points).await;
    }
}

async fn open(
    database: &ScratchDatabase,
    clock: &Arc<VirtualClock>,
    crash_points: Option<SharedCrashPoints>,
) -> (Store, Vault) {
    let entropy = Arc::new(SystemEntropy);
    let store = database
        .open(mail::MIGRATIONS, clock.clone(), entropy, crash_points)
        .await
        .unwrap();
    let key_file = database.folder().join("master.key");
    let vault = store.unlock_vault(MasterKeySource::File(&key_file)).await.unwrap();
    (store, vault)
}

/// A mailer for this URL.
pub(crate) fn mailer(url: &str, extra_ca: Vec<Vec<u8>>) -> Mailer {
    let settings = MailerSettings {
        smtp_url: Some(Secret::new(url.to_owned())),
        mail_from: Some("Acme Prüfung <privacy@acme.example>".to_owned()),
        host: "privacy.acme.example".to_owned(),
        timeout: Duration::from_secs(30),
        extra_ca,
        ..MailerSettings::default()
    };
    Mailer::open(&settings).unwrap()
}

/// A mail to Ada.
pub(crate) fn mail() -> Mail {
    let to = MailAddress::parse("to", "ada@example.com").unwrap();
    let to = to.named("to", "Ada Lovelace").unwrap();
    Mail::new("test", to, Language::English, "The subject", "The words\n").unwrap()
}

struct OutboxSteps {
    store: Store,
    vault: Vault,
    mailer: Mailer,
}

#[async_trait::async_trait]
impl Steps for OutboxSteps {
    async fn run(&self, lease: &Lease) -> Result<(), StepError> {
        match lease.kind.as_str() {
            mail::SEND => mail::send(&self.store, &self.vault, &self.mailer, lease).await,
            mail::SHRED => mail::shred(&self.store, lease).await,
            other => Err(StepError::Failed(format!("no step for {other}"))),
        }
    }
}

/// Dies when a point has been passed so many times.
pub(crate) struct CrashAt {
    point: &'static str,
    left: AtomicUsize,
}

impl CrashAt {
    pub(crate) fn pass(point: &'static str, passes: usize) -> SharedCrashPoints {
        let left = AtomicUsize::new(passes);
        Arc::new(Self { point, left })
    }
}

impl CrashPoints for CrashAt {
    fn crashes_at(&self, point: &'static str) -> bool {
        point == self.point
            && self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_err()
    }
}
