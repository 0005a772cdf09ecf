//! When credentials were last used: noted beside the calls, at most once a minute for each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use store::{Store, StoreError};
use tokio_util::task::TaskTracker;

use crate::{GrantId, TokenId, rows};

const RESOLUTION: SignedDuration = SignedDuration::from_mins(1);

/// More than this and the oldest knowledge is thrown away; the price is a few notes too many.
const MOST_NOTED: usize = 100_000;

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Used {
    Grant(GrantId),
    Token(TokenId),
}

/// Notes uses. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Usage {
    store: Store,
    tracker: TaskTracker,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    noted: HashMap<Used, Timestamp>,
    waiting: Vec<(Used, Timestamp)>,
    writing: bool,
}

impl Usage {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            tracker: TaskTracker::new(),
            state: Arc::default(),
        }
    }

    /// `what` is used now; `stored` is when the database last heard of it.
    pub(crate) fn note(&self, what: Used, stored: Option<Timestamp>) {
        let now = self.store.now();
        let recent = |at: Timestamp| now.duration_since(at) < RESOLUTION;
        let mut state = self.state();
        let known = state.noted.get(&what).copied().max(stored);
        if known.is_some_and(recent) {
            return;
        }
        if state.noted.len() >= MOST_NOTED {
            state.noted.clear();
        }
        state.noted.insert(what, now);
        state.waiting.push((what, now));
        if !state.writing {
            state.writing = true;
            let usage = self.clone();
            self.tracker.spawn(async move { usage.write().await });
        }
    }

    /// Waits until every use is written.
    pub(crate) async fn settle(&self) {
        self.tracker.close();
        self.tracker.wait().await;
        self.tracker.reopen();
    }

    /// One writer at a time takes all that has come together meanwhile.
    async fn write(&self) {
        loop {
            let uses = {
                let mut state = self.state();
                state.writing = !state.waiting.is_empty();
                std::mem::take(&mut state.waiting)
            };
            if uses.is_empty() {
                return;
            }
            if let Err(error) = self.write_all(&uses).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the last use of some credentials was not noted"
                );
            }
        }
    }

    async fn write_all(&self, uses: &[(Used, Timestamp)]) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        for (what, at) in uses {
            match what {
                Used::Grant(grant) => rows::grant::used(&mut tx, *grant, *at).await?,
                Used::Token(token) => rows::token::used(&mut tx, *token, *at).await?,
            }
        }
        tx.commit().await
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
