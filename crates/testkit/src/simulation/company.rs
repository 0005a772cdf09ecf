//! The manager's processes on one database, which die and come back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use mail::Mailer;
use manager::Manager;
use rightful::opening::mailer_settings;
use store::{CrashPoints, SharedClock, SharedCrashPoints, StoreError};
use vault::{MasterKeys, SharedEntropy};

use super::{
    dice::Dice,
    gate::{self, Work},
    post::{Post, PostBox},
    template::Folder,
    time::ServiceClock,
    wire::Network,
};

/// How many processes there may be.
pub(super) const MOST: usize = 3;

/// A step that takes longer, in real time, waits for something that never comes.
const LONGEST_STEP: Duration = Duration::from_mins(10);

/// Decides where processes die, and lets others come between.
struct Fate {
    dice: Dice,
    thousandths: u64,
    awake: AtomicBool,
}

#[async_trait::async_trait]
impl CrashPoints for Fate {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.awake.load(Ordering::SeqCst) && self.dice.chance(self.thousandths)
    }

    async fn reach(&self, point: &'static str) -> bool {
        let dies = self.crashes_at(point);
        if !dies && point == "after commit" {
            gate::pause(None).await;
        }
        dies
    }
}

/// The company.
pub(super) struct Company {
    folder: Folder,
    settings: manager::Settings,
    pub(super) clock: Arc<ServiceClock>,
    entropy: SharedEntropy,
    pub(super) network: Arc<Network>,
    /// The mail server, where the company has one.
    post: Option<Arc<Post>>,
    fate: Arc<Fate>,
    /// Which life each process is in.
    lives: [u64; MOST],
    pub(super) processes: [Option<Manager>; MOST],
    pub(super) works: Vec<Work>,
    /// Processes that found nothing to do, and until when; asked again when something has happened.
    idle: [Idle; MOST],
    pub(super) deaths: u64,
    pub(super) steps: u64,
}

/// Whether a process looks for something to do.
#[derive(Debug, Clone, Copy)]
enum Idle {
    /// It does.
    Looks,
    /// It found nothing before then.
    Until(Timestamp),
}

/// What a company is made of.
pub(super) struct CompanyParts {
    pub(super) folder: Folder,
    pub(super) settings: manager::Settings,
    pub(super) clock: Arc<ServiceClock>,
    pub(super) entropy: SharedEntropy,
    pub(super) network: Arc<Network>,
    pub(super) post: Option<Arc<Post>>,
    pub(super) crashes: u64,
    pub(super) seed: u64,
}

impl Company {
    pub(super) fn new(parts: CompanyParts) -> Self {
        Self {
            folder: parts.folder,
            settings: parts.settings,
            clock: parts.clock,
            entropy: parts.entropy,
            network: parts.network,
            post: parts.post,
            lives: [0; MOST],
            fate: Arc::new(Fate {
                dice: Dice::new(parts.seed, "fate"),
                thousandths: parts.crashes,
                awake: AtomicBool::new(false),
            }),
            processes: [const { None }; MOST],
            works: Vec::new(),
            idle: [Idle::Looks; MOST],
            deaths: 0,
            steps: 0,
        }
    }

    /// From now on processes die, or no longer.
    pub(super) fn let_die(&self, die: bool) {
        self.fate.awake.store(die, Ordering::SeqCst);
    }

    /// Starts a process, if it does not run.
    pub(super) async fn start(&mut self, process: usize) -> Result<()> {
        let Some(place) = self.processes.get_mut(process).filter(|place| place.is_none()) else {
            return Ok(());
        };
        let clock: SharedClock = self.clock.clone();
        let points: SharedCrashPoints = self.fate.clone();
        let awake = self.fate.awake.swap(false, Ordering::SeqCst);
        let opened = self
            .folder
            .open(manager::MIGRATIONS, &clock, &self.entropy, Some(points))
            .await;
        self.fate.awake.store(awake, Ordering::SeqCst);
        let (store, vault) = opened?;
        let name = name(process);
        let network = Arc::clone(&self.network);
        let life = self.lives.iter().max().copied().unwrap_or_default() + 1;
        let of_mails = mailer_settings(&self.settings)?;
        let mailer = match &self.post {
            Some(post) => {
                let way = PostBox {
                    post: Arc::clone(post),
                    life,
                    name: name.to_owned(),
                };
                Mailer::through(Arc::new(way), &of_mails)?
            }
            None => Mailer::open(&of_mails)?,
        };
        let manager = self
            .folder
            .manager(self.settings.clone(), &store, &vault, network, mailer, name);
        *place = Some(manager);
        if let Some(of_process) = self.lives.get_mut(process) {
            *of_process = life;
        }
        self.network.trace.note(format_args!("{name} starts"));
        self.something_happened();
        Ok(())
    }

    /// As by `kill -9`: what it was at is gone.
    pub(super) async fn kill(&mut self, process: usize) {
        let Some(manager) = self.processes.get_mut(process).and_then(Option::take) else {
            return;
        };
        self.network.trace.note(format_args!("{} dies", name(process)));
        self.works.retain(|work| work.process != process);
        if let (Some(post), Some(life)) = (&self.post, self.lives.get(process)) {
            post.ended(*life);
        }
        let store = manager.store().clone();
        drop(manager);
        store.close().await;
        self.deaths += 1;
        self.something_happened();
    }

    /// Buries the processes that died by themselves.
    async fn bury(&mut self) {
        for process in 0..MOST {
            let dead = self
                .process(process)
                .is_some_and(|manager| manager.store().has_crashed());
            if dead {
                self.kill(process).await;
            }
        }
    }

    pub(super) fn process(&self, process: usize) -> Option<&Manager> {
        self.processes.get(process).and_then(Option::as_ref)
    }

    /// One that lives.
    pub(super) fn anyone(&self) -> Option<&Manager> {
        self.processes.iter().flatten().next()
    }

    /// Any of those that live.
    pub(super) fn some(&self, dice: &Dice) -> Option<&Manager> {
        let living: Vec<&Manager> = self.processes.iter().flatten().collect();
        dice.pick(&living).copied()
    }

    pub(super) fn living(&self) -> usize {
        self.processes.iter().flatten().count()
    }

    /// Idle processes look again.
    pub(super) fn something_happened(&mut self) {
        self.idle = [Idle::Looks; MOST];
    }

    /// Does what can be done at this instant, in an order that the dice choose.
    pub(super) async fn work(&mut self, dice: &Dice) -> Result<()> {
        loop {
            let now = self.network.time.now();
            let ready: Vec<usize> = (0..self.works.len())
                .filter(|place| {
                    let parked = self.works.get(*place).and_then(Work::parked);
                    parked.is_none_or(|parked| parked.until.is_none_or(|until| until <= now))
                })
                .collect();
            let free = (0..MOST).filter(|process| self.has_room(*process));
            let free: Vec<usize> = free.collect();
            let choice = dice.below(ready.len() + free.len());
            if let Some(place) = ready.get(choice) {
                let step = tokio::time::timeout(LONGEST_STEP, self.go_on(*place));
                step.await.context("a step waits for something that never comes")?;
            } else if let Some(process) = choice.checked_sub(ready.len()).and_then(|place| free.get(place)) {
                self.claim(*process).await?;
            } else {
                return Ok(());
            }
            self.bury().await;
        }
    }

    async fn go_on(&mut self, place: usize) {
        let Some(work) = self.works.get_mut(place) else { return };
        if work.go_on().await {
            let work = self.works.swap_remove(place);
            self.steps += 1;
            self.network
                .trace
                .note(format_args!("{}: {} ended", name(work.process), work.lease.kind));
            self.something_happened();
        }
    }

    fn has_room(&self, process: usize) -> bool {
        // One at a time: several in one process would wait for each other's turn to refresh a token. Processes don't.
        let busy = self.works.iter().any(|work| work.process == process);
        let now = store::Clock::now(&*self.clock);
        let sleeps = match self.idle.get(process) {
            Some(Idle::Until(until)) => *until > now,
            Some(Idle::Looks) | None => false,
        };
        self.process(process).is_some() && !busy && !sleeps
    }

    async fn claim(&mut self, process: usize) -> Result<()> {
        let Some(manager) = self.process(process) else {
            return Ok(());
        };
        let runner = manager.runner();
        let claimed = match runner.claim_one().await {
            Ok(claimed) => claimed,
            Err(StoreError::Crashed) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let now = store::Clock::now(&*self.clock);
        if claimed.leases.is_empty()
            && claimed.next_due.is_none_or(|due| due > now)
            && let Some(idle) = self.idle.get_mut(process)
        {
            *idle = Idle::Until(claimed.next_due.unwrap_or(Timestamp::MAX));
        }
        for lease in claimed.leases {
            self.network
                .trace
                .note(format_args!("{}: {} begins", name(process), lease.kind));
            self.works.push(Work::begin(process, runner.clone(), lease));
        }
        Ok(())
    }

    /// When something can be done again, in the world's time.
    pub(super) fn next_work(&self) -> Option<Timestamp> {
        let due = self.idle.iter().filter_map(|idle| match idle {
            Idle::Until(until) if *until < Timestamp::MAX => Some(self.clock.world_time(*until)),
            Idle::Until(_) | Idle::Looks => None,
        });
        let due = due.min();
        let parked = self.works.iter().filter_map(|work| work.parked()?.until).min();
        match (due, parked) {
            (Some(due), Some(parked)) => Some(due.min(parked)),
            (due, parked) => due.or(parked),
        }
    }

    /// Work that is going on keeps its lease, as running jobs do.
    pub(super) async fn renew_leases(&self) -> Result<()> {
        for work in &self.works {
            if let Some(manager) = self.process(work.process) {
                match manager.runner().renew(&work.lease).await {
                    Ok(_) | Err(StoreError::Crashed) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// A new master key in front of the old one, and the root key sealed under it, beside running processes.
    pub(super) async fn rotate_key(&self) -> Result<()> {
        let Some(manager) = self.anyone() else { return Ok(()) };
        let path = self.folder.master_key();
        let keys = MasterKeys::load_file(&path)?.with_new_current(&*self.entropy);
        keys.save_file(&path)?;
        let sealed = manager.vault().rewrap_root(&keys);
        let rotated: Result<(), StoreError> = async {
            let mut tx = manager.store().write().await?;
            tx.save_root_key(&sealed).await?;
            tx.commit().await
        }
        .await;
        match rotated {
            Ok(()) | Err(StoreError::Crashed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A process's name in the trace.
pub(super) const fn name(process: usize) -> &'static str {
    match process {
        0 => "manager 1",
        1 => "manager 2",
        _ => "manager 3",
    }
}
