//! What a seed decides.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::ThreadId,
};

use jiff::SignedDuration;
use vault::{Entropy, SeededEntropy};

/// A sequence of draws that belongs to a seed (SplitMix64).
#[derive(Debug)]
pub(super) struct Dice(AtomicU64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    /// The sequence of `seed` for one purpose: what one purpose draws changes nothing for another.
    pub(super) fn new(seed: u64, purpose: &str) -> Self {
        let start = purpose
            .bytes()
            .fold(mix(seed), |state, byte| mix(state ^ u64::from(byte)));
        Self(AtomicU64::new(start))
    }

    fn next(&self) -> u64 {
        mix(self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }

    /// From 0 up to, not including, `end` (0 where that is 0).
    pub(super) fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or_default()
    }

    /// True with this probability, in thousandths.
    pub(super) fn chance(&self, thousandths: u64) -> bool {
        self.next() % 1000 < thousandths
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// A duration between the two.
    pub(super) fn between(&self, least: SignedDuration, most: SignedDuration) -> SignedDuration {
        let (least, most) = (least.as_micros(), most.as_micros());
        let span = u64::try_from(most - least).unwrap_or_default().max(1);
        SignedDuration::from_micros(i64::try_from(least).unwrap_or_default() + (self.next() % span).cast_signed())
    }

    /// A duration that is `mean` on average, and anything from a tenth to the double of it.
    pub(super) fn about(&self, mean: SignedDuration) -> SignedDuration {
        self.between(mean / 10, mean * 2)
    }
}

const fn mix(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Randomness of a seed. Threads that read and seal beside the simulation's own draw from a sequence of their own, so
/// that it does not matter who is faster.
pub(super) struct SimulatedEntropy {
    thread: ThreadId,
    own: SeededEntropy,
    others: SeededEntropy,
}

impl SimulatedEntropy {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            thread: std::thread::current().id(),
            own: SeededEntropy::new(seed),
            others: SeededEntropy::new(!seed),
        })
    }
}

impl Entropy for SimulatedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if std::thread::current().id() == self.thread {
            self.own.fill(bytes);
        } else {
            self.others.fill(bytes);
        }
    }
}
