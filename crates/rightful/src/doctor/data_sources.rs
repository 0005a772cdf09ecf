//! The databases that hold data of subjects.

use provider::{Settings, SourceState};

use super::Findings;
use crate::opening::{Opened, open_provider};

pub(super) async fn look(findings: &mut Findings, opened: &Opened, settings: &Settings) {
    // Why it can't be opened is a finding already.
    let Ok(provider) = open_provider(opened, settings.clone()) else {
        return;
    };
    for source in provider.check_data_sources().await {
        let about = format!("{} ({})", source.name, source.place);
        match source.state {
            SourceState::Fine { objects } => {
                findings.ok(
                    "data source",
                    &format!("{about}: accepts the statements of {objects} objects"),
                );
            }
            SourceState::Unreachable(reason) => findings.bad(
                "data source",
                &format!("{about}: can't be reached: {reason}"),
                "is the database up, and do url, user and password fit?",
            ),
            SourceState::Wrong(reason) => findings.bad(
                "data source",
                &format!("{about}: {reason}"),
                "docs/guides/answer-from-a-database.md says what statements look like",
            ),
        }
    }
}
