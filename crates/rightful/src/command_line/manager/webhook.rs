//! `rightful manager webhook …`.

use clap::{ArgGroup, Args, Subcommand};
use manager::app::webhooks::DeliveryState;
use rightful_http::settings::HumanDuration;

use crate::command_line::words::one_of;

/// `manager webhook …`
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Have events sent to a URL; the secret that signs them is shown once
    Create {
        /// Where events are sent
        #[arg(long)]
        url: String,
        /// What people call it
        #[arg(long, default_value = "")]
        description: String,
        /// An event to be told; may be repeated [default: all of them]
        #[arg(long)]
        event: Vec<String>,
    },
    /// List all webhooks
    List,
    /// Show a webhook
    Show {
        /// Which webhook
        id: String,
    },
    /// Change a webhook; what is not named stays
    Change(ChangeWebhook),
    /// Send nothing to a webhook any more; what was to be sent is given up
    Disable {
        /// Which webhook
        id: String,
    },
    /// Send events to a webhook again
    Enable {
        /// Which webhook
        id: String,
    },
    /// Remove a webhook, with the list of what was sent to it
    Remove {
        /// Which webhook
        id: String,
    },
    /// Give a webhook another secret, which is shown once
    RotateSecret {
        /// Which webhook
        id: String,
        /// For how long the one before signs as well
        #[arg(long, default_value = "24h")]
        overlap: HumanDuration,
    },
    /// Send an event that says nothing, to try a webhook out
    Test {
        /// Which webhook
        id: String,
    },
    /// List what was sent, newest first
    Deliveries {
        /// To which webhook
        id: String,
        /// In this state only
        #[arg(long, value_parser = one_of::<DeliveryState>(DeliveryState::ALL.iter().map(|state| state.name())))]
        state: Option<DeliveryState>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Send a delivery once more, or all that failed; the same ids tell receivers what they have already
    #[command(group(ArgGroup::new("which").required(true).args(["delivery", "since"])))]
    Replay {
        /// To which webhook
        id: String,
        /// This delivery
        #[arg(long, value_name = "ID")]
        delivery: Option<String>,
        /// All that failed since then, such as `2026-11-22T08:00:00Z`
        #[arg(long, value_name = "TIME")]
        since: Option<jiff::Timestamp>,
    },
}

/// `manager webhook change`
#[derive(Debug, Args)]
pub struct ChangeWebhook {
    /// Which webhook
    pub id: String,
    /// Where events are sent
    #[arg(long)]
    pub url: Option<String>,
    /// What people call it
    #[arg(long)]
    pub description: Option<String>,
    /// The events to be told from now on, `*` for all; may be repeated
    #[arg(long)]
    pub event: Vec<String>,
}
