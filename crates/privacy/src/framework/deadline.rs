//! When a request must be answered.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Framework, FrameworkId, Term};

/// When a request must be answered: computed once from its receipt and frozen as an instant (CL-35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The law it follows from.
    pub framework: FrameworkId,
    /// From when the term runs.
    pub received_at: Timestamp,
    /// The last moment that is in time, extension included.
    pub due: Timestamp,
    /// The extension the law allowed when the deadline was computed.
    pub extension: Option<Term>,
    /// When it was extended, if it was.
    #[serde(default)]
    pub extended_at: Option<Timestamp>,
}

words! {
    /// How a deadline stands.
    pub enum DeadlineState("deadline state") {
        /// There is time.
        OnTime = "on_time",
        /// It is near, see [`DueSoon`].
        DueSoon = "due_soon",
        /// It has passed.
        PastDue = "past_due",
    }
}

/// From how much time left a deadline is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSoon(pub SignedDuration);

impl Default for DueSoon {
    /// Five days.
    fn default() -> Self {
        Self(SignedDuration::from_hours(5 * 24))
    }
}

/// A deadline that is not extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtendError {
    /// There is one extension.
    #[error("the deadline has already been extended")]
    AlreadyExtended,
    /// The law knows none.
    #[error("the legal framework allows no extension")]
    NotAllowed,
    /// The subject must be told within the first term (GDPR article 12(3), CCPA 1798.145(h)(3)).
    #[error("the deadline has passed")]
    PastDue,
}

impl Deadline {
    /// The deadline of a request received at `received_at`, by the calendar and clocks of `zone`.
    pub fn of(framework: &Framework, received_at: Timestamp, zone: &TimeZone) -> Self {
        Self {
            framework: framework.id.clone(),
            received_at,
            due: framework.term.end(received_at, zone),
            extension: framework.extension,
            extended_at: None,
        }
    }

    /// The deadline after its one extension, which begins where the first term ends.
    pub fn extend(self, zone: &TimeZone, now: Timestamp) -> Result<Self, ExtendError> {
        if self.extended_at.is_some() {
            return Err(ExtendError::AlreadyExtended);
        }
        let extension = self.extension.ok_or(ExtendError::NotAllowed)?;
        if now > self.due {
            return Err(ExtendError::PastDue);
        }
        Ok(Self {
            due: extension.end(self.due, zone),
            extended_at: Some(now),
            ..self
        })
    }

    /// How the deadline stands, with the usual idea of "soon".
    pub fn state(&self, now: Timestamp) -> DeadlineState {
        self.state_with(now, DueSoon::default())
    }

    /// How the deadline stands.
    pub fn state_with(&self, now: Timestamp, soon: DueSoon) -> DeadlineState {
        let left = self.due.duration_since(now);
        if left.is_negative() {
            DeadlineState::PastDue
        } else if left <= soon.0 {
            DeadlineState::DueSoon
        } else {
            DeadlineState::OnTime
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Frameworks;

    fn deadline(framework: &str, received_at: &str) -> Deadline {
        let frameworks = Frameworks::default();
        Deadline::of(
            frameworks.get(framework).unwrap(),
            received_at.parse().unwrap(),
            &TimeZone::UTC,
        )
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn deadlines_follow_from_the_law() {
        for (framework, due, extended) in [
            ("gdpr", "2026-02-28T12:00:00Z", Some("2026-04-29T12:00:00Z")),
            ("uk_gdpr", "2026-02-28T12:00:00Z", Some("2026-04-29T12:00:00Z")),
            ("cpra", "2026-03-17T12:00:00Z", Some("2026-05-01T12:00:00Z")),
            ("lgpd", "2026-02-15T12:00:00Z", None),
            ("icdpa", "2026-05-01T12:00:00Z", Some("2026-06-15T12:00:00Z")),
            ("fdbr", "2026-03-17T12:00:00Z", Some("2026-04-01T12:00:00Z")),
        ] {
            let first = deadline(framework, "2026-01-31T12:00:00Z");
            assert_eq!(first.due, at(due), "{framework}");
            let second = first.extend(&TimeZone::UTC, at("2026-02-01T00:00:00Z"));
            assert_eq!(
                second.map(|deadline| deadline.due).ok(),
                extended.map(at),
                "{framework}"
            );
        }
    }

    #[test]
    fn a_deadline_is_extended_once_and_in_time() {
        let first = deadline("gdpr", "2026-01-10T12:00:00Z");
        let late = at("2026-02-10T12:00:00.000001Z");
        assert_eq!(first.clone().extend(&TimeZone::UTC, late), Err(ExtendError::PastDue));
        let second = first.extend(&TimeZone::UTC, at("2026-02-10T12:00:00Z")).unwrap();
        assert_eq!(
            second.clone().extend(&TimeZone::UTC, late),
            Err(ExtendError::AlreadyExtended)
        );
        let lgpd = deadline("lgpd", "2026-01-10T12:00:00Z");
        assert_eq!(
            lgpd.extend(&TimeZone::UTC, at("2026-01-11T12:00:00Z")),
            Err(ExtendError::NotAllowed)
        );
        let json = serde_json::to_string(&second).unwrap();
        assert_eq!(serde_json::from_str::<Deadline>(&json).unwrap(), second);
    }

    #[test]
    fn a_deadline_is_near_five_days_before() {
        let deadline = deadline("cpra", "2026-01-01T12:00:00Z");
        assert_eq!(deadline.due, at("2026-02-15T12:00:00Z"));
        for (now, state) in [
            ("2026-01-01T12:00:00Z", DeadlineState::OnTime),
            ("2026-02-10T11:59:59.999999Z", DeadlineState::OnTime),
            ("2026-02-10T12:00:00Z", DeadlineState::DueSoon),
            ("2026-02-15T12:00:00Z", DeadlineState::DueSoon),
            ("2026-02-15T12:00:00.000001Z", DeadlineState::PastDue),
        ] {
            assert_eq!(deadline.state(at(now)), state, "{now}");
        }
        let never = DueSoon(SignedDuration::ZERO);
        assert_eq!(
            deadline.state_with(at("2026-02-15T11:00:00Z"), never),
            DeadlineState::OnTime
        );
    }
}
