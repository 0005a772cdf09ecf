//! The world that a seed makes.

use std::time::Duration;

use jiff::SignedDuration;
use oauth::RevokedStatus;
use serde_json::{Value, json};

use super::{
    company::MOST,
    dice::Dice,
    pace::Meter,
    processors::MAILBOX,
    template::{ACCOUNTS, Template},
    wire::{PATIENCE, VENDOR},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What differs from seed to seed.
#[derive(Debug)]
pub(super) struct Plan {
    /// For how long things go wrong, before everything is put right.
    pub(super) length: SignedDuration,
    pub(super) requests: usize,
    /// How long between two of these, on average.
    pub(super) between_requests: SignedDuration,
    pub(super) between_acts: SignedDuration,
    pub(super) between_vendor_runs: SignedDuration,
    pub(super) between_troubles: SignedDuration,
    /// How many processes the manager has at first.
    pub(super) processes: usize,
    /// How probable a crash is at each point, in thousandths.
    pub(super) crashes: u64,
    /// How far the vendor's clock is ahead.
    pub(super) vendor_ahead: SignedDuration,
    pub(super) connections: Vec<Connected>,
    /// Where mails go.
    pub(super) mails: Mails,
    /// The settings of a system that only a person can look into, where there is one.
    pub(super) contact: Option<Value>,
    pub(super) provider: provider::Settings,
    pub(super) manager: manager::Settings,
}

/// Where mails go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mails {
    Nowhere,
    Kept,
    Server,
}

/// A connection to be made.
#[derive(Debug)]
pub(super) struct Connected {
    /// Which of the vendor's accounts.
    pub(super) account: usize,
    rate: (&'static str, SignedDuration),
    burst: i64,
    settings: Value,
}

impl Plan {
    pub(super) fn of(dice: &Dice, template: &Template) -> Self {
        let connections = 1 + dice.below(ACCOUNTS);
        let requests = 5 + dice.below(26);
        let length = dice.between(DAY * 14, DAY * 42);
        let mails = [Mails::Nowhere, Mails::Kept, Mails::Server, Mails::Server, Mails::Server];
        let mails = dice.pick(&mails).copied().unwrap_or(Mails::Server);
        let any = |of: &[SignedDuration]| dice.pick(of).copied().unwrap_or(HOUR);
        Self {
            length,
            requests,
            between_requests: length / i32::try_from(requests + 2).unwrap_or(i32::MAX),
            between_acts: any(&[HOUR, HOUR * 4, HOUR * 12]),
            between_vendor_runs: any(&[HOUR / 6, HOUR * 2, HOUR * 12, DAY]),
            between_troubles: any(&[HOUR * 8, DAY, DAY * 4]),
            processes: 1 + dice.below(MOST),
            crashes: dice.pick(&[0, 2, 8, 25]).copied().unwrap_or_default(),
            vendor_ahead: dice.between(SignedDuration::from_mins(-4), SignedDuration::from_mins(4)),
            connections: (0..connections)
                .map(|account| Connected::draw(account, mails, dice))
                .collect(),
            contact: (mails == Mails::Server && dice.chance(500)).then(|| contact(dice)),
            provider: provider_settings(dice, template),
            manager: manager_settings(mails, dice, template),
            mails,
        }
    }
}

fn provider_settings(dice: &Dice, template: &Template) -> provider::Settings {
    let token_life = dice.pick(&[2, 12, 24, 72]).copied().unwrap_or(12);
    provider::Settings {
        public_url: template.vendor_url.clone(),
        access_token_ttl: Duration::from_hours(token_life).into(),
        revoked_status: if dice.chance(500) {
            RevokedStatus::Seed
        } else {
            RevokedStatus::Rfc
        },
        rate_limit_headers: dice.chance(500),
        ..provider::Settings::default()
    }
}

/// Whom to ask, and what happens where they don't answer.
fn contact(dice: &Dice) -> Value {
    let on_deadline = if dice.chance(500) { "block" } else { "skip" };
    json!({"processor_email": MAILBOX, "on_deadline": on_deadline})
}

fn manager_settings(mails: Mails, dice: &Dice, template: &Template) -> manager::Settings {
    let days = |days: u64| Duration::from_hours(24 * days).into();
    manager::Settings {
        public_url: template.company_url.clone(),
        grace: dice.pick(&[0, 0, 1, 3]).copied().map_or_else(|| days(0), days),
        http_timeout: Duration::try_from(PATIENCE).unwrap_or_default().into(),
        task_max_attempts: dice.pick(&[5, 12]).copied().unwrap_or(12),
        bulk_poll_threshold: dice.pick(&[1, 3, 50]).copied().unwrap_or(50),
        connection_concurrency: dice.pick(&[1, 2, 8]).copied().unwrap_or(8),
        mailbox: mails == Mails::Kept,
        mail_from: Some("Company <privacy@company.test>".to_owned()),
        retention: days(dice.pick(&[10, 730]).copied().unwrap_or(730)),
        ..manager::Settings::default()
    }
}

impl Connected {
    fn draw(account: usize, mails: Mails, dice: &Dice) -> Self {
        let second = SignedDuration::from_secs(1);
        let rates = [("10/s", second / 10), ("2/s", second / 2), ("30/m", second * 2)];
        let rate = dice.pick(&rates).copied().unwrap_or(("10/s", second / 10));
        let burst = dice.pick(&[1, 3, 10]).copied().unwrap_or(10);
        let poll_max = dice.pick(&["1h", "4h", "12h"]).copied().unwrap_or("1h");
        let data_types = if dice.chance(600) {
            json!(["visitor"])
        } else {
            json!(["visitor", "user"])
        };
        let mut settings = json!({
            "app_url": format!("https://{VENDOR}"),
            "api_url": format!("https://{}/v2", host(account)),
            "export_hosts": [VENDOR],
            "data_types": data_types,
            "identifier_types": ["email"],
            "access_before_delete": dice.chance(300),
            "verify_erasure": dice.chance(400),
            "poll_initial": "5m",
            "poll_max": poll_max,
            "rate_limit": rate.0,
            "rate_burst": burst,
        });
        if mails == Mails::Server && dice.chance(200) {
            settings["deletion_by"] = json!("direct_contact");
            settings["direct_contact"] = contact(dice);
        }
        Self {
            account,
            rate,
            burst,
            settings,
        }
    }

    pub(super) fn settings(&self) -> &Value {
        &self.settings
    }

    pub(super) fn host(&self) -> String {
        host(self.account)
    }

    pub(super) fn meter(&self) -> Meter {
        Meter::new(self.rate.1, self.burst)
    }
}

/// The API's name for one account, by which the wire tells organisations apart.
fn host(account: usize) -> String {
    format!("a{account}.{VENDOR}")
}
