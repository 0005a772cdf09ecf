//! Crashes on purpose: nothing may be lost and nothing doubled, wherever a process dies.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Result, ensure};
use store::{CrashPoints, SharedCrashPoints};

/// More points than this in one piece of work mean that the work never ends.
const MOST_POINTS: usize = 10_000;

/// The process dies when it passes its `n`th crash point, counted from 0, and only then.
#[derive(Debug)]
pub struct CrashAt {
    passed: AtomicUsize,
    dies_at: usize,
}

impl CrashAt {
    /// Dies at the point after `survived` others.
    pub fn after(survived: usize) -> Arc<Self> {
        Arc::new(Self {
            passed: AtomicUsize::new(0),
            dies_at: survived,
        })
    }

    /// Whether the work came as far as the point.
    pub fn has_crashed(&self) -> bool {
        self.passed.load(Ordering::SeqCst) > self.dies_at
    }
}

impl CrashPoints for CrashAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.passed.fetch_add(1, Ordering::SeqCst) == self.dies_at
    }
}

/// Does `story` again and again, each time with a process that dies one point later, until it survives the whole
/// story. The story gets crash points for its first process, must carry on with a second one, and checks its world
/// itself. Returns how many points there were.
pub async fn survives_a_crash_at_every_point(story: impl AsyncFn(SharedCrashPoints) -> Result<()>) -> Result<usize> {
    for point in 0..MOST_POINTS {
        let crash = CrashAt::after(point);
        let points: SharedCrashPoints = crash.clone();
        story(points)
            .await
            .map_err(|error| error.context(format!("after a crash at point {point}")))?;
        if !crash.has_crashed() {
            ensure!(point > 0, "the story passes no crash point");
            return Ok(point);
        }
    }
    anyhow::bail!("the story never ends")
}
