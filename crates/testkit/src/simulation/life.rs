//! The life of one seed's world.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use rightful_http::client::SharedTransport;
use serde_json::json;
use store::SharedClock;
use tempfile::TempDir;
use vault::SharedEntropy;

use super::{
    company::{Company, CompanyParts, MOST},
    dice::{Dice, SimulatedEntropy},
    invariants::Inspector,
    mails,
    office::{Lan, Office},
    plan::{DAY, Mails, Plan},
    post::Post,
    processors::Processors,
    template::{Folder, Template, begin},
    time::{ServiceClock, WorldTime, later},
    vendor::Vendor,
    weather::Weather,
    wire::Network,
};

/// The manager's clock and the vendor's may be apart by less than five minutes.
const MOST_APART: SignedDuration = SignedDuration::from_mins(5);
/// After so many moments everything is looked at, also where the vendor was given no job.
const LOOKS_EVERY: u64 = 8;
/// Rounds of putting everything right, after which everything must have ended.
const PATIENCE: usize = 120;

/// Something that comes again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Request,
    Act,
    VendorRun,
    Trouble,
    Weather,
    Restart(usize),
}

/// One seed's world.
pub(super) struct Life<'a> {
    template: &'a Template,
    plan: Plan,
    dice: Dice,
    time: WorldTime,
    begun: Timestamp,
    pub(super) network: Arc<Network>,
    lan: Arc<Lan>,
    pub(super) company: Company,
    office: Office,
    pub(super) post: Arc<Post>,
    processors: Processors,
    vendor: Vendor,
    pub(super) inspector: Inspector,
    connections: Vec<(String, usize)>,
    agenda: BTreeSet<(Timestamp, Happening)>,
    apart: SignedDuration,
    settled: u64,
    /// Everything is being put right.
    patient: bool,
    _folder: TempDir,
}

impl<'a> Life<'a> {
    pub(super) async fn begin(seed: u64, template: &'a Template, loud: bool) -> Result<Self> {
        let dice = Dice::new(seed, "life");
        let plan = Plan::of(&dice, template);
        let folder = template.copy()?;
        let time = WorldTime::at(begin()?);
        let entropy: SharedEntropy = SimulatedEntropy::new(seed);
        let vendors: SharedEntropy = SimulatedEntropy::new(seed ^ 0x5eed);

        let vendor_clock: SharedClock = ServiceClock::new(&time, plan.vendor_ahead);
        let place = Folder(folder.path().join("provider"));
        let (store, vault) = place.open(provider::MIGRATIONS, &vendor_clock, &vendors, None).await?;
        let provider = place.provider(plan.provider.clone(), &store, &vault)?;
        let network = Network::new(provider.router(), &time, seed, loud);
        let lan = Lan::new(network.vendor.clone());
        let people: SharedTransport = lan.clone();

        let post = Post::new(&time, &network.trace, seed);
        let place = Folder(folder.path().join("manager"));
        let clock = ServiceClock::new(&time, SignedDuration::ZERO);
        let shown: SharedClock = clock.clone();
        let (inspected, _) = place.open(manager::MIGRATIONS, &shown, &vendors, None).await?;
        let company = Company::new(CompanyParts {
            folder: place,
            settings: plan.manager.clone(),
            clock,
            entropy,
            network: Arc::clone(&network),
            post: (plan.mails == Mails::Server).then(|| Arc::clone(&post)),
            crashes: plan.crashes,
            seed,
        });
        Ok(Self {
            office: Office::new(
                Arc::clone(&people),
                template.company_url.clone(),
                template.api_key.clone(),
            ),
            apart: SignedDuration::ZERO - plan.vendor_ahead,
            begun: time.now(),
            inspector: Inspector::new(inspected, store),
            processors: Processors::new(Arc::clone(&people)),
            vendor: Vendor::new(provider, people),
            post,
            connections: Vec::new(),
            agenda: BTreeSet::new(),
            patient: false,
            settled: 0,
            _folder: folder,
            template,
            plan,
            dice,
            time,
            network,
            lan,
            company,
        })
    }

    /// Lives through all of it. An error says what is not as it must be.
    pub(super) async fn live(&mut self) -> Result<()> {
        self.set_up().await?;
        self.company.let_die(true);
        let weather = Weather::draw(&self.dice);
        self.set_weather(weather);
        for happening in [
            Happening::Request,
            Happening::Act,
            Happening::VendorRun,
            Happening::Trouble,
            Happening::Weather,
        ] {
            self.again(happening);
        }
        let end = later(self.begun, self.plan.length);
        while self.time.now() < end {
            self.pass_until(self.next_moment().min(end)).await?;
        }
        self.put_right().await
    }

    /// How long it has lived.
    pub(super) fn lived(&self) -> SignedDuration {
        self.time.now().duration_since(self.begun)
    }

    /// How many questions processors have answered.
    pub(super) fn answers(&self) -> usize {
        self.processors.said.values().filter(|said| said.taken).count()
    }

    pub(super) fn requests(&self) -> usize {
        self.office.taken.len()
    }

    /// Everybody connects while nothing goes wrong.
    async fn set_up(&mut self) -> Result<()> {
        self.company.start(0).await?;
        for number in 0..self.plan.connections.len() {
            let connection = self.plan.connections.get(number).context("no such connection")?;
            let account = self
                .template
                .accounts
                .get(connection.account)
                .context("no such account")?;
            let new = json!({
                "connector": "optimizely", "name": format!("Account {number}"), "client_id": account.client_id,
                "client_secret": account.client_secret.reveal(), "settings": connection.settings(),
            });
            self.network.meter(&connection.host(), connection.meter());
            let email = self.vendor.administrator(connection.account, account).to_owned();
            let account = connection.account;
            self.lead();
            let id = self.office.add_connection(&new).await?;
            self.office.connect(&id, &email, &self.network.trace).await?;
            self.connections.push((id, account));
        }
        if let Some(contact) = &self.plan.contact {
            let new = json!({"connector": "direct_contact", "name": "Archive", "settings": contact});
            self.office.add_connection(&new).await?;
        }
        for process in 1..self.plan.processes {
            self.company.start(process).await?;
        }
        self.settle().await
    }

    /// People reach one of the processes that live.
    fn lead(&self) {
        self.lan.lead_to(self.company.anyone().map(manager::Manager::router));
    }

    fn set_weather(&self, weather: Weather) {
        self.network.set_weather(weather);
        self.post.set_weather(weather);
    }

    fn again(&mut self, happening: Happening) {
        let mean = match happening {
            Happening::Request => self.plan.between_requests,
            Happening::Act => self.plan.between_acts,
            Happening::VendorRun => self.plan.between_vendor_runs,
            Happening::Trouble => self.plan.between_troubles,
            Happening::Weather => DAY,
            Happening::Restart(_) => SignedDuration::from_mins(1),
        };
        let at = later(self.time.now(), self.dice.about(mean));
        self.agenda.insert((at, happening));
    }

    fn next_moment(&self) -> Timestamp {
        let planned = self.agenda.first().map(|(at, _)| *at);
        let moments = [
            planned,
            self.company.next_work(),
            self.network.next_late(),
            self.processors.next(),
        ];
        moments.into_iter().flatten().min().unwrap_or(Timestamp::MAX)
    }

    /// Lets time pass, and everything happen that is due then.
    async fn pass_until(&mut self, moment: Timestamp) -> Result<()> {
        self.time.set(moment);
        self.company.renew_leases().await?;
        self.network.deliver_late().await;
        while let Some((at, happening)) = self.agenda.first().copied() {
            if at > self.time.now() {
                break;
            }
            self.agenda.remove(&(at, happening));
            self.happens(happening).await?;
        }
        self.processors_act().await?;
        self.settle().await
    }

    /// Whoever has got a mail reads it; whose time has come answers, through any of the processes.
    async fn processors_act(&mut self) -> Result<()> {
        let now = self.time.now();
        if self.processors.next().is_none_or(|at| at > now) {
            return Ok(());
        }
        self.lan
            .lead_to(self.company.some(&self.dice).map(manager::Manager::router));
        self.processors.act(now, &self.dice, &self.network.trace).await?;
        self.company.something_happened();
        Ok(())
    }

    async fn read_mails(&mut self) -> Result<()> {
        for (id, mail) in self.post.take_unread() {
            mails::may_be_sent(&self.inspector.manager, &self.office, &id, &mail).await?;
            self.processors.read(&mail, self.patient, &self.dice)?;
        }
        match self.post.fault() {
            Some(fault) => anyhow::bail!("no mail is doubled: {fault}"),
            None => Ok(()),
        }
    }

    async fn happens(&mut self, happening: Happening) -> Result<()> {
        match happening {
            Happening::Restart(process) => return self.company.start(process).await,
            Happening::Request => {
                if self.office.taken.len() < self.plan.requests {
                    let can_mail = self.plan.mails != Mails::Nowhere;
                    self.office.expect_request(can_mail, &self.dice);
                }
                self.lead();
                self.office.hand_in(&self.network.trace).await?;
            }
            Happening::Act => self.somebody_acts().await?,
            Happening::VendorRun => self.vendor_works().await?,
            Happening::Trouble => self.trouble().await?,
            Happening::Weather => {
                let weather = Weather::draw(&self.dice);
                self.set_weather(weather);
                self.network.trace.note(format_args!("{weather:?}"));
            }
        }
        self.company.something_happened();
        self.again(happening);
        Ok(())
    }

    async fn vendor_works(&self) -> Result<()> {
        self.vendor
            .work(self.template, &self.dice, self.patient, &self.network.trace)
            .await
    }

    async fn somebody_acts(&mut self) -> Result<()> {
        self.lead();
        self.office.hand_in(&self.network.trace).await?;
        let known: Vec<String> = self.office.taken.iter().filter_map(|taken| taken.id.clone()).collect();
        if let Some(id) = self.dice.pick(&known) {
            self.office.act(id, &self.dice, false, &self.network.trace).await?;
        }
        if let Some((id, account)) = self.dice.pick(&self.connections).cloned()
            && self.dice.chance(400)
        {
            self.look_after(&id, account).await?;
        }
        Ok(())
    }

    async fn look_after(&mut self, id: &str, number: usize) -> Result<()> {
        let account = self.template.accounts.get(number).context("no such account")?;
        let email = self.vendor.administrator(number, account).to_owned();
        self.lead();
        self.vendor.put_right(number, account, &self.network.trace).await?;
        self.office.look_after(id, &email, &self.network.trace).await
    }

    /// Something that nobody wished for.
    async fn trouble(&mut self) -> Result<()> {
        let process = self.dice.below(MOST);
        match self.dice.below(6) {
            0 | 1 => {
                let number = self.dice.below(self.plan.connections.len());
                let account = self.template.accounts.get(number).context("no such account")?;
                self.vendor
                    .trouble(number, account, &self.dice, &self.network.trace)
                    .await?;
            }
            2 => {
                self.company.kill(process).await;
            }
            3 => self.company.start(process).await?,
            4 if self.company.works.is_empty() => {
                let room = MOST_APART - SignedDuration::from_secs(10);
                let by = self.dice.between(-room, room) - self.apart;
                self.apart += by;
                self.company.clock.set_by(by);
                self.network.forget_pace();
                self.network
                    .trace
                    .note(format_args!("the manager's clock is set by {by:#}"));
            }
            _ => {
                self.company.rotate_key().await?;
                self.network.trace.note("the master key is rotated");
            }
        }
        Ok(())
    }

    /// Everything that can be done now is done; then everything must be as it should.
    async fn settle(&mut self) -> Result<()> {
        self.company.something_happened();
        self.company.work(&self.dice).await?;
        for process in 0..MOST {
            // The first one comes back whenever it dies, the second one when somebody starts it.
            let dead = self.company.process(process).is_none();
            let due = Happening::Restart(process);
            if dead && (process == 0 || self.company.living() == 0) && !self.expects(due) {
                self.again(due);
            }
        }
        self.read_mails().await?;
        let new = self.network.take_effects();
        self.settled += 1;
        // What is lost stays lost: it is found a little later as well.
        if !new.is_empty() || self.settled.is_multiple_of(LOOKS_EVERY) {
            self.inspector.look(&self.office, new).await?;
        }
        if let Some(fault) = self.network.too_fast() {
            anyhow::bail!("the lane's rate is never exceeded: {fault}");
        }
        Ok(())
    }

    fn expects(&self, happening: Happening) -> bool {
        self.agenda.iter().any(|(_, planned)| *planned == happening)
    }

    /// Nothing goes wrong any more, and everybody does what is theirs to do: then everything ends.
    async fn put_right(&mut self) -> Result<()> {
        self.network.trace.note("everything is put right");
        self.patient = true;
        self.company.let_die(false);
        self.set_weather(Weather::CLEAR);
        self.agenda.clear();
        for _ in 0..PATIENCE {
            self.company.start(0).await?;
            self.lead();
            self.office.hand_in(&self.network.trace).await?;
            for (id, account) in self.connections.clone() {
                self.look_after(&id, account).await?;
            }
            let mut open = 0;
            for id in self
                .office
                .taken
                .iter()
                .filter_map(|taken| taken.id.clone())
                .collect::<Vec<_>>()
            {
                let request = self.office.read(&id).await?.context("a request is gone")?;
                let state = request["state"].as_str().unwrap_or_default();
                if !matches!(state, "closed" | "delivering") {
                    open += 1;
                    self.office.act(&id, &self.dice, true, &self.network.trace).await?;
                }
            }
            self.vendor_works().await?;
            let until = later(self.time.now(), SignedDuration::from_hours(6));
            while self.time.now() < until {
                self.pass_until(self.next_moment().min(until)).await?;
            }
            if open == 0 {
                break;
            }
        }
        ensure!(
            self.company.works.is_empty(),
            "work goes on although nothing is left to do"
        );
        self.inspector.look_at_the_end(&self.office).await?;
        let store = &self.inspector.manager;
        mails::each_event_is_told_once(store, &self.post).await?;
        mails::answers_count_once(store, &self.processors).await
    }
}
