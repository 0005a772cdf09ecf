//! What goes wrong on the wire between the manager and the vendor.

use jiff::SignedDuration;

use super::dice::Dice;

/// How bad it is: thousandths of the calls that go wrong, which changes from seed to seed and from day to day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weather {
    pub(super) trouble: u64,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody could be reached.
    NotSent,
    /// The call was lost on its way.
    LostBefore,
    /// The call took effect and its answer was lost.
    LostAfter,
    /// Too many requests, with or without the time to wait.
    Throttled(Option<u64>),
    /// 500 without an effect.
    FailedBefore,
    /// 500 after the effect.
    FailedAfter,
    /// A proxy's page, without an effect.
    ProxyBefore,
    /// A proxy's page in place of the answer.
    ProxyAfter,
    /// A page that says yes, from somebody who knows nothing (a captive portal).
    Portal,
    /// The answer breaks off in the middle.
    Torn,
    /// The answer comes late.
    Slow(SignedDuration),
    /// The answer did not come in time, though the call took effect.
    TimedOut,
    /// The same, and the effect comes only later.
    TimedOutLate(SignedDuration),
    /// The connection is reset at once, and the effect comes only later.
    ResetLate(SignedDuration),
}

impl Weather {
    pub(super) const CLEAR: Self = Self { trouble: 0 };

    pub(super) fn draw(dice: &Dice) -> Self {
        let trouble = dice.pick(&[0, 5, 20, 60, 150, 400]).copied();
        Self {
            trouble: trouble.unwrap_or_default(),
        }
    }

    /// What happens to the next call.
    pub(super) fn fault(self, dice: &Dice) -> Option<Fault> {
        if !dice.chance(self.trouble) {
            return None;
        }
        let seconds = |most| SignedDuration::from_secs(i64::try_from(dice.below(most)).unwrap_or_default() + 1);
        Some(match dice.below(15) {
            0 => Fault::NotSent,
            1 => Fault::LostBefore,
            2 | 3 => Fault::LostAfter,
            4 => Fault::Throttled(None),
            5 => Fault::Throttled(Some(1 + dice.below(600) as u64)),
            6 => Fault::FailedBefore,
            7 => Fault::FailedAfter,
            8 => Fault::ProxyBefore,
            9 => Fault::ProxyAfter,
            10 => Fault::Portal,
            11 => Fault::Torn,
            12 => Fault::Slow(seconds(58)),
            13 => Fault::TimedOut,
            _ if dice.chance(500) => Fault::TimedOutLate(seconds(20)),
            _ => Fault::ResetLate(seconds(40)),
        })
    }
}
