//! The provider's tables, version by version.

use store::{Migration, migration};

/// For [`store::OpenStore::migrations`].
pub const MIGRATIONS: &[Migration] = &[
    migration!("provider", 1, "0001_accounts_oauth"),
    migration!("provider", 2, "0002_subject_access"),
    migration!("provider", 3, "0003_data_sources"),
    migration!("provider", 4, "0004_log_in"),
    migration!("provider", 5, "0005_wrong_attempts"),
    migration!("provider", 6, "0006_retries"),
    migration!("provider", 7, "0007_secret_overlap"),
    migration!("provider", 8, "0008_two_step_rule"),
    mail::OUTBOX,
];
